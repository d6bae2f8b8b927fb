import { MINUTE, SECOND, type DurationMs } from '../core/time.ts';
import { deadline, type Cancel, type Clock } from '../time/clock.ts';

/** Telling the service manager one thing may take this long. */
const TIMEOUT: DurationMs = 5 * SECOND;
/** A service manager that asks for no sign of life still gets to know how things are. */
const STATUS_EVERY: DurationMs = MINUTE;
/** The status is one line for people. */
const LONGEST_STATUS = 300;

/** Whoever started this process and wants to hear how it is: systemd, for example. */
export interface ServiceManager {
  /** Without a sign of life for so long it ends this process and starts another; null: it asks for none. */
  readonly watchdog: DurationMs | null;
  /** Microseconds of the monotonic clock, which is how it tells one reload from another. */
  readonly monotonicMicroseconds: () => bigint;
  /** Sends assignments such as `READY=1`. Rejects with a reason for people when they could not be sent. */
  readonly send: (assignments: readonly string[], signal: AbortSignal) => Promise<void>;
}

/** There is no way to tell the service manager anything, and there will be none. */
export class NoWayToNotify extends Error {
  override readonly name = 'NoWayToNotify';
}

export interface ServiceManagerNotifierParts {
  readonly clock: Clock;
  readonly manager: ServiceManager;
  /** What is late; a sign of life is given only while nothing is. */
  readonly late: () => readonly string[];
  /** How things are, in one line. */
  readonly status: () => string;
  /** Hears, once until it works again, why nothing can be told. */
  readonly onTrouble: (error: unknown) => void;
}

type Kind = 'sign' | 'ready' | 'reloading' | 'stopping';

/**
 * Tells the service manager when this process is ready, reloads, stops, and that it is alive. The sign of life comes
 * from the progress of the probe loop: without progress there is none, and the service manager starts the process
 * anew. One thing is told at a time; what waits is one note of each kind at most, the newest.
 */
export class ServiceManagerNotifier {
  private readonly parts: ServiceManagerNotifierParts;
  private readonly waiting = new Map<Kind, () => readonly string[]>();
  private readonly controller = new AbortController();
  private sending: Promise<void> | null = null;
  private cancelTimer: Cancel | null = null;
  private silent = false;
  private inTrouble = false;
  private lastStatus = '';
  private isStopping = false;

  constructor(parts: ServiceManagerNotifierParts) {
    this.parts = parts;
  }

  /** The process does its work, from its start or again after a reload. */
  ready(): void {
    this.note('ready', () => ['READY=1', this.statusNote()]);
    if (this.cancelTimer === null) this.signLater();
  }

  /** The config is being read again; `ready` is to follow. */
  reloading(): void {
    const since = this.parts.manager.monotonicMicroseconds();
    this.note('reloading', () => ['RELOADING=1', `MONOTONIC_USEC=${since}`]);
  }

  /** The process ends from now on; no sign of life follows. */
  stopping(): void {
    if (this.isStopping) return;
    this.cancelTimer?.();
    this.waiting.clear();
    this.note('stopping', () => ['STOPPING=1', 'STATUS=stopping']);
    this.isStopping = true;
  }

  /** Resolves when everything is told, or too late to be; nothing more is said. */
  async ended(): Promise<void> {
    this.isStopping = true;
    this.cancelTimer?.();
    await this.sending;
  }

  private signLater(): void {
    const { clock, manager } = this.parts;
    // Half the time, as systemd recommends, so that one late sign does no harm.
    const every = manager.watchdog === null ? STATUS_EVERY : manager.watchdog / 2;
    this.cancelTimer = clock.after(every, () => {
      this.sign();
      this.signLater();
    });
  }

  private sign(): void {
    const alive = this.parts.manager.watchdog !== null && this.parts.late().length === 0;
    if (alive) this.note('sign', () => ['WATCHDOG=1', this.statusNote()]);
    else if (this.statusNote() !== this.lastStatus) this.note('sign', () => [this.statusNote()]);
  }

  private statusNote(): string {
    const late = this.parts.late();
    const status = late.length === 0 ? this.parts.status() : `late: ${late[0]}`;
    return `STATUS=${status.replaceAll(/\p{Control}+/gu, ' ').slice(0, LONGEST_STATUS)}`;
  }

  private note(kind: Kind, assignments: () => readonly string[]): void {
    if (this.silent || this.isStopping) return;
    // The newest is told last, so that what is believed in the end is how things are.
    this.waiting.delete(kind);
    this.waiting.set(kind, assignments);
    this.sending ??= this.sendAll().finally(() => {
      this.sending = null;
    });
  }

  private async sendAll(): Promise<void> {
    for (let next = this.take(); next !== null; next = this.take()) {
      const limit = deadline(this.parts.clock, this.controller.signal, TIMEOUT);
      try {
        await this.parts.manager.send(next, limit.signal);
        this.lastStatus = next.find((assignment) => assignment.startsWith('STATUS=')) ?? this.lastStatus;
        this.inTrouble = false;
      } catch (error) {
        this.failed(error);
      } finally {
        limit.dispose();
      }
    }
  }

  /** What is to be told next, as it is now; null: nothing. */
  private take(): readonly string[] | null {
    for (const [kind, assignments] of this.waiting) {
      this.waiting.delete(kind);
      return assignments();
    }
    return null;
  }

  private failed(error: unknown): void {
    if (error instanceof NoWayToNotify) {
      this.silent = true;
      this.waiting.clear();
      this.cancelTimer?.();
    }
    if (!this.inTrouble) this.parts.onTrouble(error);
    this.inTrouble = true;
  }
}
