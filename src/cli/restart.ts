import { access } from 'node:fs/promises';
import { isoTime } from '../core/iso-time.ts';
import type { RestartRecord } from '../core/instance.ts';
import type { InstanceConfig, Config } from '../config/config.ts';
import { loadConfig } from '../config/load.ts';
import { closeAccounts, openAccounts, openStore, watchParts } from '../daemon.ts';
import { Watch, type RequestedRestart } from '../runtime/watch.ts';
import { StoreError, type StateStore } from '../store/store.ts';
import { chooseInstances } from './choose-instances.ts';
import type { ExitCode, Terminal } from './terminal.ts';

interface RestartOptions {
  readonly config: string;
  readonly json: boolean;
  readonly force: boolean;
}

/**
 * One restart call now. Where a state is stored, its cooldown and budget hold for this call too, and it is written
 * down there, so that the daemon knows of it.
 */
export async function restart(name: string, options: RestartOptions, terminal: Terminal): Promise<ExitCode> {
  const config = await loadConfig(options.config, terminal.env);
  const [instance] = chooseInstances(config.instances, [name]);
  if (instance === undefined) throw new Error(`${name} was found, but is not there`);
  const store = await storedState(config, options.force);
  const accounts = openAccounts(config, terminal.clock);
  try {
    const parts = { clock: terminal.clock, store, accounts, publish: () => undefined };
    const watch = await Watch.load(watchParts({ ...config, instances: [instance] }, parts));
    const watched = watch.fleet.instances.get(instance.name);
    if (watched === undefined) throw new Error(`${name} is configured, but not watched`);
    const request = { trigger: 'cli', requestedBy: null, force: options.force } as const;
    const answer = await watch.requestRestart(watched, request);
    terminal.stop.addEventListener('abort', () => void watch.stop(), { once: true });
    const record = await answer.ended;
    await watch.stop();
    print(instance, answer, record, options, terminal);
    return record?.outcome === 'accepted' ? 0 : 1;
  } finally {
    await closeAccounts(accounts);
    await store.close();
  }
}

/** The state on disk if there is one; without one this call leaves no trace. */
async function storedState(config: Config, force: boolean): Promise<StateStore> {
  const { path } = config.state;
  if (path === ':memory:' || !(await exists(path))) return await openStore(':memory:');
  try {
    return await openStore(path);
  } catch (error) {
    if (!(error instanceof StoreError) || error.kind !== 'locked') throw error;
    if (force) return await openStore(':memory:');
    throw new StoreError(
      'locked',
      `A daemon is using the state in ${path} and heals this instance by itself. ` +
        'To call the gateway all the same, outside of its cooldown and budget, add --force.',
      { cause: error },
    );
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    return false;
  }
}

function print(
  { name, account, phoneNumberId }: InstanceConfig,
  answer: RequestedRestart,
  record: RestartRecord | null,
  options: RestartOptions,
  terminal: Terminal,
): void {
  const { outcome, httpStatus, body } = record ?? { outcome: null, httpStatus: null, body: null };
  if (options.json) {
    const holds = answer.held.map(({ hold }) => hold);
    const reason = record === null ? { holds, reason: whyNot(answer) } : {};
    terminal.write(`${JSON.stringify({ name, account, phoneNumberId, outcome, httpStatus, body, ...reason })}\n`);
  } else if (record === null) {
    terminal.writeError(`${name} was not restarted: ${whyNot(answer)}\n`);
  } else {
    const status = httpStatus === null ? 'no answer' : `HTTP ${httpStatus}`;
    terminal.writeError(`${name}: ${String(outcome)} (${status})\n`);
    if (body !== null) terminal.write(`${JSON.stringify(body, null, 2)}\n`);
  }
}

function whyNot({ held, skipped, failed }: RequestedRestart): string {
  if (failed !== null) return failed;
  if (skipped === 'needs_human')
    return 'a restart cannot cure it, somebody must look at it. --force restarts it anyway';
  if (skipped !== null) return 'a restart was made just now and is given time to help';
  const words = held.map(({ hold, until }) => (until === null ? hold : `${hold} until ${isoTime(until)}`));
  return `held by ${words.join(', ')}. --force restarts it anyway`;
}
