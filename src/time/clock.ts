import type { DurationMs, EpochMs } from '../core/time.ts';

/** Stops a timer; calling it again, or after it fired, does nothing. */
export type Cancel = () => void;

/** The only source of time, timers and chance. Everything else takes one of these, so that tests can simulate it. */
export interface Clock {
  /** Epoch at start plus monotonic time since: a step of the wall clock changes nothing. */
  now(): EpochMs;
  /** The operating system's time, steps included; for comparing only. */
  wall(): EpochMs;
  /** Calls `callback` once, `delay` from now at the earliest. */
  after(delay: DurationMs, callback: () => void): Cancel;
  /** 0 up to, but not including, 1. */
  random(): number;
}

/** Timers of Node.js hold at most a signed 32-bit number of milliseconds; a longer one would fire at once. */
const LONGEST_TIMER: DurationMs = 2 ** 31 - 1;

export function systemClock(): Clock {
  const epochAtStart = Date.now() - performance.now();
  return {
    now: () => Math.round(epochAtStart + performance.now()),
    wall: () => Date.now(),
    after(delay, callback) {
      let timer: NodeJS.Timeout;
      const arm = (left: DurationMs): void => {
        // Every probe has a deadline, so the usual timer is the cheap one.
        if (left > LONGEST_TIMER) timer = setTimeout(() => arm(left - LONGEST_TIMER), LONGEST_TIMER);
        else timer = setTimeout(callback, left);
      };
      arm(delay);
      return () => clearTimeout(timer);
    },
    random: () => Math.random(),
  };
}

/** Microseconds of the system's monotonic clock (CLOCK_MONOTONIC on Linux), which other processes can compare. */
export function monotonicMicroseconds(): bigint {
  return process.hrtime.bigint() / 1_000n;
}

/** Resolves after `delay`, or as soon as `signal` aborts; it never rejects, so look at the signal afterwards. */
export function sleep(clock: Clock, delay: DurationMs, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted === true) return Promise.resolve();
  return new Promise((resolve) => {
    const finish = (): void => {
      cancel();
      signal?.removeEventListener('abort', finish);
      resolve();
    };
    const cancel = clock.after(delay, finish);
    signal?.addEventListener('abort', finish, { once: true });
  });
}

export interface Deadline {
  /** Aborts when the parent does, or when the time is up. */
  readonly signal: AbortSignal;
  /** Whether the time was up (and not the parent aborted). */
  expired(): boolean;
  /** Unlinks timer and listener; must be called, in `finally`. */
  dispose(): void;
}

/**
 * A signal that aborts with its parent or after `delay`. Used instead of `AbortSignal.any`, which on Node.js 20 keeps
 * every derived signal reachable from a long-lived parent.
 */
export function deadline(clock: Clock, parent: AbortSignal, delay: DurationMs): Deadline {
  const controller = new AbortController();
  let expired = false;
  const onParent = (): void => controller.abort(parent.reason);
  const cancel = clock.after(delay, () => {
    expired = true;
    controller.abort();
  });
  if (parent.aborted) onParent();
  else parent.addEventListener('abort', onParent, { once: true });
  return {
    signal: controller.signal,
    expired: () => expired,
    dispose() {
      cancel();
      parent.removeEventListener('abort', onParent);
    },
  };
}
