import { sleep, type Clock } from '../runtime/clock.ts';

/**
 * Characters, and parts, between two looks at what else there is to do: half a millisecond of work, and still far below
 * what anybody notices the first time, when nothing is compiled yet.
 */
const PIECE = 32 * 1024;
const PARTS = 1_000;

/**
 * Joins small parts of a long text into pieces and pauses after each, so that nothing else has to wait for all of it.
 * Parts that are empty are work that led to no text yet.
 *
 * @throws the reason of `signal`, once it is aborted
 */
export async function* paced(parts: Iterable<string>, clock: Clock, signal: AbortSignal): AsyncGenerator<string> {
  let piece = '';
  let joined = 0;
  for (const part of parts) {
    piece += part;
    joined += 1;
    if (piece.length < PIECE && joined < PARTS) continue;
    yield piece;
    piece = '';
    joined = 0;
    await sleep(clock, 0, signal);
    signal.throwIfAborted();
  }
  yield piece;
}
