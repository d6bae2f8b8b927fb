import { describe, expect, it } from 'vitest';
import { SECOND } from '../../core/time.ts';
import type { Clock } from '../../time/clock.ts';
import { SimulatedClock } from '../../simulation/simulated-clock.ts';
import { inChunks } from './in-chunks.ts';

const PARTS = Array.from({ length: 100 }, () => 'x'.repeat(20 * 1024));

/** Reads all, and says when each piece came, in milliseconds since the first was asked for. */
function reading(busy: (clock: SimulatedClock) => boolean) {
  const clock = new SimulatedClock();
  const startedAt = clock.now();
  const came: number[] = [];
  let length = 0;
  const read = async (): Promise<void> => {
    const pieces = inChunks(PARTS, clock, new AbortController().signal, () => busy(clock));
    for await (const piece of pieces) {
      length += piece.length;
      came.push(clock.now() - startedAt);
    }
  };
  const done = read();
  return { clock, came, all: () => length, done };
}

const WHOLE = PARTS.reduce((sum, { length }) => sum + length, 0);

describe('a long text in pieces', () => {
  it('is made at once, but for the turns of others, while nothing more urgent is at work', async () => {
    const { clock, came, all, done } = reading(() => false);
    await clock.run(0);
    await done;
    expect(all()).toBe(WHOLE);
    expect(came.length).toBeGreaterThanOrEqual(50);
  });

  it('is made in smaller pieces where they take long', async () => {
    const clock = new SimulatedClock();
    let worked = 0;
    const slow: Clock = Object.assign(Object.create(clock) as Clock, { now: () => clock.now() + worked });
    function* slowly(): Generator<string> {
      for (let part = 0; part < 1_000; part += 1) {
        if (part % 10 === 9) worked += 1;
        yield 'x';
      }
    }
    const lengths: number[] = [];
    const read = async (): Promise<void> => {
      const pieces = inChunks(slowly(), slow, new AbortController().signal, () => false);
      for await (const piece of pieces) lengths.push(piece.length);
    };
    const done = read();
    await clock.run(0);
    await done;
    expect(lengths.reduce((sum, length) => sum + length, 0)).toBe(1_000);
    expect(Math.max(...lengths)).toBe(50);
  });

  it('gives way while something more urgent is at work, and goes on right after it', async () => {
    const until = 100;
    const start = new SimulatedClock().now();
    const { clock, came, all, done } = reading((its) => its.now() - start < until);
    await clock.run(50);
    expect(came).toHaveLength(1);
    await clock.run(60);
    await done;
    expect(all()).toBe(WHOLE);
    expect(came[1]).toBeGreaterThanOrEqual(until);
    expect(came.at(-1)).toBeLessThan(until + 10);
  });

  it('waits no longer on a busy machine, where each pause takes many times as long as it should', async () => {
    const clock = new SimulatedClock();
    const late: Clock = Object.assign(Object.create(clock) as Clock, {
      after: (delay: number, callback: () => void) => clock.after(delay + 40, callback),
    });
    let length = 0;
    const read = async (): Promise<void> => {
      const pieces = inChunks(PARTS, late, new AbortController().signal, () => true);
      for await (const piece of pieces) length += piece.length;
    };
    const done = read();
    await clock.run(7 * SECOND);
    expect(length).toBe(WHOLE);
    await done;
  });

  it('does not wait for that for ever, because the reader waits for the text', async () => {
    const { clock, came, all, done } = reading(() => true);
    await clock.run(2 * SECOND);
    expect(came).toHaveLength(1);
    await clock.run(2 * SECOND);
    await done;
    expect(all()).toBe(WHOLE);
  });
});
