import { describe, expect, it } from 'vitest';
import { availabilityOf, EMPTY, recorded, sumOf, type Bucket } from './bucket.ts';
import { allDays, forwarded, NO_HISTORY, record, together, type InstanceHistory } from './instance-history.ts';

const HOUR = 3_600;
const DAY = 24 * HOUR;
/** Midnight, UTC. */
const START = 20_000 * DAY;

const healthy = (seconds: number): Bucket => ({ ...EMPTY, healthy: seconds });

/** Whole healthy hours from START on. */
function healthyHours(count: number, history = NO_HISTORY): InstanceHistory {
  let next = history;
  for (let hour = 0; hour < count; hour += 1) {
    const from = START + hour * HOUR;
    next = record(next, healthy(HOUR), { from, to: from + HOUR, left: false });
  }
  return next;
}

describe('the history of an instance', () => {
  it('keeps 25 hours and 90 days, the current ones included', () => {
    const history = healthyHours(100 * 24 + 5);
    expect(history.hours).toHaveLength(25);
    const days = allDays(history);
    expect(days).toHaveLength(90);
    expect(days.map(recorded)).toEqual([...Array<number>(89).fill(DAY), 5 * HOUR]);
  });

  it('counts time in which the daemon did not run as unknown', () => {
    const back = record(healthyHours(2), healthy(600), {
      from: START + 30 * HOUR,
      to: START + 30 * HOUR + 600,
      left: false,
    });
    const [first, second] = allDays(back);
    expect(first).toMatchObject({ healthy: 2 * HOUR, unknown: 22 * HOUR });
    expect(second).toMatchObject({ healthy: 600, unknown: 6 * HOUR });
  });

  it('counts time after it left as nothing', () => {
    const left = { ...healthyHours(2), left: true };
    const back = record(left, healthy(600), { from: START + 30 * HOUR, to: START + 30 * HOUR + 600, left: false });
    expect(allDays(back).map(recorded)).toEqual([2 * HOUR, 600]);
    expect(allDays(forwarded(left, START + 3 * DAY + 1)).map(recorded)).toEqual([2 * HOUR, 0, 0, 0]);
  });

  it('adds a second part of an hour to the first, with the mean of their latencies by time', () => {
    const part = (seconds: number, latency: number): Bucket => ({ ...healthy(seconds), restarts: 1, latency });
    const first = record(NO_HISTORY, part(600, 100), { from: START, to: START + 600, left: false });
    const both = record(first, part(1_200, 400), { from: START + 600, to: START + 1_800, left: false });
    expect(both.hours).toEqual([{ ...healthy(1_800), restarts: 2, latency: 300 }]);
  });

  it('loses nothing when the clock is set back', () => {
    const history = record(healthyHours(3), healthy(60), { from: START, to: START + 60, left: false });
    expect(history).toMatchObject({ until: START + 3 * HOUR });
    expect(recorded(sumOf(history.hours))).toBe(3 * HOUR + 60);
  });

  it('begins again after an absence of more than 90 days', () => {
    const days = allDays(forwarded(healthyHours(2), START + 200 * DAY + 1));
    expect(days).toHaveLength(90);
    expect(recorded(sumOf(days))).toBe(89 * DAY + 1);
    expect(sumOf(days).unknown).toBe(89 * DAY + 1);
  });

  it('sums several by hour and day, whenever each began', () => {
    const young = record(NO_HISTORY, healthy(HOUR), { from: START + 2 * DAY - HOUR, to: START + 2 * DAY, left: false });
    const { days, hours } = together([healthyHours(48), young, NO_HISTORY]);
    expect(days.map(recorded)).toEqual([DAY]);
    expect(hours.slice(-2).map(recorded)).toEqual([HOUR, 2 * HOUR]);
  });
});

describe('availability', () => {
  it.each<[string, Partial<Bucket>, number | null]>([
    ['healthy time', { healthy: 30, failing: 10 }, 0.75],
    ['unknown time is not up', { healthy: 30, unknown: 30 }, 0.5],
    ['nor is time that needs a human', { healthy: 30, needsHuman: 30 }, 0.5],
    ['pauses are left out', { healthy: 30, paused: 1_000 }, 1],
    ['with nothing else there is none', { paused: 1_000 }, null],
  ])('%s', (_, seen, expected) => {
    expect(availabilityOf({ ...EMPTY, ...seen })).toBe(expected);
  });
});
