import pRetry from 'p-retry';
import { SECOND, type DurationMs } from '../../core/time.ts';
import { sleep, type Clock } from '../../time/clock.ts';
import type { RouterRefusal } from '../answers/router.ts';
import type { RestartOptions, RestartResult } from '../gateway.ts';

const FIRST_WAIT: DurationMs = 1 * SECOND;
/** The longest wait. A gateway that requests more gets no repetition; its `retryAfter` is reported instead. */
const LONGEST_WAIT: DurationMs = 30 * SECOND;
/** Share of a wait that chance may add. */
const JITTER = 0.5;

/** How one call ended, and whether it may be repeated: it was certainly not delivered, or the gateway requests it. */
export interface RestartAttempt {
  readonly result: RestartResult;
  readonly repeatable: boolean;
  /** Set where no route takes the call: the router refused it. */
  readonly router?: RouterRefusal | null;
}

/** Carries an attempt that needs a repetition through p-retry, which handles only errors. */
class Repeatable extends Error {
  readonly attempt: RestartAttempt;

  constructor(attempt: RestartAttempt) {
    super('repeatable');
    this.attempt = attempt;
  }
}

/**
 * Calls `restart`, and again up to `retries` times while that is repeatable. Waits 1 s, 2 s, 4 s … up to 30 s, and at
 * least as long as the gateway requests, each with up to half of it added at random. Any other result is final, because a
 * restart that may have happened must not happen twice. An abort of `signal` ends a wait at once, with the last attempt.
 */
export async function repeatRestart(
  restart: () => Promise<RestartAttempt>,
  { retries, signal }: Pick<RestartOptions, 'retries' | 'signal'>,
  clock: Clock,
): Promise<RestartAttempt> {
  const once = async (): Promise<RestartAttempt> => {
    const attempt = await restart();
    if (attempt.repeatable) throw new Repeatable(attempt);
    return attempt;
  };
  try {
    return await pRetry(once, {
      retries,
      // We wait ourselves, because p-retry does not use the clock and has no jitter at its upper bound. It does not get
      // the signal either: it would discard an answer that came at the same moment.
      minTimeout: 0,
      shouldRetry: async ({ error, attemptNumber }) => {
        if (!(error instanceof Repeatable) || signal.aborted) return false;
        const wait = waitBefore(attemptNumber, error.attempt.result, clock);
        if (wait === null) return false;
        await sleep(clock, wait, signal);
        return !signal.aborted;
      },
    });
  } catch (error) {
    if (error instanceof Repeatable) return error.attempt;
    throw error;
  }
}

/** Null: the gateway requests a longer wait than a restart is worth. */
function waitBefore(repetition: number, { retryAfter }: RestartResult, clock: Clock): DurationMs | null {
  if (retryAfter !== null && retryAfter > LONGEST_WAIT) return null;
  const backoff = FIRST_WAIT * 2 ** (repetition - 1);
  const wait = Math.max(Math.min(backoff, LONGEST_WAIT), retryAfter ?? 0);
  return Math.round(wait * (1 + JITTER * clock.random()));
}
