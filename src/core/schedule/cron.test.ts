import fc from 'fast-check';
import { createTask } from 'node-cron';
import { describe, expect, it } from 'vitest';
import { parseCron } from '../../config/values/cron.ts';
import { Calendar } from '../../time/calendar.ts';
import { cron } from '../../../test/fleet/policy.ts';
import { canFire, nextFire } from './cron.ts';
import { HOUR, MINUTE, SECOND } from '../time.ts';

function fires(expression: string, timezone: string, from: string, to: string): string[] {
  const calendar = new Calendar();
  const found: string[] = [];
  let at = Date.parse(from) - 1;
  for (;;) {
    const next = calendar.nextFire(cron(expression, timezone), at);
    if (next === null || next >= Date.parse(to)) return found;
    found.push(new Date(next).toISOString().replace('.000Z', 'Z'));
    at = next;
  }
}

const field = (min: number, max: number): fc.Arbitrary<string> =>
  fc.oneof(
    fc.constant('*'),
    fc.integer({ min, max }).map(String),
    fc.integer({ min: 2, max: 5 }).map((step) => `*/${step}`),
    fc.tuple(fc.integer({ min, max }), fc.integer({ min, max })).map((pair) => pair.sort((a, b) => a - b).join('-')),
  );
const expression = fc
  .tuple(field(0, 59), field(0, 59), field(0, 23), field(1, 31), field(1, 12), field(0, 6))
  .map((fields) => fields.join(' '));

