import { isDeepStrictEqual } from 'node:util';
import type { ReloadOutcome, ReloadReason } from '../core/reload.ts';
import type { Config } from '../config/config.ts';
import { waitingForRestart } from '../config/reload/restart-only-keys.ts';
import { fingerprintOf, foldersOf } from '../config/reload/fingerprint.ts';
import { joinInputs, type ConfigInputs } from '../config/inputs.ts';
import { ConfigError } from '../config/problems.ts';
import { ChangeWatcher } from './change-watcher.ts';
import { SECOND, type DurationMs } from '../core/time.ts';
import { sleep, type Clock } from '../time/clock.ts';
import type { Reloaded } from '../runtime/reconcile/apply-reload.ts';

type Loaded = { readonly config: Config } | { readonly error: unknown };

/** What was read, and the fingerprint of it; null: it was not read again, because it is what was read last. */
interface Reading {
  readonly fingerprint: string;
  readonly loaded: Loaded | null;
}

/** Files are read once they have stayed the same for this long: somebody may be writing them just now. */
const REST: DurationMs = SECOND;
/** A reload waits no longer than this for the files to come to rest. */
const LONGEST_UNREST: DurationMs = 30 * SECOND;
/** Files may come to include others, or change, during a read. */
const MOST_READS = 5;

const KEEPS_CHANGING = 'the files of the config keep changing, so they are not read';

const NOTHING_CHANGED: ReloadOutcome = {
  ...{ ok: true, added: 0, removed: 0, changed: 0, changedAccounts: 0, waitingForRestart: [] },
};

export interface ReloaderParts {
  readonly clock: Clock;
  /** The config of the start. */
  readonly config: Config;
  /** Reads and checks the whole config again; stops when the signal aborts. */
  readonly load: (signal: AbortSignal) => Promise<Config>;
  /**
   * Prepares everything, then swaps all at once; or throws and changes nothing. `force`: also what would take most of
   * the fleet away.
   */
  readonly apply: (config: Config, force: boolean) => Reloaded | Promise<Reloaded>;
  /** Called when a reload begins and when it is over, successful or not. */
  readonly onReloading?: (reloading: boolean) => void;
  /** Receives the outcome of each reload. */
  readonly onEnd: (outcome: ReloadOutcome, reason: ReloadReason, error: unknown) => void;
}

/** Reads the config again on request and when its files have changed, one reload after the other. */
export class Reloader {
  private readonly parts: ReloaderParts;
  private readonly watcher: ChangeWatcher;
  /** What must be watched for changes: of the config in use, and of the last one that failed. */
  private inputs: ConfigInputs;
  private good: ConfigInputs;
  /** The last attempt. The same files give the same outcome, so repeated requests cost almost nothing. */
  private last: { readonly fingerprint: string; readonly outcome: ReloadOutcome } | null;
  private running: Promise<unknown> = Promise.resolve();
  private waiting: Promise<ReloadOutcome> | null = null;
  /** Somebody who waits takes the responsibility for a fleet that shrinks. */
  private force = false;
  private readonly closing = new AbortController();

  constructor(parts: ReloaderParts) {
    this.parts = parts;
    this.good = inputNames(parts.config);
    this.inputs = this.good;
    this.last = { fingerprint: parts.config.fingerprint, outcome: NOTHING_CHANGED };
    this.watcher = new ChangeWatcher({
      clock: parts.clock,
      fingerprint: () => fingerprintOf(this.inputs),
      folders: () => foldersOf(this.inputs),
      onChange: () => this.request('files'),
    });
  }

  /** Begins to watch the files. What has changed since they were read for the start is noticed as well. */
  async start(): Promise<void> {
    await this.watcher.start(this.parts.config.fingerprint);
  }

  /** Stops watching, begins no further reload, aborts reading, and waits for a reload under way. */
  async close(): Promise<void> {
    this.closing.abort();
    this.watcher.stop();
    await this.running;
  }

  /**
   * Reads the config again, once its files have come to rest. Requests during a reload are served after it, by one
   * further reload, because the running one may have read the files before they changed. Never rejects.
   *
   * @param force also what would take most of the fleet away
   */
  request(reason: ReloadReason, force = false): Promise<ReloadOutcome> {
    this.force ||= force;
    this.waiting ??= this.running.then(async () => {
      this.waiting = null;
      this.parts.onReloading?.(true);
      const outcome = await this.reload(reason, this.force);
      this.parts.onReloading?.(false);
      return outcome;
    });
    this.running = this.waiting;
    return this.waiting;
  }

