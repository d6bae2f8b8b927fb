import type { Cadence } from '../core/policy.ts';
import type { Config, InstanceConfig } from '../config/config.ts';
import { formatDuration } from '../core/schedule/duration.ts';
import { loadConfig } from '../config/load.ts';
import { addressOf } from '../http/server.ts';
import { systemClock } from '../time/clock.ts';
import { namingColumns, speechFor, type Speech } from './speech.ts';
import { renderTable, type ExitCode, type Terminal } from './terminal.ts';

/** Longer lists are cut, because a reader does not check them one by one. */
const ROWS = 100;

/** Validates the config and prints what would be watched; problems are thrown as a ConfigError. */
export async function check(options: { config: string }, terminal: Terminal): Promise<ExitCode> {
  const config = await loadConfig(options.config, terminal.env, systemClock().wall());
  const speech = speechFor(terminal, config.lang);
  const { cli, count } = speech;
  const { instances, warnings } = config;
  const shown = instances.slice(0, ROWS);
  const naming = namingColumns(shown, speech);
  const { name, account, phoneNumberId, probed, downAfter, restarted } = cli.columns;
  const head = [name, ...naming.map((column) => column.head), account, phoneNumberId, probed, downAfter, restarted];
  const rows = shown.map((instance) => [
    instance.name,
    ...naming.map(({ cell }) => cell(instance)),
    instance.account,
    instance.phoneNumberId,
    ...policyCells(instance, config, speech),
  ]);
  terminal.write(renderTable(head, rows));
  if (instances.length > ROWS) terminal.write(`${cli.more(count(instances.length - ROWS))}\n`);
  for (const { name: finder, discover } of config.accounts.values()) {
    if (discover === null) continue;
    terminal.write(`${cli.check.discovers(finder, discover.match, formatDuration(discover.every))}\n`);
  }
  terminal.write(`\n${cli.check.good(options.config)} ${summary(config, speech)}\n`);
  if (warnings.length > 0) terminal.write(`\n${cli.check.pleaseLook}\n${speech.problems(warnings)}\n`);
  return 0;
}

function policyCells(
  { enabled, policy: { probe, restart } }: InstanceConfig,
  { dryRun }: Config,
  { cli: { check: words }, count }: Speech,
): string[] {
  if (!enabled) return [words.disabled, '', ''];
  const { budget, cooldown, schedule } = restart;
  const automatic = restart.enabled
    ? words.automatic(formatDuration(cooldown), count(budget.restarts), formatDuration(budget.per))
    : words.onRequest;
  const planned = schedule === null ? '' : `; ${words.planned(schedule.expression)}`;
  const restarted = dryRun ? words.never : `${automatic}${planned}`;
  return [cadence(probe.cadence, words), words.failures(count(probe.failureThreshold)), restarted];
}

function cadence(cadence: Cadence, { every }: Speech['cli']['check']): string {
  return cadence.type === 'every'
    ? every(formatDuration(cadence.every))
    : `${cadence.cron.expression} (${cadence.cron.timezone})`;
}

function summary({ accounts, instances, listen, state }: Config, { cli: { check: words }, count }: Speech): string {
  const disabled = instances.filter(({ enabled }) => !enabled).length;
  const total = words.summary(count(instances.length), count(accounts.size));
  const left = disabled > 0 ? `, ${words.disabledCount(count(disabled))}` : '';
  return `${total}${left}; ${words.listens(addressOf(listen.host, listen.port))}; ${words.stateIn(placeOf(state))}`;
}

/** Neither user nor password of a database. */
function placeOf({ path, database }: Config['state']): string {
  if (database === null) return path;
  return `PostgreSQL at ${database.hosts.map(({ host, port }) => `${host}:${port}`).join(', ')}, database ${database.database}`;
}
