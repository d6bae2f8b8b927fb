import { expect, it } from 'vitest';
import { cron } from '../../../test/fleet/policy.ts';
import { Calendar } from '../../time/calendar.ts';
import { DAY, HOUR, MINUTE, SECOND } from '../time.ts';
import { countedTime, type CountedHours } from './counted-time.ts';
import { countedUpTo, heardAt, mayBeTooLong, quietFrom, withoutTime } from './quiet-time.ts';

const calendar = new Calendar();
const at = (text: string): number => Date.parse(text);
const SATURDAY = '2026-11-28';
const MONDAY = '2026-11-30';
const office = cron('0 8-20 * * 1-6');

function counted(from: string, to: string, hours: Partial<CountedHours>): number {
  const span = { from: at(from), to: at(to) };
  return countedTime(span, { during: null, except: [], ...hours }, (each, after) => calendar.nextFire(each, after));
}

it.each<[string, string, string, Partial<CountedHours>, number]>([
  ['all time', `${SATURDAY}T00:00Z`, `${MONDAY}T00:00Z`, {}, 2 * DAY],
  ['the hours that were opened', `${SATURDAY}T00:00Z`, `${MONDAY}T09:30Z`, { during: office }, 14.5 * HOUR],
  ['the rest of an open hour', `${SATURDAY}T20:45Z`, `${SATURDAY}T23:00Z`, { during: office }, 15 * MINUTE],
  ['nothing between them', `${SATURDAY}T21:00Z`, `${MONDAY}T08:00Z`, { during: office }, 0],
  [
    'the hour at which clocks go forward once',
    '2026-03-29T00:00Z',
    '2026-03-29T02:00Z',
    {
      during: cron('30 2 * * *', 'Europe/Berlin'),
    },
    HOUR,
  ],
  [
    'no maintenance',
    `${MONDAY}T07:00Z`,
    `${MONDAY}T12:00Z`,
    {
      during: office,
      except: [
        { cron: cron('30 7 * * *'), duration: HOUR },
        { cron: cron('0 10,11 * * *'), duration: 90 * MINUTE },
      ],
    },
    1.5 * HOUR,
  ],
  [
    'no window that began before',
    `${MONDAY}T09:00Z`,
    `${MONDAY}T10:00Z`,
    {
      except: [{ cron: cron('0 0 * * *'), duration: 9.5 * HOUR }],
    },
    30 * MINUTE,
  ],
  [
    'nothing after a window that opens without end',
    `${MONDAY}T00:00Z`,
    `${MONDAY}T12:00Z`,
    {
      except: [{ cron: cron('* * * * * *'), duration: SECOND / 2 }],
    },
    2_000 * (SECOND / 2),
  ],
])('counts %s', (_, from, to, hours, time) => {
  expect(Math.abs(counted(from, to, hours) - time)).toBeLessThanOrEqual(SECOND);
});

const half = (from: number, to: number): number => (to - from) / 2;

it('counts quiet time only when it may be too long, and from the last sign of life', () => {
  const quiet = quietFrom(1_000);
  expect([10_999, 11_000].map((now) => mayBeTooLong(quiet, 10_000, now))).toEqual([false, true]);
  const looked = countedUpTo(quiet, 11_000, half);
  expect(looked).toEqual({ since: 1_000, countedTo: 11_000, counted: 5_000 });
  expect([15_999, 16_000].map((now) => mayBeTooLong(looked, 10_000, now))).toEqual([false, true]);
  expect(countedUpTo(looked, 10_000, half)).toBe(looked);
  expect(heardAt(looked, 1_000)).toBe(looked);
  expect(heardAt(looked, null)).toBe(looked);
  expect(heardAt(looked, 4_000)).toEqual(quietFrom(4_000));
});

it('leaves a time out, as far as it is not counted yet', () => {
  expect(withoutTime(quietFrom(1_000), 3_000, 9_000, half)).toEqual({ since: 1_000, countedTo: 9_000, counted: 1_000 });
  expect(withoutTime(quietFrom(4_000), 3_000, 9_000, half)).toEqual({ since: 4_000, countedTo: 9_000, counted: 0 });
});
