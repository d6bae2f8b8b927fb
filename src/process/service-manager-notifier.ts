import { MINUTE, SECOND, type DurationMs } from '../core/time.ts';
import { deadline, type Cancel, type Clock } from '../time/clock.ts';

/** One notification may take this long. */
const TIMEOUT: DurationMs = 5 * SECOND;
/** A service manager that needs no sign of life still gets the status this often, when it has changed. */
const STATUS_EVERY: DurationMs = MINUTE;
/** The status is one line for people. */
const LONGEST_STATUS = 300;

/** The process that started this one and wants notifications: systemd, for example. */
export interface ServiceManager {
  /** Without a sign of life for this long it ends this process and starts another; null: it needs none. */
  readonly watchdog: DurationMs | null;
  /** Microseconds of the monotonic clock, by which it distinguishes reloads. */
  readonly monotonicMicroseconds: () => bigint;
  /** Sends assignments such as `READY=1`. Rejects with a reason for people when they could not be sent. */
  readonly send: (assignments: readonly string[], signal: AbortSignal) => Promise<void>;
}

/** The service manager cannot be notified, and never will be. */
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
  /** Receives why nothing can be sent, once until it works again. */
  readonly onTrouble: (error: unknown) => void;
}

type Kind = 'alive' | 'ready' | 'reloading' | 'stopping';

/**
 * Notifies the service manager when this process is ready, reloads, stops, and that it is alive. The sign of life
 * depends on the progress of the probe loop: without progress there is none, and the service manager starts the
 * process again. Notifications are sent one after the other; at most one of each kind waits, the newest.
 */
export class ServiceManagerNotifier {
  private readonly parts: ServiceManagerNotifierParts;
  private readonly waiting = new Map<Kind, () => readonly string[]>();
  private readonly never = new AbortController().signal;
  private sending: Promise<void> = Promise.resolve();
  private cancelTimer: Cancel | null = null;
  private isOver = false;
  private inTrouble = false;
  private sentStatus = '';

  constructor(parts: ServiceManagerNotifierParts) {
    this.parts = parts;
  }

  /** The process does its work, from its start or again after a reload. */
  ready(): void {
    this.notify('ready', () => ['READY=1', this.status()]);
    if (this.cancelTimer === null) this.watchLater();
  }

  /** The config is being read again; `ready` is to follow. */
  reloading(): void {
    const since = this.parts.manager.monotonicMicroseconds();
    this.notify('reloading', () => ['RELOADING=1', `MONOTONIC_USEC=${since}`]);
  }

  /** The process is ending; no sign of life follows. */
  stopping(): void {
    if (this.isOver) return;
    this.waiting.clear();
    this.notify('stopping', () => ['STOPPING=1', 'STATUS=stopping']);
    this.end();
  }

  /** Resolves when everything is sent, or has timed out; nothing follows. */
  async ended(): Promise<void> {
    this.end();
    await this.sending;
  }

  private end(): void {
    this.isOver = true;
    this.cancelTimer?.();
  }

  private watchLater(): void {
    const { clock, manager, late } = this.parts;
    // Half the time, as systemd recommends, so that one late sign does no harm.
    const every = manager.watchdog === null ? STATUS_EVERY : manager.watchdog / 2;
    this.cancelTimer = clock.after(every, () => {
      const isAlive = manager.watchdog !== null && late().length === 0;
      if (isAlive) this.notify('alive', () => ['WATCHDOG=1', this.status()]);
      else if (this.status() !== this.sentStatus) this.notify('alive', () => [this.status()]);
      this.watchLater();
    });
  }

  private status(): string {
    const [late] = this.parts.late();
    const status = late === undefined ? this.parts.status() : `late: ${late}`;
    return `STATUS=${status.replaceAll(/\p{Control}+/gu, ' ').slice(0, LONGEST_STATUS)}`;
  }

  private notify(kind: Kind, assignments: () => readonly string[]): void {
    if (this.isOver) return;
    // The newest is sent last, so that the service manager ends up with how things are.
    const isFurther = !this.waiting.delete(kind);
    this.waiting.set(kind, assignments);
    if (isFurther) this.sending = this.sending.then(() => this.sendNext());
  }

  private async sendNext(): Promise<void> {
    const [next] = this.waiting;
    if (next === undefined) return;
    const [kind, assignments] = next;
    this.waiting.delete(kind);
    const limit = deadline(this.parts.clock, this.never, TIMEOUT);
    try {
      const sent = assignments();
      await this.parts.manager.send(sent, limit.signal);
      this.sentStatus = sent.find((assignment) => assignment.startsWith('STATUS=')) ?? this.sentStatus;
      this.inTrouble = false;
    } catch (error) {
      if (!this.inTrouble) this.parts.onTrouble(error);
      this.inTrouble = true;
      if (error instanceof NoWayToNotify) {
        this.waiting.clear();
        this.end();
      }
    } finally {
      limit.dispose();
    }
  }
}
