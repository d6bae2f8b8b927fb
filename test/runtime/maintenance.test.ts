import { describe, expect, it } from 'vitest';
import { HOUR, MINUTE, SECOND, type EpochMs } from '../../src/core/time.ts';
import { Calendar } from '../../src/time/calendar.ts';
import type { MaintenanceWindow } from '../../src/core/settings.ts';
import { isOpen } from '../../src/runtime/guards/maintenance.ts';
import { cron, testPolicy } from '../fleet/policy.ts';
import { fleetClock, startSmallFleet } from '../fleet/small-fleet.ts';

function windowOf(expression: string, timezone: string, duration: number): MaintenanceWindow {
  return { name: 'works', cron: cron(expression, timezone), duration, accounts: [], instances: [] };
}

const text = (at: EpochMs): string => new Date(at).toISOString().replace('.000Z', 'Z');

/** From when to when a window is open within a span of time, found by looking at every minute. */
function openTimes(window: MaintenanceWindow, from: string, to: string): string[] {
  const calendar = new Calendar();
  const found: string[] = [];
  let since: EpochMs | null = null;
  for (let at = Date.parse(from); at <= Date.parse(to); at += MINUTE) {
    const open = isOpen(window, calendar, at);
    if (open && since === null) since = at;
    if (open || since === null) continue;
    found.push(`${text(since)} ${text(at)}`);
    since = null;
  }
  return found;
}

const BERLIN = 'Europe/Berlin';
const LORD_HOWE = 'Australia/Lord_Howe';
const SAO_PAULO = 'America/Sao_Paulo';
const NEW_YORK = 'America/New_York';

