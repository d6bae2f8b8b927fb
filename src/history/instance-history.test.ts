import { describe, expect, it } from 'vitest';
import { availabilityOf, EMPTY, recorded, sumOf, type Bucket } from './bucket.ts';
import { Calendar } from './calendar.ts';
import {
  forwarded,
  HOURS_KEPT,
  NO_HISTORY,
  pastOf,
  record,
  together,
  type InstanceHistory,
  type Seen,
} from './instance-history.ts';
import { datedDays, datedMonths } from './spans.ts';

const HOUR = 3_600;
const DAY = 24 * HOUR;
/** Midnight, UTC. */
const START = 20_000 * DAY;

const healthy = (seconds: number): Bucket => ({ ...EMPTY, healthy: seconds });

const UTC = new Calendar('UTC');
const allDays = (history: InstanceHistory): readonly Bucket[] => pastOf(history, UTC).days;
const recordUtc = (history: InstanceHistory, seen: Bucket, span: Seen): InstanceHistory =>
  record(history, seen, span, UTC);

/** Whole healthy hours, by default from START on. */
function healthyHours(count: number, history = NO_HISTORY, calendar = UTC, start = START): InstanceHistory {
  let next = history;
  for (let hour = 0; hour < count; hour += 1) {
    const from = start + hour * HOUR;
    next = record(next, healthy(HOUR), { from, to: from + HOUR, left: false }, calendar);
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
    const back = recordUtc(healthyHours(2), healthy(600), {
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
    const back = recordUtc(left, healthy(600), { from: START + 30 * HOUR, to: START + 30 * HOUR + 600, left: false });
    expect(allDays(back).map(recorded)).toEqual([2 * HOUR, 600]);
    expect(allDays(forwarded(left, START + 3 * DAY + 1, UTC)).map(recorded)).toEqual([2 * HOUR, 0, 0, 0]);
  });

  it('adds a second part of an hour to the first, with the mean of their latencies by time', () => {
    const part = (seconds: number, latency: number): Bucket => ({ ...healthy(seconds), restarts: 1, latency });
    const first = recordUtc(NO_HISTORY, part(600, 100), { from: START, to: START + 600, left: false });
    const both = recordUtc(first, part(1_200, 400), { from: START + 600, to: START + 1_800, left: false });
    expect(both.hours).toEqual([{ ...healthy(1_800), restarts: 2, latency: 300 }]);
  });

  it('loses nothing when the clock is set back', () => {
    const history = recordUtc(healthyHours(3), healthy(60), { from: START, to: START + 60, left: false });
    expect(history).toMatchObject({ until: START + 3 * HOUR });
    expect(recorded(sumOf(history.hours))).toBe(3 * HOUR + 60);
  });

  it('begins again after an absence of more than 90 days', () => {
    const days = allDays(forwarded(healthyHours(2), START + 200 * DAY + 1, UTC));
    expect(days).toHaveLength(90);
    expect(recorded(sumOf(days))).toBe(89 * DAY + 1);
    expect(sumOf(days).unknown).toBe(89 * DAY + 1);
  });

  it('sums several by hour and day, whenever each began', () => {
    const young = recordUtc(NO_HISTORY, healthy(HOUR), {
      from: START + 2 * DAY - HOUR,
      to: START + 2 * DAY,
      left: false,
    });
    const { days, hours } = together([healthyHours(48), young, NO_HISTORY].map((each) => pastOf(each, UTC)));
    expect(days.map(recorded)).toEqual([DAY, DAY + HOUR]);
    expect(hours.slice(-2).map(recorded)).toEqual([HOUR, 2 * HOUR]);
  });
});

