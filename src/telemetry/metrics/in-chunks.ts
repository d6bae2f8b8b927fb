import { SECOND, type DurationMs } from '../../core/time.ts';
import { sleep, type Clock } from '../../time/clock.ts';

/** Characters, and parts, between two looks at what else there is to do: half a millisecond of work. */
const PIECE = 32 * 1024;
const PARTS = 1_000;
/** The first time, when nothing is compiled yet, the same takes many times as long: then a piece is smaller. */
const LONGEST: DurationMs = 2;
/** Parts between two looks at the time. */
const LOOK_EVERY = 50;

/** How long it gives way each time it finds others at work, and in all: whoever asked for the text waits as well. */
const GIVE_WAY: DurationMs = 2;
const PATIENCE: DurationMs = 3 * SECOND;

/**
 * Joins small parts of a long text into pieces and pauses after each, so that nothing else has to wait for all of it.
 * Parts that are empty are work that led to no text yet.
 *
 * @param busy whether something more urgent is at work just now; then the pause is longer
 * @throws the reason of `signal`, once it is aborted
 */
export async function* inChunks(
  parts: Iterable<string>,
  clock: Clock,
  signal: AbortSignal,
  busy: () => boolean,
): AsyncGenerator<string> {
  let patience = PATIENCE;
  let piece = '';
  let joined = 0;
  let beganAt = clock.now();
  for (const part of parts) {
    piece += part;
    joined += 1;
    const late = joined % LOOK_EVERY === 0 && clock.now() - beganAt >= LONGEST;
    if (piece.length < PIECE && joined < PARTS && !late) continue;
    yield piece;
    piece = '';
    joined = 0;
    await sleep(clock, 0, signal);
    for (; patience > 0 && busy(); patience -= GIVE_WAY) await sleep(clock, GIVE_WAY, signal);
    signal.throwIfAborted();
    beganAt = clock.now();
  }
  yield piece;
}
