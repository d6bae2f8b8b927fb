import { describe, expect, it } from 'vitest';
import type { SimulatedClock } from '../simulation/simulated-clock.ts';
import { memoryStore } from '../store/memory.ts';
import type { Store } from '../store/store.ts';
import { HOUR, MINUTE, SECOND } from '../core/time.ts';
import type { EventBus } from '../telemetry/event-bus.ts';
import { strictBus } from '../../test/fleet/strict-bus.ts';
import { RecentEvents } from '../telemetry/recent-events.ts';
import { Masks } from '../redaction/masks.ts';
import { fleetClock, startSmallFleet, type SmallFleet, type SmallFleetOptions } from '../../test/fleet/small-fleet.ts';
import { testPolicy } from '../../test/fleet/policy.ts';
import { sumOf } from './bucket.ts';
import { Calendar } from './calendar.ts';
import { History } from './history.ts';
import type { Incident } from './incident.ts';

/** Ten minutes past an hour. */
const START = Date.parse('2026-11-29T10:10:00Z');
const UTC = new Calendar('UTC');
const POLICY = testPolicy({ every: 120 });

interface Process extends SmallFleet {
  readonly bus: EventBus;
  readonly history: History;
  readonly recent: RecentEvents;
  readonly troubles: unknown[];
  readonly stop: () => Promise<void>;
}

/** A watchdog with its history, over a store that outlives it. */
async function start(store: Store, clock: SimulatedClock, options: SmallFleetOptions = {}): Promise<Process> {
  const bus = strictBus();
  const fleet = await startSmallFleet({
    clock,
    store,
    policy: POLICY,
    ids: ['1', '2'],
    ...options,
    publish: bus.publish,
  });
  const recent = new RecentEvents(bus, new Masks(() => []));
  const troubles: unknown[] = [];
  const history = new History({
    ...{ clock, wall: fleet.wall, bus, recent, store: store.history, writer: 'main' },
    fleet: () => fleet.watch.fleet,
    openMaintenance: () => fleet.watch.guards.openMaintenance(),
    calendar: () => UTC,
    onTrouble: (error) => void troubles.push(error),
  });
  history.start();
  const stop = async (): Promise<void> => {
    await fleet.watch.stop();
    await history.stop();
  };
  return { ...fleet, bus, history, recent, troubles, stop };
}

async function totals({ history, instance }: Process, name = 'n1') {
  const [past] = await history.of([instance(name)]);
  return sumOf(past?.hours ?? []);
}

async function incidentsOf({ history }: Process): Promise<Incident[]> {
  const found: Incident[] = [];
  for await (const incident of history.everyIncident()) found.push(incident);
  return found;
}

