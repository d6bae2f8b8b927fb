import { readFile } from 'node:fs/promises';
import type { Config } from '../config/config.ts';
import { formatDuration } from '../core/schedule/duration.ts';
import { loadConfig } from '../config/load.ts';
import type { FleetEvent } from '../core/event.ts';
import { MINUTE, SECOND, type DurationMs, type EpochMs } from '../core/time.ts';
import { closeAccounts, openAccounts } from '../assembly/accounts.ts';
import { openStore } from '../assembly/state.ts';
import { WallClock } from '../time/wall-clock.ts';
import { watchdogParts } from '../assembly/watch-parts.ts';
import { Account } from '../runtime/fleet/fleet.ts';
import { Watchdog } from '../runtime/watchdog.ts';
import { Chance } from '../simulation/chance.ts';
import { parseScenario, type Scenario } from '../simulation/scenario.ts';
import { SimulatedClock } from '../simulation/simulated-clock.ts';
import { ScenarioPlayer } from '../simulation/scenario-player.ts';
import { lineOf } from '../telemetry/log/event-line.ts';
import { renderTable, UsageError, type ExitCode, type Terminal } from './terminal.ts';

interface Played {
  readonly events: readonly FleetEvent[];
  readonly downtime: ReadonlyMap<string, DurationMs>;
  readonly startedAt: EpochMs;
}

/** Events that do not matter when trying out a policy. */
const LEFT_OUT: ReadonlySet<FleetEvent['type']> = new Set<FleetEvent['type']>(['probe_finished', 'stable']);
/** The timeline is cut here; the table below it counts everything. */
const MOST_LINES = 500;
/** Time is simulated in pieces, so that the user can stop it in between. */
const PIECE: DurationMs = 10 * MINUTE;

/**
 * Runs the user's policy against a scenario on a simulated clock, and shows what would have happened. No gateway is
 * called, and no state is read or written.
 */
export async function simulate(options: { config: string; scenario: string }, terminal: Terminal): Promise<ExitCode> {
  const config = await loadConfig(options.config, terminal.env);
  const scenario = await loadScenario(options.scenario, config);
  const played = await play(config, scenario, terminal.stop);
  terminal.write(`${timeline(played)}\n${summary(config, played)}`);
  return 0;
}

async function loadScenario(file: string, config: Config): Promise<Scenario> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new UsageError(`${file}: cannot be read (${String(error)}). Check the path given with --scenario.`);
  });
  const scenario = parseScenario(text);
  if (!('happenings' in scenario)) {
    throw new UsageError(scenario.map(({ line, message }) => `${file}:${line}: ${message}`).join('\n'));
  }
  const names = new Set(config.instances.map(({ name }) => name));
  const unknown = scenario.happenings.flatMap((happening) => {
    if (!('who' in happening) || happening.who.type !== 'one' || names.has(happening.who.name)) return [];
    const { name } = happening.who;
    return [
      `${file}:${happening.line}: there is no instance ${name}. Use a name of the config, \`all\`, \`any\` or a share like 50%.`,
    ];
  });
  if (unknown.length > 0) throw new UsageError(unknown.join('\n'));
  return scenario;
}

/** The watchdog as the daemon assembles it, except for gateways, clock and store. */
async function play(config: Config, scenario: Scenario, stop: AbortSignal): Promise<Played> {
  const chance = new Chance(scenario.seed);
  const clock = new SimulatedClock(undefined, chance.fork());
  const startedAt = clock.now();
  const stage = new ScenarioPlayer(config.instances, scenario, { clock, chance });
  const events: FleetEvent[] = [];
  const opened = openAccounts(config, clock);
  try {
    const parts = watchdogParts(config, {
      clock,
      wall: new WallClock(clock),
      store: await openStore(':memory:'),
      accounts: opened.map((account) => onStage(account, stage)),
      publish: (event) => {
        if (!LEFT_OUT.has(event.type)) events.push(event);
      },
    });
    const watchdog = await Watchdog.load({ ...parts, reach: () => Promise.resolve(stage.networkUp) });
    watchdog.start();
    for (let left = scenario.lasts; left > 0 && !stop.aborted; left -= PIECE) await clock.run(Math.min(left, PIECE));
    const downtime = stage.downtime();
    const stopped = watchdog.stop();
    await clock.run(MINUTE);
    await stopped;
    return { events: events.filter(({ at }) => at <= startedAt + scenario.lasts), downtime, startedAt };
  } finally {
    await closeAccounts(opened);
  }
}

function onStage(account: Account, stage: ScenarioPlayer): Account {
  const { name, origin, gatewayName, requests, restartLimits, requestsPerSecond } = account;
  const gateway = stage.gateways.get(name) ?? account.gateway;
  return new Account({ name, origin, gatewayName, gateway, requests, restartLimits, requestsPerSecond });
}

function timeline({ events, startedAt }: Played): string {
  const lines = events.slice(0, MOST_LINES).map((event) => {
    const after = formatDuration(Math.round((event.at - startedAt) / SECOND) * SECOND);
    return `${after.padStart(9)}  ${lineOf(event).msg}\n`;
  });
  if (events.length > MOST_LINES) lines.push(`           … and ${events.length - MOST_LINES} more\n`);
  return lines.length === 0 ? 'Nothing happened.\n' : lines.join('');
}

function summary(config: Config, { events, downtime }: Played): string {
  const rows = config.instances.map(({ name }) => {
    const own = events.filter((event) => 'name' in event && event.name === name);
    const count = (type: FleetEvent['type']): string => String(own.filter((event) => event.type === type).length);
    const holds = new Set(own.flatMap((event) => (event.type === 'restart_held' ? [event.hold] : [])));
    const down = formatDuration(Math.round((downtime.get(name) ?? 0) / SECOND) * SECOND);
    return [name, down, count('restart_started'), count('healed'), [...holds].join(', ')];
  });
  return renderTable(['NAME', 'DOWN FOR', 'RESTARTS', 'HEALED', 'HELD BACK BY'], rows);
}
