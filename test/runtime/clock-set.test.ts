import { describe, expect, it } from 'vitest';
import type { Policy } from '../../src/core/policy.ts';
import { DAY, HOUR, MINUTE, SECOND, type DurationMs } from '../../src/core/time.ts';
import type { SimulatedClock } from '../../src/simulation/simulated-clock.ts';
import { fleetClock, prepareReload, type SmallFleet, startSmallFleet } from '../fleet/small-fleet.ts';
import { cron, testPolicy, type PolicyOverrides } from '../fleet/policy.ts';

const plannedAtThree = (overrides: PolicyOverrides = {}): Policy => testPolicy({ schedule: '0 3 * * *', ...overrides });

/** A fleet whose wall clock shows this time of its first day. */
async function at(time: string, options: Parameters<typeof startSmallFleet>[0] = {}): Promise<SmallFleet> {
  const clock = options.clock ?? fleetClock(Date.parse(`2026-01-01T${time}:00Z`));
  return startSmallFleet({ clock, ...options });
}

/** When each restart was called, as the wall clock shows it now, to the minute. */
function restartsOf({ gateway, clock }: SmallFleet): string[] {
  return gateway.restarts.map((call) => shown(call.at + clock.step));
}

function shown(wall: number): string {
  return new Date(wall).toISOString().slice(8, 16);
}

function skipped({ events }: SmallFleet): string[] {
  return events.flatMap((event) => (event.type === 'restart_skipped' ? [event.why] : []));
}

const first = ({ instance }: SmallFleet) => instance('n1');

describe('a planned restart', () => {
  it('is made when the wall clock says so, also when that is sooner than it was', async () => {
    const fleet = await at('00:30', { policy: plannedAtThree() });
    await fleet.clock.run(30 * MINUTE);
    fleet.clock.step = 90 * MINUTE;
    await fleet.clock.run(2 * HOUR);
    expect(restartsOf(fleet)).toEqual(['01T03:00']);
    expect(skipped(fleet)).toEqual([]);
  });

  it('is made when the wall clock says so, also when that is later than it was', async () => {
    const fleet = await at('02:50', { policy: plannedAtThree() });
    await fleet.clock.run(5 * MINUTE);
    fleet.clock.step = -HOUR;
    await fleet.clock.run(64 * MINUTE);
    expect(restartsOf(fleet)).toEqual([]);
    await fleet.clock.run(5 * MINUTE);
    expect(restartsOf(fleet)).toEqual(['01T03:00']);
  });

  it.each([
    ['the clock is set past its time', (clock: SimulatedClock) => void (clock.step = HOUR), HOUR],
    ['the machine is suspended over its time', (clock: SimulatedClock) => void (clock.step = 12 * MINUTE), 12 * MINUTE],
    ['the process stands still over its time', (clock: SimulatedClock) => clock.stall(12 * MINUTE), 0],
  ])('is not made up for when %s, and the log says so', async (_what, disturb, step: DurationMs) => {
    const fleet = await at('02:50', { policy: testPolicy({ schedule: '0 3,6 * * *' }) });
    await fleet.clock.run(5 * MINUTE);
    await disturb(fleet.clock);
    await fleet.clock.run(HOUR + 40 * MINUTE);
    expect(restartsOf(fleet)).toEqual([]);
    expect(skipped(fleet)).toEqual(['missed']);
    await fleet.clock.run(HOUR + 30 * MINUTE);
    expect(restartsOf(fleet)).toEqual(['01T06:00']);
    expect(fleet.clock.step).toBe(step);
  });

  it('a planned restart that was missed causes no probe', async () => {
    const fleet = await at('02:50', { policy: plannedAtThree({ every: 3600 }) });
    await fleet.clock.run(HOUR / 2);
    const before = fleet.gateway.probes.length;
    expect(fleet.gateway.restarts).toHaveLength(1);
    fleet.clock.step = DAY - 10 * MINUTE;
    await fleet.clock.run(15 * SECOND);
    expect(skipped(fleet)).toEqual(['missed']);
    expect(fleet.gateway.probes).toHaveLength(before);
  });

  it('is on time for half a minute that the clock is set past it', async () => {
    const fleet = await at('02:59', { policy: plannedAtThree() });
    await fleet.clock.run(50 * SECOND);
    fleet.clock.step = 40 * SECOND;
    await fleet.clock.run(HOUR);
    expect(restartsOf(fleet)).toEqual(['01T03:00']);
  });

  it('is made once, though the clock is set back to before it, and again the next time', async () => {
    const fleet = await at('02:50', { policy: testPolicy({ schedule: '0 3,6 * * *' }) });
    await fleet.clock.run(20 * MINUTE);
    expect(fleet.gateway.restarts).toHaveLength(1);
    fleet.clock.step = -HOUR;
    await fleet.clock.run(3 * HOUR);
    expect(fleet.gateway.restarts).toHaveLength(1);
    expect(skipped(fleet)).toEqual(['repeated']);
    await fleet.clock.run(2 * HOUR);
    expect(restartsOf(fleet).at(-1)).toBe('01T06:00');
    expect(fleet.gateway.restarts).toHaveLength(2);
  });
});