describe('the history of a fleet', () => {
  it('loses nothing when the daemon is stopped and started in the middle of an hour, and knows what it did not see', async () => {
    const [store, clock] = [memoryStore(), fleetClock(START)];
    const first = await start(store, clock);
    await clock.run(2 * HOUR + 5 * MINUTE);
    const before = await totals(first);
    expect(before.healthy).toBeGreaterThan(7_400);
    await first.stop();
    await clock.run(10 * MINUTE);
    const second = await start(store, clock);
    expect(await totals(second)).toMatchObject({ healthy: before.healthy });
    await clock.run(5 * MINUTE);
    const after = await totals(second);
    expect(after.unknown).toBeGreaterThanOrEqual(600);
    expect(after.healthy + after.unknown).toBe((2 * HOUR + 20 * MINUTE) / SECOND);
    expect(after.latency).not.toBeNull();
  });

  it('counts a probe for the instance of that name, also where the place that comes with it is another one by now', async () => {
    const clock = fleetClock(START);
    const process = await start(memoryStore(), clock);
    await clock.run(10 * SECOND);
    const [at, historyRow] = [clock.now(), process.instance('n2').historyRow];
    const probe = {
      type: 'probe_finished',
      cause: 'connected',
      detail: null,
      startedAt: at,
      latenessSeconds: 0,
    } as const;
    process.bus.publish({ ...probe, at, name: 'n1', account: 'a', seconds: 500, historyRow });
    expect((await totals(process, 'n1')).latency).toBeGreaterThan(100_000);
    expect((await totals(process, 'n2')).latency ?? 0).toBeLessThan(1_000);
  });

  it('writes an hour once it is over, so a crash loses less than one', async () => {
    const [store, clock] = [memoryStore(), fleetClock(START)];
    const first = await start(store, clock);
    await clock.run(50 * MINUTE + 59 * MINUTE);
    await first.watch.stop();
    const second = await start(store, clock);
    const { healthy, unknown } = await totals(second);
    expect(healthy).toBeGreaterThan(49 * 60);
    expect(unknown).toBeLessThan(3_600);
  });

  it('counts failing, restarts and healings, and remembers the incident, also in the next process', async () => {
    const [store, clock] = [memoryStore(), fleetClock(START)];
    const first = await start(store, clock);
    await clock.run(5 * MINUTE);
    first.gateway.onRestart = () => undefined;
    first.gateway.causes.set('1', 'disconnected');
    await clock.run(20 * MINUTE);
    await first.stop();
    const second = await start(store, clock, { gateway: first.gateway });
    const [open] = await incidentsOf(second);
    expect(open).toMatchObject({ kind: 'down', name: 'n1', ended: null, cause: 'disconnected' });
    second.gateway.onRestart = (id) => void second.gateway.causes.set(id, 'connected');
    await clock.run(HOUR);
    const { failing, restarts, healings, healSeconds } = await totals(second);
    expect(failing).toBeGreaterThan(20 * 60);
    expect(restarts).toBeGreaterThan(1);
    expect(healings).toBe(1);
    expect(healSeconds).toBeGreaterThan(0);
    expect(await totals(second, 'n2')).toMatchObject({ failing: 0, restarts: 0 });
    await second.stop();
    const incidents = await incidentsOf(await start(store, clock));
    expect(incidents).toMatchObject([{ name: 'n1', endedBy: 'restart', trigger: 'failure', began: open?.began }]);
    expect(incidents[0]?.ended).toBeGreaterThan(incidents[0]?.began ?? 0);
  });

  it('brings back the last probes and events, and counts the events on', async () => {
    const [store, clock] = [memoryStore(), fleetClock(START)];
    const first = await start(store, clock);
    await clock.run(20 * MINUTE);
    const [probes, events] = [first.instance('n1').seen.list(), first.recent.list(ALL, 1_000)];
    expect(events.length).toBeGreaterThan(0);
    await first.stop();
    const second = await start(store, clock, { starts: false });
    await clock.run(SECOND);
    expect(second.instance('n1').seen.list()).toEqual(probes);
    expect(second.recent.list(ALL, 1_000).slice(0, events.length)).toEqual(events);
    expect(second.instance('n1').lastProbe).toBeNull();
  });

  it('takes a pause and a maintenance window for what they are, and a disabled instance for nothing', async () => {
    const [store, clock] = [memoryStore(), fleetClock(START)];
    const disabled = { id: '3', enabled: false };
    const process = await start(store, clock, { instances: [{ id: '1' }, { id: '2' }, disabled] });
    await clock.run(10 * MINUTE);
    await process.watch.control.pause(process.instance('n1'), { reason: 'phone', by: 'ana', until: null });
    await clock.run(30 * MINUTE);
    expect((await totals(process)).paused).toBe(1_800);
    expect((await totals(process, 'n2')).paused).toBe(0);
    expect(await process.history.of([process.instance('n3')])).toMatchObject([{ until: 0 }]);
  });

  it('keeps a silence as an incident, over a start as well, and what ended it; what is silent is healthy', async () => {
    const [store, clock] = [memoryStore(), fleetClock(START)];
    const policy = testPolicy({ every: 60, silentAfter: 1200 });
    const first = await start(store, clock, { policy });
    const hearsSecond = async (minutes: number, { watch, instance }: Process): Promise<void> => {
      for (let minute = 0; minute < minutes; minute += 1) {
        watch.control.heard(instance('n2'));
        await clock.run(MINUTE);
      }
    };
    await hearsSecond(25, first);
    const [lasting] = await incidentsOf(first);
    expect(lasting).toMatchObject({ kind: 'silent', name: 'n1', cause: 'silent', ended: null });
    expect((await totals(first)).failing).toBe(0);
    await first.stop();
    const second = await start(store, clock, { policy, gateway: first.gateway });
    expect(await incidentsOf(second)).toEqual([lasting]);
    await hearsSecond(5, second);
    second.watch.control.heard(second.instance('n1'));
    await clock.run(1);
    const over = { ...lasting, ended: START + 30 * MINUTE, endedBy: 'sign_of_life' };
    expect(await incidentsOf(second)).toEqual([over]);
    expect((await totals(second)).failing).toBe(0);
    await second.stop();
    expect(await incidentsOf(await start(store, clock, { policy }))).toContainEqual(over);
  });

  it('knows nothing of a time in which the process was suspended', async () => {
    const [store, clock] = [memoryStore(), fleetClock(START)];
    const process = await start(store, clock);
    await clock.run(10 * MINUTE);
    clock.step += 20 * MINUTE;
    await clock.run(MINUTE);
    const { unknown, healthy } = await totals(process);
    expect(unknown).toBeGreaterThanOrEqual(20 * 60 - 10);
    expect(healthy).toBeLessThan(12 * 60);
  });

  it('writes no longer than some seconds at the end, says of how many the last hour is lost, and keeps the incidents', async () => {
    const [store, clock] = [memoryStore(), fleetClock(START)];
    const ids = Array.from({ length: 1_200 }, (_, index) => String(index + 1));
    const process = await start(store, clock, { ids });
    process.gateway.onRestart = () => undefined;
    process.gateway.causes.set('1', 'disconnected');
    await clock.run(20 * MINUTE);
    process.gateway.causes.set('1', 'connected');
    await clock.run(10 * MINUTE);
    const real = store.history.write.bind(store.history);
    Object.assign(store.history, {
      async write(records: ReadonlyMap<string, Uint8Array | null>) {
        if (records.size > 100) await clock.stall(5 * SECOND);
        await real(records);
      },
    });
    await process.stop();
    expect(process.troubles).toEqual([new Error('the last hour of 200 instances was not written within 8 s')]);
    Object.assign(store.history, { write: real });
    const next = await start(store, clock, { ids });
    expect((await totals(next)).healthy).toBeGreaterThan(300);
    expect((await totals(next, 'n1200')).healthy).toBeLessThan(60);
    expect(await incidentsOf(next)).toMatchObject([{ kind: 'down', name: 'n1', endedBy: 'restart' }]);
  });

  it('goes on while nothing can be written, says so once, and writes it later', async () => {
    const [store, clock] = [memoryStore(), fleetClock(START)];
    const { history } = store;
    const real = history.write.bind(history);
    const process = await start(store, clock);
    const full = { write: () => Promise.reject(new Error('full')) };
    Object.assign(store.history, full);
    await clock.run(HOUR + 20 * MINUTE);
    expect(process.troubles).toHaveLength(1);
    Object.assign(store.history, { write: real });
    await clock.run(5 * MINUTE);
    const { healthy } = await totals(process);
    expect(healthy).toBeGreaterThan(84 * 60);
  });
});

const ALL = { after: 0, name: null, account: null };
