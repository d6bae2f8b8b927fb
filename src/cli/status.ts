import pc from 'picocolors';
import { remedyFor } from '../core/remedy.ts';
import { PHASES } from '../core/instance/instance.ts';
import type { InstanceView, StatusView } from '../http/views/schemas.ts';
import { DaemonClient, tokenFor } from './daemon-client.ts';
import { printableJson, renderTable, type ExitCode, type Terminal } from './terminal.ts';

/** Longer lists are cut to the instances that are not healthy. */
const ROWS = 200;

/** The fleet of a running daemon. Ends with 1 when an instance is not healthy, or an account needs a person. */
export async function status(
  options: { url: string; json: boolean; tokenFile?: string },
  terminal: Terminal,
): Promise<ExitCode> {
  const client = new DaemonClient(terminal, options.url, await tokenFor(options.tokenFile, terminal.env));
  const [whole, instances] = await Promise.all([client.status(), client.instances()]);
  if (options.json) {
    terminal.write(`${printableJson({ status: whole, instances, total: instances.length }, 2)}\n`);
  } else {
    terminal.write(asTable(instances));
    terminal.write(`\n${summary(whole).join('\n')}\n`);
  }
  const isWell = whole.accounts.every(({ harmful, blind, refused }) => !harmful && !blind && refused === null);
  return isWell && instances.every(({ enabled, phase }) => !enabled || phase === 'healthy') ? 0 : 1;
}

function asTable(instances: readonly InstanceView[]): string {
  const notHealthy = instances.filter(({ phase }) => phase !== 'healthy');
  const shown = (instances.length > ROWS ? notHealthy : instances).slice(0, ROWS);
  const rows = shown.map(({ name, account, enabled, phase, since, lastProbe, restart, remedy, blindSince }) => [
    name,
    account,
    enabled ? phase : 'disabled',
    since,
    lastProbe === null ? '' : lastProbe.cause,
    String(restart.attempt),
    [restart.holds.join(', '), blindSince === null ? '' : `nothing known since ${blindSince}`, remedy ?? '']
      .filter((text) => text !== '')
      .join(' — '),
  ]);
  const table = renderTable(['NAME', 'ACCOUNT', 'PHASE', 'SINCE', 'LAST PROBE', 'ATTEMPT', 'HELD BY, REMEDY'], rows);
  return shown.length < instances.length ? `${table}… and ${instances.length - shown.length} more\n` : table;
}

/** What affects more than single instances, worst first. */
function summary(whole: StatusView): string[] {
  const { instances, accounts, ownNetwork, config, dryRun, durable, stateTrouble, unsaved, version } = whole;
  const counts = PHASES.filter((phase) => instances.byPhase[phase] > 0).map(
    (phase) => `${instances.byPhase[phase]} ${phase}`,
  );
  const warnings = [
    ownNetwork.up ? [] : ['the own network of the watchdog is down: nothing is restarted'],
    accounts
      .filter(({ gatewayOutage }) => gatewayOutage)
      .map(({ name }) => `gateway outage: all restarts of ${name} are held`),
    accounts
      .filter(({ harmful }) => harmful)
      .map(
        ({ name }) =>
          `restarts did harm: all of ${name} are held until a person has looked and calls smileapi-watchdog release ${name}`,
      ),
    accounts.filter(({ blind }) => blind).map(({ name }) => `blind: nothing is known of most instances of ${name}`),
    accounts.flatMap(({ name, refused }) =>
      refused === null ? [] : [`${name} is refused (${refused}): ${remedyFor(refused) ?? ''}`],
    ),
    accounts.filter(({ storm }) => storm).map(({ name }) => `storm: most restarts of ${name} are held`),
    config.lastReloadSuccessful ? [] : ['the config could not be reloaded: the previous one stays in use'],
    config.waitingForRestart.length === 0
      ? []
      : [`new values wait for a restart: ${config.waitingForRestart.join(', ')}`],
    stateTrouble === null ? [] : [`not durable, so nothing is restarted: ${stateTrouble}`],
    durable || stateTrouble !== null ? [] : ['the state does not survive the process (state.path is :memory:)'],
    unsaved === 0 ? [] : [`the state of ${unsaved} instances could not be saved`],
    dryRun ? ['dry run: nothing is restarted'] : [],
  ].flat();
  const total = `${instances.total} instances: ${counts.join(', ') || 'none is watched'}; smileapi-watchdog ${version}`;
  return [...warnings.map((warning) => pc.yellow(warning)), total];
}
