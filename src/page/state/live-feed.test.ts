import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { PAGE_CATALOGUE } from '../../language/en/page-catalogue.ts';
import { Speech } from '../speech/speech.ts';
import { FleetState } from './fleet-state.ts';
import { LiveFeed } from './live-feed.ts';
import { browserClock } from './page-clock.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const PING = ': ping\n\n';

/** A feed whose streams bring a ping every 15 s for as long as the test lets them, and when each of them was opened. */
function startFeed({ open = true, pings = true } = {}) {
  const clock = { ...browserClock(), random: () => 0.5 };
  const state = new FleetState(new Speech('en', PAGE_CATALOGUE), clock);
  const begun = clock.now();
  const watchdog = { open, pings };
  const openedAt: number[] = [];
  const feed = new LiveFeed(
    {
      get: () => Promise.reject(new Error('nothing to load')),
      async *stream(_path, signal) {
        openedAt.push(clock.now() - begun);
        if (!watchdog.open) throw new Error('refused');
        const left = new Promise<never>((_, reject) => {
          signal.addEventListener('abort', () => reject(new Error('left')));
        });
        for (;;) {
          yield PING;
          await Promise.race([left, new Promise<void>((next) => watchdog.pings && clock.after(15_000, next))]);
        }
      },
    },
    state,
  );
  void feed.run();
  return { state, feed, watchdog, openedAt };
}

describe('the live feed of the page', () => {
  it('keeps a connection on which something comes', async () => {
    const { openedAt } = startFeed();
    await vi.advanceTimersByTimeAsync(10 * 60_000);
    expect(openedAt).toEqual([0]);
  });

  it('gives a connection up on which nothing has come for 25 seconds, and opens another one', async () => {
    const { state, watchdog, openedAt } = startFeed({ pings: false });
    await vi.advanceTimersByTimeAsync(25_000);
    expect(openedAt).toEqual([0]);
    watchdog.pings = true;
    await vi.advanceTimersByTimeAsync(4_999);
    expect(state.connection.get().state).not.toBe('lost');
    await vi.advanceTimersByTimeAsync(1);
    expect(state.connection.get()).toMatchObject({ state: 'lost' });
    await vi.advanceTimersByTimeAsync(500);
    expect(openedAt).toEqual([0, 30_500]);
  });

  it('waits twice as long after each try that failed, up to 15 seconds', async () => {
    const { openedAt } = startFeed({ open: false });
    await vi.advanceTimersByTimeAsync(60_000);
    const waits = openedAt.slice(1).map((at, index) => at - openedAt[index]!);
    expect(waits).toEqual([500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000]);
  });

  it('tries again at once when the user wants it to', async () => {
    const { feed, watchdog, openedAt } = startFeed({ open: false });
    await vi.advanceTimersByTimeAsync(10_000);
    const before = openedAt.length;
    watchdog.open = true;
    feed.retryNow();
    await vi.advanceTimersByTimeAsync(0);
    expect(openedAt.slice(before)).toEqual([10_000]);
  });
});
