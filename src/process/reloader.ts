import { isDeepStrictEqual } from 'node:util';
import type { ReloadOutcome, ReloadReason } from '../core/reload.ts';
import type { Config } from '../config/config.ts';
import { waitingForRestart } from '../config/reload/restart-only-keys.ts';
import { fingerprintOf, foldersOf } from '../config/reload/fingerprint.ts';
import { joinInputs, type ConfigInputs } from '../config/inputs.ts';
import { ConfigError } from '../config/problems.ts';
import { ChangeWatcher } from './change-watcher.ts';
import type { Clock } from '../time/clock.ts';
import type { Reloaded } from '../runtime/reconcile/apply-reload.ts';

type Loaded = { readonly config: Config } | { readonly error: unknown };

/** Files may come to include others during a read; files that change all the time are taken as they are after this many. */
const MOST_READS = 3;

export interface ReloaderParts {
  readonly clock: Clock;
  /** The config of the start. */
  readonly config: Config;
  /** Reads and checks the whole config again; stops when the signal aborts. */
  readonly load: (signal: AbortSignal) => Promise<Config>;
  /** Prepares everything, then swaps all at once; or throws and changes nothing. */
  readonly apply: (config: Config) => Reloaded | Promise<Reloaded>;
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
  private last: { readonly fingerprint: string; readonly outcome: ReloadOutcome } | null = null;
  private running: Promise<unknown> = Promise.resolve();
  private waiting: Promise<ReloadOutcome> | null = null;
  private readonly closing = new AbortController();

  constructor(parts: ReloaderParts) {
    this.parts = parts;
    this.good = inputNames(parts.config);
    this.inputs = this.good;
    this.watcher = new ChangeWatcher({
      clock: parts.clock,
      fingerprint: () => fingerprintOf(this.inputs),
      folders: () => foldersOf(this.inputs),
      onChange: () => this.request('files'),
    });
  }

  /** Begins to watch the files. */
  async start(): Promise<void> {
    await this.watcher.start(await fingerprintOf(this.inputs));
  }

  /** Stops watching, begins no further reload, aborts reading, and waits for a reload under way. */
  async close(): Promise<void> {
    this.closing.abort();
    this.watcher.stop();
    await this.running;
  }

  /**
   * Reads the config again. Requests during a reload are served after it, by one further reload, because the running one
   * may have read the files before they changed. Never rejects.
   */
  request(reason: ReloadReason): Promise<ReloadOutcome> {
    this.waiting ??= this.running.then(async () => {
      this.waiting = null;
      this.parts.onReloading?.(true);
      const outcome = await this.reload(reason);
      this.parts.onReloading?.(false);
      return outcome;
    });
    this.running = this.waiting;
    return this.waiting;
  }

  private async reload(reason: ReloadReason): Promise<ReloadOutcome> {
    if (this.closing.signal.aborted) return failure('', 'the watchdog is stopping');
    const { fingerprint, loaded } = await this.read();
    this.watcher.accept(fingerprint);
    if (fingerprint === this.last?.fingerprint) return this.repeat(this.last.outcome, reason);
    const { outcome, error } = await this.swap(loaded);
    // A failure that does not come from the files may be gone at the next attempt.
    this.last = error === null || error instanceof ConfigError ? { fingerprint, outcome } : null;
    this.parts.onEnd(outcome, reason, error);
    return outcome;
  }

  /**
   * Reads everything, with the fingerprint that later changes are compared with. It is taken before reading, so a change
   * during the read counts as news. If other files turn out to matter, all are read again with a fingerprint that covers
   * them.
   */
  private async read(): Promise<{ readonly fingerprint: string; readonly loaded: Loaded | null }> {
    let fingerprint = '';
    let loaded: Loaded | null = null;
    for (let left = MOST_READS; left > 0; left -= 1) {
      const before = this.inputs;
      fingerprint = await fingerprintOf(before);
      if (fingerprint === this.last?.fingerprint) break;
      loaded = await this.load();
      if (isDeepStrictEqual(inputNames(before), inputNames(this.inputs))) break;
    }
    return { fingerprint, loaded };
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

  private async swap(loaded: Loaded | null): Promise<{ readonly outcome: ReloadOutcome; readonly error: unknown }> {
    const { config } = this.parts;
    const main = config.files[0] ?? '';
    try {
      if (loaded === null) throw new TypeError('the config was not read');
      if ('error' in loaded) throw loaded.error;
      const { added, removed, changed, changedAccounts } = await this.parts.apply(loaded.config);
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
