import { SECOND, type DurationMs } from '../../core/time.ts';
import { sleep, type Clock } from '../../time/clock.ts';

/** Characters, and parts, between two pauses: half a millisecond of work. */
const PIECE = 32 * 1024;
const PARTS = 1_000;
/** Before the code is compiled the same work takes many times as long, so a piece then ends by time. */
const LONGEST: DurationMs = 2;
/** Parts between two looks at the time. */
const TIME_CHECK_EVERY = 50;

/** Each pause while more urgent work goes on, and all of them together: the reader of the text waits as well. */
const GIVE_WAY: DurationMs = 2;
const LONGEST_PAUSES: DurationMs = 3 * SECOND;

/**
 * Joins small parts of a long text into pieces and pauses after each, so that nothing else waits for the whole text.
 * An empty part stands for work that produced no text yet.
 *
 * @param busy whether more urgent work goes on; then the pause is longer
 * @throws the reason of `signal`, once it is aborted
 */
export async function* inChunks(
  parts: Iterable<string>,
  clock: Clock,
  signal?: AbortSignal,
  busy = (): boolean => false,
): AsyncGenerator<string> {
  let left = LONGEST_PAUSES;
  let piece = '';
  let joined = 0;
  let beganAt = clock.now();
  for (const part of parts) {
    piece += part;
    joined += 1;
    const late = joined % TIME_CHECK_EVERY === 0 && clock.now() - beganAt >= LONGEST;
    if (piece.length < PIECE && joined < PARTS && !late) continue;
    yield piece;
    piece = '';
    joined = 0;
    await sleep(clock, 0, signal);
    while (left > 0 && busy()) {
      const pausedAt = clock.now();
      await sleep(clock, GIVE_WAY, signal);
      // On a busy machine it takes many times as long.
      left -= Math.max(GIVE_WAY, clock.now() - pausedAt);
    }
    signal?.throwIfAborted();
    beganAt = clock.now();
  }
  yield piece;
}
