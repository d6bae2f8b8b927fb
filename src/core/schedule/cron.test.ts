import fc from 'fast-check';
import { createTask } from 'node-cron';
import { describe, expect, it } from 'vitest';
import { parseCron } from '../../config/schema/cron.ts';
import { Calendar } from '../../time/calendar.ts';
import { canFire, nextFire, type ParsedCron } from './cron.ts';
import { HOUR, MINUTE, SECOND } from '../time.ts';

function cron(expression: string, timezone = 'UTC'): ParsedCron {
  const reading = parseCron(expression, timezone);
  if (!('cron' in reading)) throw new Error(reading.mistake);
  return reading.cron;
}

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

  it('knows leap days, last days, nearest weekdays and the second Friday', () => {
    expect(fires('0 0 29 2 *', 'UTC', '2026-01-01', '2033-01-01')).toEqual([
      '2028-02-29T00:00:00Z',
      '2032-02-29T00:00:00Z',
    ]);
    expect(fires('0 0 L * *', 'UTC', '2026-01-01', '2026-04-01')).toEqual([
      '2026-01-31T00:00:00Z',
      '2026-02-28T00:00:00Z',
      '2026-03-31T00:00:00Z',
    ]);
    expect(fires('0 0 15W * *', 'UTC', '2026-02-01', '2026-04-01')).toEqual([
      '2026-02-16T00:00:00Z',
      '2026-03-16T00:00:00Z',
    ]);
    expect(fires('0 0 * * 5#2', 'UTC', '2026-01-01', '2026-03-01')).toEqual([
      '2026-01-09T00:00:00Z',
      '2026-02-13T00:00:00Z',
    ]);
    expect(fires('0 0 * * 5L', 'UTC', '2026-01-01', '2026-03-01')).toEqual([
      '2026-01-30T00:00:00Z',
      '2026-02-27T00:00:00Z',
    ]);
  });

  it('is null for one that never fires', () => {
    expect(canFire(cron('0 0 31 1 *'))).toBe(true);
    expect(canFire({ ...cron('0 0 1 2 *'), daysOfMonth: [30] })).toBe(false);
    expect(nextFire({ ...cron('0 0 1 2 *'), daysOfMonth: [30] }, 0, () => 0)).toBeNull();
  });
});

describe('when clocks change', () => {
  it('fires through the hour that comes twice, if it fires every hour', () => {
    const found = fires('*/30 * * * * *', 'Europe/Vienna', '2026-10-24T22:00:00Z', '2026-10-25T04:00:00Z');
    expect(found).toHaveLength(720);
    expect(fires('0 * * * *', 'Europe/Vienna', '2026-10-24T22:00:00Z', '2026-10-25T04:00:00Z')).toHaveLength(6);
  });

  it('fires once in the hour that comes twice, if its hour is fixed', () => {
    expect(fires('30 2 * * *', 'Europe/Vienna', '2026-10-24T12:00:00Z', '2026-10-26T12:00:00Z')).toEqual([
      '2026-10-25T00:30:00Z',
      '2026-10-26T01:30:00Z',
    ]);
    const calendar = new Calendar();
    const inside = Date.parse('2026-10-25T01:10:00Z');
    expect(calendar.nextFire(cron('30 2 * * *', 'Europe/Vienna'), inside)).toBe(Date.parse('2026-10-26T01:30:00Z'));
  });

  it('fires once in the hour that comes twice, if its hours are a range and its minutes are many', () => {
    expect(fires('*/30 1-3 * * *', 'Europe/Vienna', '2026-10-24T22:00:00Z', '2026-10-25T04:00:00Z')).toEqual([
      '2026-10-24T23:00:00Z',
      '2026-10-24T23:30:00Z',
      '2026-10-25T00:00:00Z',
      '2026-10-25T00:30:00Z',
      '2026-10-25T02:00:00Z',
      '2026-10-25T02:30:00Z',
    ]);
  });

  it('fires once at the change whatever falls into the missing hour, however often it would have fired', () => {
    expect(fires('*/20 2 * * *', 'Europe/Vienna', '2027-03-27T12:00:00Z', '2027-03-28T12:00:00Z')).toEqual([
      '2027-03-28T01:00:00Z',
    ]);
    expect(fires('30 */2 * * *', 'Europe/Vienna', '2027-03-28T00:00:00Z', '2027-03-28T04:00:00Z')).toEqual([
      '2027-03-28T01:00:00Z',
      '2027-03-28T02:30:00Z',
    ]);
  });

  it('fires at the change what falls into the missing hour', () => {
    expect(fires('30 2 * * *', 'Europe/Vienna', '2027-03-27T12:00:00Z', '2027-03-29T12:00:00Z')).toEqual([
      '2027-03-28T01:00:00Z',
      '2027-03-29T00:30:00Z',
    ]);
    expect(fires('0 * * * *', 'Europe/Vienna', '2027-03-27T23:30:00Z', '2027-03-28T04:00:00Z')).toHaveLength(4);
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