describe('when a cron expression fires next', () => {
  it('is a time that node-cron matches, and none is left out before it', () => {
    fc.assert(
      fc.property(expression, fc.integer({ min: 0, max: 4_000_000_000 }), (text, second) => {
        const reading = parseCron(text, 'UTC');
        fc.pre('cron' in reading);
        const parsed = cron(text);
        const fire = nextFire(parsed, second * SECOND, () => 0);
        if (fire === null) return;
        const task = createTask(text, () => undefined, { timezone: 'UTC' });
        expect(task.match(new Date(fire))).toBe(true);
        for (let step = 1; step <= 20; step += 1) {
          const before = second * SECOND + Math.floor(((fire - second * SECOND) / 20 / SECOND) * step) * SECOND;
          if (before < fire && before > second * SECOND) expect(task.match(new Date(before))).toBe(false);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('is strictly later, and on a whole second', () => {
    expect(nextFire(cron('* * * * * *'), 1000, () => 0)).toBe(2000);
    expect(nextFire(cron('* * * * * *'), 1001, () => 0)).toBe(2000);
  });

  it.each([
    ['leap days', '0 0 29 2 *', '2033-01-01', ['2028-02-29', '2032-02-29']],
    ['last days', '0 0 L * *', '2026-04-01', ['2026-01-31', '2026-02-28', '2026-03-31']],
    ['nearest weekdays', '0 0 15W * *', '2026-04-01', ['2026-01-15', '2026-02-16', '2026-03-16']],
    ['the second Friday', '0 0 * * 5#2', '2026-03-01', ['2026-01-09', '2026-02-13']],
    ['the last Friday', '0 0 * * 5L', '2026-03-01', ['2026-01-30', '2026-02-27']],
  ])('knows %s', (_what, expression, until, days) => {
    expect(fires(expression, 'UTC', '2026-01-01', until)).toEqual(days.map((day) => `${day}T00:00:00Z`));
  });

  it('is null for one that never fires', () => {
    expect(canFire(cron('0 0 31 1 *'))).toBe(true);
    expect(canFire({ ...cron('0 0 1 2 *'), daysOfMonth: [30] })).toBe(false);
    expect(nextFire({ ...cron('0 0 1 2 *'), daysOfMonth: [30] }, 0, () => 0)).toBeNull();
  });
});

describe('when clocks change', () => {
  // In Vienna, clocks go from 03:00 back to 02:00 at 01:00 UTC, and from 02:00 to 03:00 at the same time in spring.
  const BACK = ['2026-10-24T22:00:00Z', '2026-10-25T04:00:00Z'] as const;

  it.each([
    ['through the hour that comes twice, if it fires every hour', '*/30 * * * * *', BACK, 720],
    ['in each hour that comes twice, if it fires every hour', '0 * * * *', BACK, 6],
    ['in every hour but the missing one', '0 * * * *', ['2027-03-27T23:30:00Z', '2027-03-28T04:00:00Z'], 4],
  ] as const)('fires %s', (_what, expression, [from, to], times) => {
    expect(fires(expression, 'Europe/Vienna', from, to)).toHaveLength(times);
  });

  it.each([
    [
      'once in the hour that comes twice, if its hour is fixed',
      '30 2 * * *',
      ['2026-10-24T12:00:00Z', '2026-10-26T12:00:00Z'],
      ['10-25T00:30', '10-26T01:30'],
    ],
    [
      'once in the hour that comes twice, if its hours are a range and its minutes are many',
      '*/30 1-3 * * *',
      BACK,
      ['10-24T23:00', '10-24T23:30', '10-25T00:00', '10-25T00:30', '10-25T02:00', '10-25T02:30'],
    ],
    [
      'once at the change whatever falls into the missing hour, however often it would have fired',
      '*/20 2 * * *',
      ['2027-03-27T12:00:00Z', '2027-03-28T12:00:00Z'],
      ['03-28T01:00'],
    ],
    [
      'at the change, and then again by its own hours',
      '30 */2 * * *',
      ['2027-03-28T00:00:00Z', '2027-03-28T04:00:00Z'],
      ['03-28T01:00', '03-28T02:30'],
    ],
    [
      'at the change what falls into the missing hour',
      '30 2 * * *',
      ['2027-03-27T12:00:00Z', '2027-03-29T12:00:00Z'],
      ['03-28T01:00', '03-29T00:30'],
    ],
  ] as const)('fires %s', (_what, expression, [from, to], times) => {
    const year = from.slice(0, 5);
    expect(fires(expression, 'Europe/Vienna', from, to)).toEqual(times.map((time) => `${year}${time}:00Z`));
  });

  it('does not fire again when it is looked at within the second of the two equal hours', () => {
    const inside = Date.parse('2026-10-25T01:10:00Z');
    const fire = new Calendar().nextFire(cron('30 2 * * *', 'Europe/Vienna'), inside);
    expect(fire).toBe(Date.parse('2026-10-26T01:30:00Z'));
  });

  it('works where the offset is not a whole hour, and south of the equator', () => {
    expect(fires('0 3 * * *', 'Asia/Kathmandu', '2026-01-01', '2026-01-02')).toEqual(['2026-01-01T21:15:00Z']);
    expect(fires('0 2 * * *', 'America/Sao_Paulo', '2026-01-01', '2026-01-02')).toEqual(['2026-01-01T05:00:00Z']);
    expect(fires('15 2 * * *', 'Australia/Lord_Howe', '2026-04-04T00:00:00Z', '2026-04-05T12:00:00Z')).toHaveLength(1);
  });
});

describe('the calendar', () => {
  it('gives one answer to all instances that share an expression', () => {
    const calendar = new Calendar();
    const every = cron('0 3 * * *', 'America/Sao_Paulo');
    const first = calendar.nextFire(every, Date.parse('2026-05-01T00:00:00Z'));
    for (let minute = 0; minute < 360; minute += 7) {
      expect(calendar.nextFire(every, Date.parse('2026-05-01T00:00:00Z') + minute * MINUTE)).toBe(first);
    }
    expect(calendar.nextFire(every, first ?? 0)).toBe((first ?? 0) + 24 * HOUR);
  });

  it('gives the answer of a new calendar, whatever the calls before', () => {
    const shared = new Calendar();
    fc.assert(
      fc.property(
        fc.constantFrom('*/7 * * * *', '0 */5 * * *', '30 2 * * 0'),
        fc.integer({ min: 1_790_000_000, max: 1_830_000_000 }),
        (text, second) => {
          const parsed = cron(text, 'Europe/Vienna');
          expect(shared.nextFire(parsed, second * SECOND)).toBe(new Calendar().nextFire(parsed, second * SECOND));
        },
      ),
      { numRuns: 300 },
    );
  });
});