describe('a maintenance window', () => {
  it.each([
    // Clocks go from 02:00 to 03:00 at 01:00 UTC.
    ['begins in the hour that is missing: at the change', '30 2 * * *', BERLIN, HOUR, '2027-03-28', ['01:00 02:00']],
    ['spans the hour that is missing', '30 1 * * *', BERLIN, 2 * HOUR, '2027-03-28', ['00:30 02:30']],
    ['begins when that hour would have ended', '0 3 * * *', BERLIN, HOUR, '2027-03-28', ['01:00 02:00']],
    // Clocks go from 03:00 back to 02:00 at 01:00 UTC.
    ['begins in the hour that comes twice: in the first', '30 2 * * *', BERLIN, HOUR, '2026-10-25', ['00:30 01:30']],
    ['ends within the first of the two', '0 2 * * *', BERLIN, 20 * MINUTE, '2026-10-25', ['00:00 00:20']],
    ['spans both of them', '30 1 * * *', BERLIN, 3 * HOUR, '2026-10-25', ['2026-10-24T23:30:00Z 02:30']],
    [
      'opens every hour, also in both',
      '0 * * * *',
      BERLIN,
      10 * MINUTE,
      '2026-10-25T00:00:00Z/2026-10-25T03:30:00Z',
      ['00:00 00:10', '01:00 01:10', '02:00 02:10', '03:00 03:10'],
    ],
    // Half an hour: from 02:00 to 02:30 at 15:30 UTC the day before, from 02:00 back to 01:30 at 15:00 UTC.
    ['begins in half an hour that is missing', '15 2 * * *', LORD_HOWE, HOUR, '2026-10-03', ['15:30 16:30']],
    ['begins in half an hour that comes twice', '45 1 * * *', LORD_HOWE, HOUR, '2026-04-04', ['14:45 15:45']],
    // Midnight itself was missing: from 00:00 to 01:00 at 03:00 UTC; and came twice: from 00:00 back to 23:00 at 02:00 UTC.
    ['begins at a midnight that is missing', '0 0 * * *', SAO_PAULO, HOUR, '2018-11-04', ['03:00 04:00']],
    [
      'begins in a last hour of the day that comes twice',
      '15 23 * * *',
      SAO_PAULO,
      HOUR,
      '2018-02-18',
      ['01:15 02:15'],
    ],
    // No change of clocks any more.
    ['is where it is wanted', '0 2 * * *', SAO_PAULO, HOUR, '2026-11-01', ['05:00 06:00']],
    // From midnight to midnight that day has 23 hours, or 25.
    [
      'is open for its duration, not until an hour of the day',
      '0 0 * * *',
      NEW_YORK,
      6 * HOUR,
      '2026-03-08',
      ['05:00 11:00'],
    ],
    [
      'is open for its duration on the long day as well',
      '0 0 * * *',
      NEW_YORK,
      6 * HOUR,
      '2026-11-01',
      ['04:00 10:00'],
    ],
  ])('%s (%s, %s)', (_what, expression, timezone, duration, day, expected) => {
    const [from, to] = day.includes('/') ? day.split('/') : [undefined, undefined];
    const date = day.slice(0, 10);
    const start = from ?? text(Date.parse(`${date}T00:00:00Z`) - 4 * HOUR);
    const end = to ?? text(Date.parse(`${date}T00:00:00Z`) + 18 * HOUR);
    const full = (time: string): string => (time.includes('T') ? time : `${date}T${time}:00Z`);
    const window = windowOf(expression, timezone, duration);
    const whole = expected.map((times) => times.split(' ').map(full).join(' '));
    expect(openTimes(window, start, end)).toEqual(whole);
  });

  it('opens with its first moment, and is closed with the last', () => {
    const window = windowOf('0 2 * * *', 'UTC', HOUR);
    const two = Date.parse('2026-05-01T02:00:00Z');
    const open = (at: EpochMs): boolean => isOpen(window, new Calendar(), at);
    expect([two - 1, two, two + HOUR - 1, two + HOUR].map(open)).toEqual([false, true, true, false]);
  });

  it('a window that is longer than the time between its openings is always open', () => {
    const window = windowOf('0 */2 * * *', 'UTC', 3 * HOUR);
    expect(openTimes(window, '2026-05-01T00:00:00Z', '2026-05-02T00:00:00Z')).toEqual([]);
    expect(isOpen(window, new Calendar(), Date.parse('2026-05-01T01:59:59Z'))).toBe(true);
  });

  it.each([
    ['goes forward', '2027-03-28T00:55:00Z', '2027-03-28T02:00:00Z'],
    ['goes back', '2026-10-25T00:25:00Z', '2026-10-25T01:30:00Z'],
  ])('holds a restart on the night in which the clock %s, until it ends and no longer', async (_how, from, end) => {
    const clock = fleetClock(Date.parse(from));
    const window = windowOf('30 2 * * *', 'Europe/Berlin', HOUR);
    const fleet = await startSmallFleet({
      clock,
      maintenance: [window],
      policy: testPolicy({ every: 10, retryEvery: 10 }),
    });
    await clock.run(6 * MINUTE);
    fleet.gateway.causes.set('1', 'disconnected');
    await clock.run(2 * HOUR);
    const [restart] = fleet.gateway.restarts;
    expect(restart?.at).toBeGreaterThanOrEqual(Date.parse(end));
    expect(restart?.at).toBeLessThanOrEqual(Date.parse(end) + 15 * SECOND);
  });

  it.each([
    ['goes forward', '2027-03-27T20:00:00Z', '2027-03-28T01:00:00Z'],
    ['goes back', '2026-10-24T20:00:00Z', '2026-10-25T00:30:00Z'],
  ])(
    'lets the restart that is planned within it run, once, on the night in which the clock %s',
    async (_how, from, at) => {
      const clock = fleetClock(Date.parse(from));
      const window = windowOf('30 2 * * *', 'Europe/Berlin', HOUR);
      const policy = testPolicy({ schedule: window.cron });
      const fleet = await startSmallFleet({ clock, maintenance: [window], policy });
      await clock.run(8 * HOUR);
      expect(fleet.gateway.restarts).toHaveLength(1);
      expect(fleet.gateway.restarts[0]!.at - Date.parse(at)).toBeLessThanOrEqual(15 * SECOND);
      expect(fleet.gateway.restarts[0]!.at).toBeGreaterThanOrEqual(Date.parse(at));
    },
  );
});