describe('a planned restart that waits for its time', () => {
  it('does not let a maintenance window pass over what failed meanwhile', async () => {
    const works = { name: 'works', cron: cron('0 2 * * *'), duration: 30 * MINUTE, accounts: [], instances: [] };
    const policy = plannedAtThree({ cooldown: 1200, factor: 1, retryEvery: 10 });
    const fleet = await at('02:45', { maintenance: [works], policy });
    fleet.gateway.causes.set('1', 'disconnected');
    await fleet.clock.run(16 * MINUTE);
    expect(fleet.gateway.restarts).toHaveLength(1);
    expect(first(fleet).state.planned).not.toBeNull();
    fleet.clock.step = -50 * MINUTE;
    fleet.gateway.causes.set('1', 'disconnected');
    await fleet.clock.run(18 * MINUTE);
    expect(first(fleet).state).toMatchObject({ phase: 'down', holds: ['maintenance'] });
    await fleet.clock.run(5 * MINUTE);
    expect(restartsOf(fleet).at(-1)).toBe('01T02:30');
  });

  it('stands in line by the moment at which it came due, whatever the clock showed then', async () => {
    const fleet = await at('02:30', { ids: ['1', '2', '3'], concurrentRestarts: 1, policy: testPolicy({ every: 10 }) });
    const { clock, gateway, watch } = fleet;
    gateway.restartTakes = 45 * MINUTE;
    const every = testPolicy({ every: 10 });
    const planned = plannedAtThree({ every: 10 });
    const instances = ['1', '2', '3'].map((id) => ({ id, policy: id === '3' ? planned : every }));
    (await prepareReload(watch, { instances }))();
    clock.step = -HOUR;
    await clock.run(50 * MINUTE);
    gateway.causes.set('1', 'disconnected');
    await clock.run(10 * MINUTE);
    gateway.causes.set('2', 'disconnected');
    await clock.run(3 * HOUR);
    expect(gateway.restarts.map(({ id }) => id)).toEqual(['1', '2', '3']);
  });
});

describe('a maintenance window', () => {
  const works = { name: 'works', cron: cron('0 2 * * *'), duration: HOUR, accounts: [], instances: [] };
  const options = { maintenance: [works], policy: testPolicy({ every: 10, retryEvery: 10 }) };

  it('a window that the clock is set into is open at once, and until the clock shows its end', async () => {
    const fleet = await at('01:00', options);
    await fleet.clock.run(MINUTE);
    fleet.clock.step = 70 * MINUTE;
    expect(fleet.watch.guards.openMaintenance()).toEqual([works]);
    fleet.gateway.causes.set('1', 'disconnected');
    await fleet.clock.run(HOUR);
    expect(restartsOf(fleet)).toEqual(['01T03:00']);
  });
});

