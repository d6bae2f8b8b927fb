import type { Cadence } from '../core/policy.ts';
import type { Config, InstanceConfig } from '../config/config.ts';
import { formatDuration } from '../core/schedule/duration.ts';
import { loadConfig } from '../config/load.ts';
import { formatProblems } from '../core/problem.ts';
import { addressOf } from '../http/server.ts';
import { renderTable, type ExitCode, type Terminal } from './terminal.ts';

/** Longer lists are cut, because a reader does not check them one by one. */
const ROWS = 100;

/** Validates the config and prints what would be watched; problems are thrown as a ConfigError. */
export async function check(options: { config: string }, terminal: Terminal): Promise<ExitCode> {
  const config = await loadConfig(options.config, terminal.env);
  const { instances } = config;
  const rows = instances.slice(0, ROWS).map((instance) => instanceRow(instance, config));
  terminal.write(renderTable(['NAME', 'ACCOUNT', 'PHONE NUMBER ID', 'PROBED', 'DOWN AFTER', 'RESTARTED'], rows));
  if (instances.length > ROWS) terminal.write(`… and ${instances.length - ROWS} more\n`);
  terminal.write(`\n${options.config}: good. ${summary(config)}\n`);
  if (config.warnings.length > 0) terminal.write(`\nPlease look at:\n${formatProblems(config.warnings)}\n`);
  return 0;
}

function instanceRow({ name, account, phoneNumberId, enabled, policy }: InstanceConfig, config: Config): string[] {
  const { probe, restart } = policy;
  const { budget } = restart;
  const automatic = restart.enabled
    ? `at the earliest after ${formatDuration(restart.cooldown)}, ${budget.restarts} per ${formatDuration(budget.per)}`
    : 'only on request';
  const planned = restart.schedule === null ? '' : `; planned ${restart.schedule.expression}`;
  const restarted = config.dryRun ? 'never (dryRun)' : `${automatic}${planned}`;
  return enabled
    ? [name, account, phoneNumberId, cadence(probe.cadence), `${probe.failureThreshold} failures`, restarted]
    : [name, account, phoneNumberId, 'no (disabled)', '', ''];
}

function cadence(cadence: Cadence): string {
  return cadence.type === 'every'
    ? `every ${formatDuration(cadence.every)}`
    : `${cadence.cron.expression} (${cadence.cron.timezone})`;
}

function summary({ accounts, instances, listen, state }: Config): string {
  const disabled = instances.filter(({ enabled }) => !enabled).length;
  const total = `${counted(instances.length, 'instance')} in ${counted(accounts.size, 'account')}`;
  return `${total}${disabled > 0 ? `, ${disabled} disabled` : ''}; listens on ${addressOf(listen.host, listen.port)}; state in ${placeOf(state)}`;
}

/** Neither user nor password of a database. */
function placeOf({ path, database }: Config['state']): string {
  if (database === null) return path;
  return `PostgreSQL at ${database.hosts.map(({ host, port }) => `${host}:${port}`).join(', ')}, database ${database.database}`;
}

function counted(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? '' : 's'}`;
}
