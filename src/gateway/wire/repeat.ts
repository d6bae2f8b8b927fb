import pRetry from 'p-retry';
import { SECOND } from '../../core/time.ts';
import type { DurationMs } from '../../core/time.ts';
import { sleep } from '../../time/clock.ts';
import type { Clock } from '../../time/clock.ts';
import type { RestartOptions, RestartResult } from '../gateway.ts';

const FIRST_WAIT: DurationMs = 1 * SECOND;
/** No wait is longer. A gateway that asks for more gets no repetition; its `retryAfter` is reported instead. */
const LONGEST_WAIT: DurationMs = 30 * SECOND;
/** Share of a wait that chance may add. */
const JITTER = 0.5;

/** How one call ended, and whether it may be made again: it surely was not delivered, or the gateway asks for it. */
export interface RestartAttempt {
  readonly result: RestartResult;
  readonly repeatable: boolean;
}

/** Carries a result that calls for a repetition through p-retry, which knows only errors. */
class Repeatable extends Error {
  readonly result: RestartResult;

  constructor(result: RestartResult) {
    super('repeatable');
    this.result = result;
  }
}

/**
 * Calls `restart`, and again up to `retries` times while that is repeatable. Waits 1 s, 2 s, 4 s … up to 30 s, and at
 * least as long as the gateway asks, each with up to half of it added by chance. Any other result is final: what may
 * have happened must not happen twice. An abort of `signal` ends the waiting at once, with the last result.
 */
export async function repeatRestart(
  restart: () => Promise<RestartAttempt>,
  { retries, signal }: Pick<RestartOptions, 'retries' | 'signal'>,
  clock: Clock,
): Promise<RestartResult> {
  const attempt = async (): Promise<RestartResult> => {
    const { result, repeatable } = await restart();
    if (repeatable) throw new Repeatable(result);
    return result;
  };
  try {
    return await pRetry(attempt, {
      retries,
      // The waiting is ours: p-retry's own would pass the clock by, and has no jitter at its upper bound. Nor does it
      // get the signal, for which it would throw away an answer that came at the same moment.
      minTimeout: 0,
      shouldRetry: async ({ error, attemptNumber }) => {
        if (!(error instanceof Repeatable) || signal.aborted) return false;
        const wait = waitBefore(attemptNumber, error.result, clock);
        if (wait === null) return false;
        await sleep(clock, wait, signal);
        return !signal.aborted;
      },
    });
  } catch (error) {
    if (error instanceof Repeatable) return error.result;
    throw error;
  }
}

/** Null: the gateway asks for a longer wait than a restart is worth. */
function waitBefore(repetition: number, { retryAfter }: RestartResult, clock: Clock): DurationMs | null {
  if (retryAfter !== null && retryAfter > LONGEST_WAIT) return null;
  const backoff = FIRST_WAIT * 2 ** (repetition - 1);
  const wait = Math.max(Math.min(backoff, LONGEST_WAIT), retryAfter ?? 0);
  return Math.round(wait * (1 + JITTER * clock.random()));
}