describe('a pause', () => {
  /** Paused at noon until 14:00:13, and down since. */
  async function paused(): Promise<SmallFleet> {
    const fleet = await at('12:00');
    const until = fleet.clock.wall() + 2 * HOUR + 13 * SECOND;
    await fleet.watch.control.pause(first(fleet), { reason: 'phone change', by: 'ana', until });
    fleet.gateway.causes.set('1', 'disconnected');
    await fleet.clock.run(HOUR);
    return fleet;
  }

  it('a pause ends at once when the clock is set past its end', async () => {
    const fleet = await paused();
    // Some time before the next round of probes.
    await fleet.clock.run(5 * SECOND);
    fleet.clock.step = 61 * MINUTE;
    const from = fleet.clock.now();
    await fleet.clock.run(2 * SECOND);
    expect(fleet.gateway.restarts).toHaveLength(1);
    expect(fleet.gateway.restarts[0]!.at - from).toBeLessThan(1_300);
  });

  it('ends when the clock says so, though it was set back', async () => {
    const fleet = await paused();
    fleet.clock.step = -50 * MINUTE - 7 * SECOND;
    await fleet.clock.run(110 * MINUTE);
    expect(fleet.gateway.restarts).toEqual([]);
    await fleet.clock.run(22 * SECOND);
    expect(restartsOf(fleet)).toEqual(['01T14:00']);
    // Not a round of probes later.
    expect(fleet.gateway.restarts[0]!.at + fleet.clock.step - Date.parse('2026-01-01T14:00:13Z')).toBeLessThan(SECOND);
  });
});

describe('a schedule of probes', () => {
  const hourly = testPolicy({ probeAt: '0 * * * *' });
  const probesOf = ({ gateway, clock }: SmallFleet): string[] =>
    gateway.probes.map((call) => shown(call.at + clock.step));

  it('follows the clock after a suspend', async () => {
    const fleet = await at('00:10', { policy: hourly });
    await fleet.clock.run(MINUTE);
    fleet.clock.step = 12 * HOUR - 15 * MINUTE;
    await fleet.clock.run(HOUR + 10 * MINUTE);
    expect(probesOf(fleet)).toEqual(['01T12:00', '01T13:00']);
  });

  it('keeps to the clock for hours in which it is slewed, without a probe too many', async () => {
    const fleet = await at('00:10', { policy: hourly });
    for (let minute = 0; minute < 6 * 60; minute += 1) {
      await fleet.clock.run(MINUTE);
      fleet.clock.step -= 30;
    }
    expect(fleet.gateway.probes).toHaveLength(6);
  });
});

describe('a length of time', () => {
  it.each([
    ['forward', HOUR],
    ['back', -HOUR],
    ['forward by a day', DAY],
  ])('is as long as it was when the clock is set %s: cooldown, backoff, budget', async (_where, step) => {
    const fleet = await at('12:00', { policy: testPolicy({ cooldown: 300, factor: 2, budget: 3, per: 21_600 }) });
    fleet.gateway.causes.set('1', 'disconnected');
    fleet.gateway.onRestart = () => undefined;
    for (let minutes = 0; minutes < 8 * 60; minutes += 4) {
      await fleet.clock.run(4 * MINUTE);
      fleet.clock.step = fleet.clock.step === 0 ? step : 0;
    }
    const times = fleet.gateway.restarts.map((call) => call.at);
    const gaps = times.slice(1).map((time, index) => (time - times[index]!) / SECOND);
    expect(gaps.length).toBeGreaterThanOrEqual(3);
    expect(gaps[0]).toBeGreaterThanOrEqual(300);
    expect(gaps[1]).toBeGreaterThanOrEqual(600);
    expect(times[3]! - times[0]!).toBeGreaterThanOrEqual(6 * HOUR);
  });
});
