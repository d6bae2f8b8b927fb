import { existsSync } from 'node:fs';
import type { RestartRecord } from '../core/instance/instance.ts';
import { isoTimeOrNull } from '../core/schedule/iso-time.ts';
import type { InstanceConfig, Config } from '../config/config.ts';
import { loadConfig } from '../config/load.ts';
import { closeAccounts, openAccounts } from '../assembly/accounts.ts';
import { openStoreFor, storeInMemory } from '../assembly/state.ts';
import { watchdogParts } from '../assembly/watch-parts.ts';
import { Masks } from '../redaction/masks.ts';
import { Watchdog } from '../runtime/watchdog.ts';
import type { RequestedRestart } from '../runtime/watch-control.ts';
import { StoreError, type StateStore } from '../store/store.ts';
import type { Clock } from '../time/clock.ts';
import { WallClock } from '../time/wall-clock.ts';
import { chooseInstances } from './choose-instances.ts';
import { daemonUrl, userOf } from './daemon/connect.ts';
import { DaemonClient, type WhyNotMade } from './daemon/daemon-client.ts';
import { speechFor, type Speech } from './speech.ts';
import { CommandError, printableJson, type ExitCode, type Terminal } from './terminal.ts';

interface RestartOptions {
  readonly config: string;
  readonly json: boolean;
  readonly force: boolean;
  /** Of the running daemon, which then makes the call in any case; by default where the config lets it listen. */
  readonly url?: string;
}

/**
 * One restart call now. A running daemon makes it, so that its cooldowns and budgets apply. Without one, those of the
 * stored state apply, and the call is saved there for the next daemon.
 */
export async function restart(name: string, options: RestartOptions, terminal: Terminal): Promise<ExitCode> {
  const config = await loadConfig(options.config, terminal.env);
  const speech = speechFor(terminal, config.lang);
  const [chosen] = chooseInstances(config.instances, [name]);
  if (chosen === undefined) throw new Error(`${name} was found, but is missing`);
  const store = options.url === undefined ? await storedState(chosen.account, config, terminal.clock) : 'in use';
  const result =
    store === 'in use'
      ? await restartByDaemon(chosen, config, options, terminal, speech)
      : await restartHere(chosen, config, store, options, terminal, speech);
  return print(chosen, result, options, terminal, speech);
}

/** How the call ended, or why there was none. */
type Result =
  | Pick<RestartRecord, 'outcome' | 'httpStatus' | 'body'>
  | { readonly holds: readonly string[]; readonly reason: string };

async function restartHere(
  chosen: InstanceConfig,
  config: Config,
  store: StateStore,
  { force }: RestartOptions,
  terminal: Terminal,
  speech: Speech,
): Promise<Result> {
  const accounts = openAccounts(config, { clock: terminal.clock, masks: new Masks(() => config.secrets) });
  try {
    const wall = new WallClock(terminal.clock);
    const parts = { clock: terminal.clock, wall, store, accounts, publish: () => undefined };
    const watchdog = await Watchdog.load(watchdogParts({ ...config, instances: [chosen] }, parts));
    const instance = watchdog.fleet.instances.get(chosen.name);
    if (instance === undefined) throw new Error(`${chosen.name} is configured, but not watched`);
    const request = { trigger: 'cli', requestedBy: null, force } as const;
    const answer = await watchdog.control.requestRestart(instance, request);
    terminal.stop.addEventListener('abort', () => void watchdog.stop(), { once: true });
    const record = await answer.ended;
    await watchdog.stop();
    return record ?? notMadeBecause(chosen.name, answer, speech);
  } finally {
    await closeAccounts(accounts);
    await store.close();
  }
}

/** The stored state if there is one; without one this call leaves no trace. */
async function storedState(account: string, config: Config, clock: Clock): Promise<StateStore | 'in use'> {
  const { path } = config.state;
  if (path !== null && path !== ':memory:' && !existsSync(path)) return storeInMemory();
  try {
    return await openStoreFor(account, config, clock);
  } catch (error) {
    if (error instanceof StoreError && error.kind === 'locked') return 'in use';
    throw error;
  }
}

async function restartByDaemon(
  { name, policy }: InstanceConfig,
  config: Config,
  { url, force }: RestartOptions,
  terminal: Terminal,
  speech: Speech,
): Promise<Result> {
  const { token } = config.api;
  if (token === null) {
    const which = url === undefined ? 'a daemon is running, but' : `the daemon at ${url}`;
    throw new CommandError(
      `${which} accepts no calls because the config sets no api.token. Set one, or leave ${name} to it.`,
    );
  }
  const { timeout, retries } = policy.restart;
  const client = new DaemonClient(terminal, daemonUrl(url, config), token);
  const requestedBy = userOf(terminal.env);
  const answer = await client.restart(name, { force, requestedBy }, timeout * (1 + retries));
  if ('outcome' in answer) return answer;
  return { holds: answer.held.map(({ hold }) => hold), reason: whyNotMade(name, answer, speech) };
}

function print(
  { name, account, phoneNumberId }: InstanceConfig,
  result: Result,
  { json }: RestartOptions,
  terminal: Terminal,
  { cli, words }: Speech,
): ExitCode {
  const { outcome, httpStatus, body } = 'outcome' in result ? result : { outcome: null, httpStatus: null, body: null };
  const why = 'reason' in result ? result : null;
  if (json) {
    terminal.write(`${printableJson({ name, account, phoneNumberId, outcome, httpStatus, body, ...why })}\n`);
  } else if (why !== null) {
    terminal.writeError(`${why.reason}\n`);
  } else if (outcome !== null) {
    const status = httpStatus === null ? cli.operate.noAnswer : `HTTP ${httpStatus}`;
    terminal.writeError(`${name}: ${words.outcomes[outcome]} (${status})\n`);
    if (body !== null) terminal.write(`${printableJson(body, 2)}\n`);
  }
  return outcome === 'accepted' ? 0 : 1;
}

function notMadeBecause(name: string, { held, skipped, failed }: RequestedRestart, speech: Speech): Result {
  const holds = held.map(({ hold }) => hold);
  if (failed !== null) return { holds, reason: speech.cli.operate.notRestarted(name, failed) };
  const ends = held.map(({ hold, until }) => ({ hold, until: isoTimeOrNull(until) }));
  return { holds, reason: whyNotMade(name, { held: ends, skipped }, speech) };
}

/** Skips that force overrides. */
const FORCIBLE: ReadonlySet<string> = new Set(['needs_human', 'disabled']);

/** Why a restart was not made, and whether an option of the command would have it made. */
function whyNotMade(name: string, { held, skipped }: WhyNotMade, { cli: { operate }, words, formats }: Speech): string {
  const time = (iso: string): string => formats.time(Date.parse(iso));
  const holds = held.map(({ hold, until }) => (until === null ? hold : operate.holdUntil(hold, time(until))));
  const skips: Readonly<Record<string, string | undefined>> = words.skips;
  const why = skipped === null ? operate.heldBy(holds.join(', ')) : (skips[skipped] ?? skipped);
  const forcible = skipped === null ? !held.some(({ hold }) => hold === 'dry_run') : FORCIBLE.has(skipped);
  return operate.notRestarted(name, forcible ? `${why}. ${operate.forceRestarts}` : why);
}
