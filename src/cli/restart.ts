import { existsSync } from 'node:fs';
import type { RestartRecord } from '../core/instance/instance.ts';
import { isoTimeOrNull } from '../core/schedule/iso-time.ts';
import type { InstanceConfig, Config } from '../config/config.ts';
import { loadConfig } from '../config/load.ts';
import { closeAccounts, openAccounts } from '../assembly/accounts.ts';
import { openStoreFor, storeInMemory } from '../assembly/state.ts';
import { watchdogParts } from '../assembly/watch-parts.ts';
import { urlOf } from '../http/server.ts';
import { Masks } from '../redaction/masks.ts';
import { Watchdog } from '../runtime/watchdog.ts';
import type { RequestedRestart } from '../runtime/watch-control.ts';
import { StoreError, type StateStore } from '../store/store.ts';
import type { Clock } from '../time/clock.ts';
import { WallClock } from '../time/wall-clock.ts';
import { chooseInstances } from './choose-instances.ts';
import { DaemonClient } from './daemon/daemon-client.ts';
import { speechFor, type Speech } from './speech.ts';
import { whyNotMade } from './why-not.ts';
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
  if (options.url !== undefined) return await restartByDaemon(chosen, config, options, terminal);
  const store = await storedState(chosen.account, config, terminal.clock);
  if (store === 'in use') return await restartByDaemon(chosen, config, options, terminal);
  const accounts = openAccounts(config, { clock: terminal.clock, masks: new Masks(() => config.secrets) });
  try {
    const wall = new WallClock(terminal.clock);
    const parts = { clock: terminal.clock, wall, store, accounts, publish: () => undefined };
    const watchdog = await Watchdog.load(watchdogParts({ ...config, instances: [chosen] }, parts));
    const instance = watchdog.fleet.instances.get(chosen.name);
    if (instance === undefined) throw new Error(`${name} is configured, but not watched`);
    const request = { trigger: 'cli', requestedBy: null, force: options.force } as const;
    const answer = await watchdog.control.requestRestart(instance, request);
    terminal.stop.addEventListener('abort', () => void watchdog.stop(), { once: true });
    const record = await answer.ended;
    await watchdog.stop();
    return print(
      chosen,
      record,
      record === null ? notMadeBecause(name, answer, speech) : null,
      options,
      terminal,
      speech,
    );
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
  instance: InstanceConfig,
  { api, listen, lang }: Config,
  options: RestartOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  if (api.token === null) {
    const which = options.url === undefined ? 'a daemon is running, but' : `the daemon at ${options.url}`;
    throw new CommandError(
      `${which} accepts no calls because the config sets no api.token. Set one, or leave ${instance.name} to it.`,
    );
  }
  if (options.url === undefined && listen.port === 0) {
    throw new CommandError('the config lets the daemon listen on any port: give its address with --url');
  }
  const { timeout, retries } = instance.policy.restart;
  const requestedBy = terminal.env['USER'] ?? terminal.env['LOGNAME'];
  const client = new DaemonClient(terminal, options.url ?? urlOf(listen), api.token);
  const speech = speechFor(terminal, lang);
  const answer = await client.restart(instance.name, { force: options.force, requestedBy }, timeout * (1 + retries));
  if (answer.made) return print(instance, answer.restart, null, options, terminal, speech);
  const words = whyNotMade(instance.name, answer.why, speech);
  return print(instance, null, { holds: answer.why.held.map(({ hold }) => hold), words }, options, terminal, speech);
}

/** Why there was no call. */
interface NotMade {
  readonly holds: readonly string[];
  readonly words: string;
}

function print(
  { name, account, phoneNumberId }: InstanceConfig,
  record: Pick<RestartRecord, 'outcome' | 'httpStatus' | 'body'> | null,
  notMade: NotMade | null,
  options: RestartOptions,
  terminal: Terminal,
  { cli, words }: Speech,
): ExitCode {
  const { outcome, httpStatus, body } = record ?? { outcome: null, httpStatus: null, body: null };
  if (options.json) {
    const why = notMade === null ? {} : { holds: notMade.holds, reason: notMade.words };
    terminal.write(`${printableJson({ name, account, phoneNumberId, outcome, httpStatus, body, ...why })}\n`);
  } else if (notMade !== null) {
    terminal.writeError(`${notMade.words}\n`);
  } else if (outcome !== null) {
    const status = httpStatus === null ? cli.operate.noAnswer : `HTTP ${httpStatus}`;
    terminal.writeError(`${name}: ${words.outcomes[outcome]} (${status})\n`);
    if (body !== null) terminal.write(`${printableJson(body, 2)}\n`);
  }
  return outcome === 'accepted' ? 0 : 1;
}

function notMadeBecause(name: string, { held, skipped, failed }: RequestedRestart, speech: Speech): NotMade {
  const holds = held.map(({ hold }) => hold);
  if (failed !== null) return { holds, words: speech.cli.operate.notRestarted(name, failed) };
  const ends = held.map(({ hold, until }) => ({ hold, until: isoTimeOrNull(until) }));
  return { holds, words: whyNotMade(name, { held: ends, skipped }, speech) };
}
