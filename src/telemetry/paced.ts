import { sleep, type Clock } from '../runtime/clock.ts';

/** Characters between two looks at what else there is to do: a millisecond or two of work. */
const PIECE = 128 * 1024;

/**
 * Joins small parts of a long text into pieces and pauses after each, so that nothing else has to wait for all of it.
 *
 * @throws the reason of `signal`, once it is aborted
 */
export async function* paced(parts: Iterable<string>, clock: Clock, signal: AbortSignal): AsyncGenerator<string> {
  let piece = '';
  for (const part of parts) {
    piece += part;
    if (piece.length < PIECE) continue;
    yield piece;
    piece = '';
    await sleep(clock, 0, signal);
    signal.throwIfAborted();
  }
  yield piece;
}