describe('the days of a history', () => {
  const secondsOf = (past: ReturnType<typeof pastOf>): readonly string[] =>
    datedDays(past).map(({ date, bucket }) => `${date} ${recorded(bucket) / HOUR}`);
  const from = (iso: string): number => Date.parse(iso) / 1_000;

  it.each([
    // Midnight in São Paulo is at 03:00 UTC.
    ['America/Sao_Paulo', '2026-11-30T00:00:00Z', 30, ['2026-11-29 3', '2026-11-30 24', '2026-12-01 3']],
    ['UTC', '2026-11-30T00:00:00Z', 30, ['2026-11-30 24', '2026-12-01 6']],
    // The clocks go forward on the one, and back on the other.
    ['Europe/Berlin', '2026-03-28T22:00:00Z', 30, ['2026-03-28 1', '2026-03-29 23', '2026-03-30 6']],
    ['Europe/Berlin', '2026-10-24T21:00:00Z', 30, ['2026-10-24 1', '2026-10-25 25', '2026-10-26 4']],
    // Half of an hour is of the next day; it counts to the one in which it begins.
    ['Asia/Kolkata', '2026-11-29T18:00:00Z', 26, ['2026-11-29 1', '2026-11-30 24', '2026-12-01 1']],
    // A zone that left out a day.
    ['Pacific/Apia', '2011-12-30T08:00:00Z', 4, ['2011-12-29 2', '2011-12-30 0', '2011-12-31 2']],
  ])('in %s from %s on', (zone, start, hours, expected) => {
    const calendar = new Calendar(zone);
    expect(secondsOf(pastOf(healthyHours(hours, NO_HISTORY, calendar, from(start)), calendar))).toEqual(expected);
  });

  it('make months that begin at midnight there', () => {
    const calendar = new Calendar('America/Sao_Paulo');
    const past = pastOf(healthyHours(40 * 24, NO_HISTORY, calendar, from('2026-10-31T03:00:00Z')), calendar);
    expect(datedMonths(past).map(({ date, bucket }) => [date, recorded(bucket) / HOUR])).toEqual([
      ['2026-10', 24],
      ['2026-11', 30 * 24],
      ['2026-12', 9 * 24],
    ]);
  });

  it.each([
    ['UTC', 'America/Sao_Paulo', 1],
    ['UTC', 'America/Sao_Paulo', 8],
    ['UTC', 'Pacific/Pago_Pago', 8],
    ['UTC', 'Asia/Tokyo', 8],
    ['UTC', 'Asia/Tokyo', 20],
    ['America/Sao_Paulo', 'UTC', 1],
    ['Asia/Tokyo', 'America/Sao_Paulo', 14],
    ['Pacific/Kiritimati', 'Etc/GMT+12', 23],
  ])('lose and double no hour when the zone changes from %s to %s at %i:00 UTC', (before, after, hour) => {
    const [old, next] = [new Calendar(before), new Calendar(after)];
    const changed = healthyHours(72 + hour, NO_HISTORY, old);
    for (const more of [0, 1, 5, 30, 49]) {
      const later = healthyHours(more, changed, next, START + (72 + hour) * HOUR);
      const { days, today } = pastOf(later, next);
      expect(recorded(sumOf(days)), `${more} hours later`).toBe((72 + hour + more) * HOUR);
      const last = Math.floor((START + (72 + hour + more) * HOUR - 1) / HOUR);
      // A day for each date, and none twice.
      expect(days.length, `${more} hours later`).toBe(today - old.dayOf(START / HOUR) + 1);
      if (more > 24) expect(today).toBe(next.dayOf(last));
      if (more === 49) expect(recorded(days.at(-2) ?? EMPTY)).toBe(DAY);
    }
  });

  it('fit into the hours that are kept when the zone changes to one further west', () => {
    const next = new Calendar('Pacific/Pago_Pago');
    const later = healthyHours(14, healthyHours(20), next, START + 20 * HOUR);
    expect(later.hours).toHaveLength(HOURS_KEPT);
    expect(later.open).toBeLessThanOrEqual(HOURS_KEPT);
    expect(recorded(sumOf(pastOf(later, next).days))).toBe(34 * HOUR);
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
