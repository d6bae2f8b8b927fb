import type { Context } from 'hono';
import { inChunks } from '../../telemetry/metrics/in-chunks.ts';
import type { Clock } from '../../time/clock.ts';
import type { HttpEnv } from '../http-parts.ts';
import { Slots } from './slots.ts';
import { StreamPlaces } from './stream-places.ts';
import { UnreadAnswers } from './unread-answers.ts';

/** A list of a thousand instances takes some 20 ms in pieces of half a millisecond; four at once hold a piece up by two. */
const LISTS = { most: 4, waiting: 64 } as const;
/** An exposition is made at its reader's pace, so it may keep its place for long. */
const EXPOSITIONS = { most: 4, waiting: 16 } as const;
/** Half of the connections. */
const MOST_STREAMS = 256;

/** What bounds the work that clients cause, and the memory that they keep by not reading. */
export class Load {
  private readonly clock: Clock;
  /** Also for other work on a long answer that pauses by itself. */
  readonly lists = new Slots(LISTS);
  readonly expositions = new Slots(EXPOSITIONS);
  readonly streams = new StreamPlaces(MOST_STREAMS);
  readonly unread = new UnreadAnswers();

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /**
   * A long answer in JSON, made in small parts with pauses. It is kept whole until the client has read it.
   *
   * @throws HttpProblem 503 when too many are being made
   */
  async longAnswer(c: Context<HttpEnv>, client: string, parts: Iterable<string>): Promise<never> {
    const text = await this.lists.run(client, async () => {
      let whole = '';
      // A person waits for it, and it is short; its pauses are enough for probes.
      for await (const piece of inChunks(parts, this.clock)) whole += piece;
      return whole;
    });
    this.countUnread(c);
    // The schema of the route describes it, but its type asks for the object that the text was made of.
    return c.body(text, 200, { 'content-type': 'application/json' }) as never;
  }

  private countUnread(c: Context<HttpEnv>): void {
    // Without a server, in tests, nobody has to read it.
    const outgoing = (c.env as Partial<HttpEnv['Bindings']> | undefined)?.outgoing;
    // A client may have left while it waited for its turn; nothing would take its answer, and all that it sent, away again.
    if (outgoing === undefined || outgoing.destroyed) return;
    this.unread.add(outgoing);
    outgoing.once('close', () => this.unread.remove(outgoing));
  }
}

/**
 * `{"name":[…]}` in small parts, each made when it is taken. An item that is null stands for work without one, and is an empty
 * part. `restOf` says what stands beside the list, once it has come to its end.
 */
export function* jsonList<T, End>(
  name: string,
  items: Iterable<T | null, End>,
  textOf: (item: T) => string,
  restOf: (end: End) => object,
): Generator<string> {
  yield `{${JSON.stringify(name)}:[`;
  const iterator = items[Symbol.iterator]();
  let between = '';
  let next = iterator.next();
  for (; next.done !== true; next = iterator.next()) {
    yield next.value === null ? '' : between + textOf(next.value);
    if (next.value !== null) between = ',';
  }
  yield ']';
  for (const [key, value] of Object.entries(restOf(next.value))) {
    yield `,${JSON.stringify(key)}:${JSON.stringify(value)}`;
  }
  yield '}';
}