  private async reload(reason: ReloadReason, force: boolean): Promise<ReloadOutcome> {
    this.force = false;
    const reading = await this.read(force);
    if (reading === null) return this.notRead(reason);
    const { fingerprint, loaded } = reading;
    this.watcher.accept(fingerprint);
    if (loaded === null) return this.repeat(this.last?.outcome ?? NOTHING_CHANGED, reason);
    const { outcome, error } = await this.swap(loaded, force);
    // A failure that does not come from the files may be gone at the next attempt.
    this.last = error === null || error instanceof ConfigError ? { fingerprint, outcome } : null;
    this.parts.onEnd(outcome, reason, error);
    return outcome;
  }

  /**
   * Reads everything as it is at rest. If the files change meanwhile, or others turn out to matter, all are read again.
   * Null: they did not come to rest, or this is closed.
   */
  private async read(force: boolean): Promise<Reading | null> {
    for (let left = MOST_READS; left > 0; left -= 1) {
      const before = this.inputs;
      const fingerprint = await this.fingerprintAtRest();
      if (fingerprint === null) return null;
      const isKnown = fingerprint === this.last?.fingerprint;
      if (isKnown && !(force && !this.last?.outcome.ok)) return { fingerprint, loaded: null };
      const loaded = await this.load();
      if (this.closing.signal.aborted) return null;
      if (!isDeepStrictEqual(inputNames(before), inputNames(this.inputs))) continue;
      if (fingerprint === (await fingerprintOf(this.inputs))) return { fingerprint, loaded };
    }
    return null;
  }

  /** Waits only for what is news; null: there was no rest in time, or this is closed. */
  private async fingerprintAtRest(): Promise<string | null> {
    const { clock } = this.parts;
    const { signal } = this.closing;
    const until = clock.now() + LONGEST_UNREST;
    let seen = await fingerprintOf(this.inputs);
    while (!signal.aborted && seen !== this.last?.fingerprint) {
      if (clock.now() >= until) return null;
      await sleep(clock, REST, signal);
      const before = seen;
      seen = await fingerprintOf(this.inputs);
      if (seen === before) break;
    }
    return signal.aborted ? null : seen;
  }

  private notRead(reason: ReloadReason): ReloadOutcome {
    if (this.closing.signal.aborted) return failure('', 'the watchdog is stopping');
    const outcome = failure(this.parts.config.files[0] ?? '', KEEPS_CHANGING);
    this.parts.onEnd(outcome, reason, null);
    return outcome;
  }

  private async load(): Promise<Loaded> {
    try {
      const config = await this.parts.load(this.closing.signal);
      this.good = inputNames(config);
      this.inputs = this.good;
      return { config };
    } catch (error) {
      if (error instanceof ConfigError) this.inputs = joinInputs(this.good, error.inputs);
      return { error };
    }
  }

  private async swap(
    loaded: Loaded,
    force: boolean,
  ): Promise<{ readonly outcome: ReloadOutcome; readonly error: unknown }> {
    const { config } = this.parts;
    const main = config.files[0] ?? '';
    try {
      if ('error' in loaded) throw loaded.error;
      const { added, removed, changed, changedAccounts } = await this.parts.apply(loaded.config, force);
      const waiting = waitingForRestart(config, loaded.config);
      const outcome = { ok: true, added, removed, changed, changedAccounts, waitingForRestart: waiting } as const;
      return { outcome, error: null };
    } catch (error) {
      if (error instanceof ConfigError) return { outcome: { ok: false, problems: error.problems }, error };
      return { outcome: failure(main, `it cannot be used: ${String(error)}`), error };
    }
  }

  /** The files are the same as at the last attempt, so the outcome is too, without anything left to change. */
  private repeat(last: ReloadOutcome, reason: ReloadReason): ReloadOutcome {
    const outcome = last.ok ? { ...last, added: 0, removed: 0, changed: 0, changedAccounts: 0 } : last;
    if (reason === 'signal') this.parts.onEnd(outcome, reason, null);
    return outcome;
  }
}

function inputNames({ files, includes }: ConfigInputs): ConfigInputs {
  return { files, includes };
}

function failure(file: string, message: string): ReloadOutcome {
  const remedy = 'The old config stays in use; the log has the details.';
  return { ok: false, problems: [{ file, line: null, column: null, path: '', message, remedy }] };
}
