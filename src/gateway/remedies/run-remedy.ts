import { NO_ANSWER } from '../../core/instance/observation.ts';
import { sleep, type Clock } from '../../time/clock.ts';
import type { RestartOptions, RestartResult } from '../gateway.ts';
import type { Step } from '../profiles/profile.ts';

/**
 * Makes the calls of a remedy, one after the other: together they are one restart. It ends with the first that is not
 * accepted and may not fail. The outcome is that of the last call that was sent; but once one may have had an effect,
 * nothing that follows makes the restart undone, so that it counts.
 *
 * @param call makes one of them, repetitions of undelivered calls included
 */
export async function runRemedy<Call extends Pick<Step, 'mayFail' | 'wait'>>(
  steps: readonly Call[],
  call: (step: Call) => Promise<RestartResult>,
  { signal }: Pick<RestartOptions, 'signal'>,
  clock: Clock,
): Promise<RestartResult> {
  let before: RestartResult | null = null;
  for (const [index, step] of steps.entries()) {
    const { mayFail, wait } = step;
    const result = await call(step);
    const isLast = index === steps.length - 1;
    if (isLast || (result.outcome !== 'accepted' && !mayFail)) {
      return steps.length === 1 ? result : withEarlier(result, before, `call ${index + 1} of ${steps.length}`);
    }
    if (mayHaveHappened(result)) before = result;
    if (wait > 0) await sleep(clock, wait, signal);
    if (signal.aborted) return withEarlier(NOT_SENT, before, `call ${index + 2} of ${steps.length}`);
  }
  return NOT_SENT;
}

/** A call that was never made. */
export const NOT_SENT: RestartResult = {
  ...NO_ANSWER,
  outcome: 'unreachable',
  detail: 'it was not sent any more',
};

function mayHaveHappened({ outcome }: RestartResult): boolean {
  return outcome === 'accepted' || outcome === 'unknown';
}

/** A restart of which a part was made has happened, whatever became of the rest: it must not be made again at once. */
function withEarlier(result: RestartResult, before: RestartResult | null, which: string): RestartResult {
  if (mayHaveHappened(result)) return result;
  const detail = result.detail === null ? which : `${which}: ${result.detail}`;
  if (before === null || result.outcome === 'rejected') return { ...result, detail };
  return { ...result, outcome: 'unknown', detail };
}
