import { describe, expect, it } from 'vitest';
import { searchForState, type SearchParts } from '../../src/assembly/state.ts';
import type { FleetEvent } from '../../src/core/event.ts';
import { HOUR, MINUTE, SECOND } from '../../src/core/time.ts';
import { memoryStore } from '../../src/store/memory.ts';
import { UnavailableStore } from '../../src/store/unavailable-store.ts';
import { StoreError, type StateStore, type Store } from '../../src/store/store.ts';
import { testPolicy } from '../fleet/policy.ts';
import { bound, fleetClock, ids, prepareReload, type SmallFleet, startSmallFleet } from '../fleet/small-fleet.ts';
import { emptyStore } from '../fleet/small-store.ts';

const FULL = new StoreError('unavailable', 'the disk is full');
const LOCKED = new StoreError('locked', 'another copy runs');
const CORRUPT = new StoreError('corrupt', 'a file is damaged');

describe('a watch without its state', () => {
  it('probes everybody and restarts nobody, not even when it is forced', async () => {
    const { clock, gateway, watch, events } = await startSmallFleet({
      store: new UnavailableStore(CORRUPT),
      ids: ['1', '2'],
    });
    gateway.causes.set('1', 'disconnected');
    await clock.run(HOUR);
    expect(gateway.probes.filter(({ id }) => id === '1').length).toBeGreaterThan(10);
    expect(watch.fleet.instances.get('n1')?.state.phase).toBe('down');
    expect(watch.fleet.instances.get('n2')?.state.phase).toBe('healthy');
    expect([...watch.fleet.instances.values()].map(({ unsaved }) => unsaved)).toEqual([true, true]);
    const sick = watch.fleet.instances.get('n1');
    if (sick === undefined) throw new Error('n1 is watched');
    const { failed } = await watch.control.requestRestart(sick, { trigger: 'api', requestedBy: null, force: true });
    expect(failed).toContain('the intent could not be saved');
    expect(gateway.restarts).toEqual([]);
    expect(events.filter(({ type }) => type === 'restart_started')).toEqual([]);
  });

  it('restarts once the state is there, after the cooldown that it knows of', async () => {
    const { clock, fleet, store, restartedAt } = await fleetThatForgot(FULL);
    await clock.run(2 * MINUTE);
    expect(fleet.gateway.restarts).toHaveLength(1);
    expect(await find(fleet, store)).toBe(1);
    await clock.run(HOUR);
    expect(fleet.gateway.restarts.map(({ at }) => at - restartedAt).slice(0, 2)).toEqual([0, 10 * MINUTE]);
    expect(fleet.watch.fleet.instances.get('n1')?.unsaved).toBe(false);
    const stored = (await store.load()).get('acme/1');
    expect(stored?.state.history.length).toBeGreaterThan(1);
  });

  it('probes what it has not probed yet as soon as without the state', async () => {
    const clock = fleetClock();
    const store = emptyStore(clock);
    const thirty = { clock, ids: ids(30), requestsPerSecond: 1, policy: testPolicy({ every: 600 }) };
    const first = await startSmallFleet({ ...thirty, store });
    await clock.run(MINUTE);
    await first.watch.stop();
    const fleet = await startSmallFleet({ ...thirty, store: new UnavailableStore(FULL) });
    await clock.run(5 * SECOND);
    expect(await find(fleet, store)).toBe(30);
    await clock.run(MINUTE);
    expect(new Set(fleet.gateway.probes.map(({ id }) => id)).size).toBe(30);
  });

  it('would have restarted at once if the state had been lost for good', async () => {
    const { clock, fleet, restartedAt } = await fleetThatForgot(FULL);
    await find(fleet, emptyStore());
    await clock.run(9 * MINUTE);
    expect((fleet.gateway.restarts[1]?.at ?? Infinity) - restartedAt).toBeLessThan(10 * MINUTE);
  });

  it('keeps a pause that was requested meanwhile', async () => {
    const { clock, fleet, store } = await fleetThatForgot(FULL);
    const sick = fleet.watch.fleet.instances.get('n1');
    if (sick === undefined) throw new Error('n1 is watched');
    const pause = { reason: 'new SIM', by: 'me', until: null };
    expect((await fleet.watch.control.pause(sick, pause)).saved).toBe(false);
    await find(fleet, store);
    await clock.run(HOUR);
    expect(fleet.gateway.restarts).toHaveLength(1);
    expect((await store.load()).get('acme/1')?.state.pause).toMatchObject(pause);
  });

  it('counts the restarts of the last minute among those of the account', async () => {
    const options = { ids: ['1', '2'], restartsPerMinute: 1 };
    const { clock, fleet, store, restartedAt } = await fleetThatForgot(FULL, options);
    fleet.gateway.causes.set('1', 'connected');
    fleet.gateway.causes.set('2', 'disconnected');
    await clock.run(15 * SECOND);
    await find(fleet, store);
    while (fleet.gateway.restarts.length < 2) await clock.run(SECOND);
    expect(fleet.gateway.restarts[1]?.id).toBe('2');
    expect((fleet.gateway.restarts[1]?.at ?? 0) - restartedAt).toBeGreaterThanOrEqual(MINUTE);
  });

  it('gives the state to instances that come with a later reload', async () => {
    const { fleet, store } = await fleetThatForgot(FULL, { ids: ['2'] });
    await find(fleet, store);
    const instances = ['1', '2'].map((id) => ({ id, policy: POLICY }));
    (await prepareReload(fleet.watch, { instances }))();
    expect(fleet.watch.fleet.instances.get('n1')?.state.history).toHaveLength(1);
  });

  it('gives the state also to instances of a reload that was prepared before it was found', async () => {
    const { clock, fleet, store, restartedAt } = await fleetThatForgot(FULL, { ids: ['2'] });
    const swap = await prepareReload(fleet.watch, { instances: [{ id: '1', policy: POLICY }] });
    await find(fleet, store);
    swap();
    await clock.run(HOUR);
    expect(fleet.instance('n1').unsaved).toBe(false);
    expect(fleet.gateway.restarts.map(({ at }) => at - restartedAt).slice(0, 2)).toEqual([0, 10 * MINUTE]);
  });
});

describe('the search for a state', () => {
  it('reports that there is none, tries again at growing intervals, and reports when it is found', async () => {
    const { attempts, clock, events, answers, standIn } = search(FULL);
    await clock.run(5 * MINUTE);
    expect(attempts).toEqual([5, 15, 35, 75, 135, 195, 255]);
    expect(events).toEqual([
      { at: expect.any(Number) as number, type: 'state_unusable', reason: FULL.message, soughtAgain: true },
    ]);
    answers.push(memoryStore());
    await clock.run(MINUTE);
    expect(events.at(-1)).toMatchObject({ type: 'state_found', instances: 7 });
    expect(standIn.trouble).toBe(null);
    await clock.run(HOUR);
    expect(attempts).toHaveLength(8);
  });

  it('waits for another copy that has been faster to end, and says so', async () => {
    const { attempts, clock, events, answers } = search(FULL);
    answers.push(LOCKED, LOCKED, memoryStore());
    await clock.run(HOUR);
    expect(attempts).toHaveLength(3);
    expect(events.map((event) => ('reason' in event ? event.reason : event.type))).toEqual([
      FULL.message,
      LOCKED.message,
      'state_found',
    ]);
  });

  it('leaves a damaged state alone, from the start or as soon as it is seen', async () => {
    const atStart = search(CORRUPT);
    await atStart.clock.run(HOUR);
    expect(atStart.attempts).toEqual([]);
    expect(atStart.events).toMatchObject([{ type: 'state_unusable', soughtAgain: false }]);
    const later = search(FULL);
    later.answers.push(CORRUPT, memoryStore());
    await later.clock.run(HOUR);
    expect(later.attempts).toHaveLength(1);
    expect(later.events).toMatchObject([{ soughtAgain: true }, { soughtAgain: false, reason: CORRUPT.message }]);
  });

  it('goes on where a store opens and cannot be read after all', async () => {
    const { attempts, clock, answers, standIn } = search(FULL);
    let closed = false;
    const unreadable: Store = {
      history: memoryStore().history,
      ...bound(memoryStore()),
      load: () => Promise.reject(FULL),
      close: () => Promise.resolve(void (closed = true)),
    };
    answers.push(unreadable, memoryStore());
    await clock.run(HOUR);
    expect(attempts).toHaveLength(2);
    expect(closed).toBe(true);
    expect(standIn.trouble).toBe(null);
  });

  it('ends when it is stopped, and closes what it had just opened', async () => {
    const { clock, stop, attempts, standIn } = search(FULL);
    await clock.run(SECOND);
    await stop();
    await clock.run(HOUR);
    expect(attempts).toEqual([]);
    const late = memoryStore();
    await standIn.close();
    await standIn.found(late);
    await expect(late.load()).rejects.toThrow('closed');
  });

  it('hands on what is no trouble of the state', async () => {
    const { clock, errors, answers } = search(FULL);
    const bug = new TypeError('a bug');
    answers.push(bug);
    await clock.run(MINUTE);
    expect(errors).toEqual([bug]);
  });
});

const POLICY = testPolicy({ every: 10, retryEvery: 5, cooldown: 600, factor: 1, budget: 3, per: 21_600 });

/** A fleet whose first instance was restarted in vain a moment ago; then its process lost sight of the state. */
async function fleetThatForgot(trouble: StoreError, options: Parameters<typeof startSmallFleet>[0] = {}) {
  const clock = fleetClock();
  const store = emptyStore(clock);
  const first = await startSmallFleet({ clock, store, policy: POLICY, ...options, ids: ['1'] });
  const { gateway } = first;
  gateway.onRestart = () => undefined;
  gateway.causes.set('1', 'disconnected');
  while (gateway.restarts.length === 0) await clock.run(SECOND);
  await clock.run(2 * SECOND);
  await first.watch.stop();
  const restartedAt = gateway.restarts[0]?.at ?? 0;
  const standIn = new UnavailableStore(trouble);
  const fleet = await startSmallFleet({ clock, gateway, store: standIn, policy: POLICY, ...options });
  await clock.run(5 * SECOND);
  return { clock, store, fleet, restartedAt };
}

/** Lets a fleet have its state after all. */
async function find({ store, watch }: SmallFleet, real: StateStore): Promise<number> {
  if (!(store instanceof UnavailableStore)) throw new Error('the fleet has its state already');
  await store.found(real as Store);
  return await watch.restoreState(await real.load());
}

function search(trouble: StoreError) {
  const clock = fleetClock();
  const startedAt = clock.now();
  const standIn = new UnavailableStore(trouble);
  const [attempts, events, errors]: [number[], FleetEvent[], unknown[]] = [[], [], []];
  const answers: (Error | Store)[] = [];
  const parts: SearchParts = {
    clock,
    publish: (event) => void events.push(event),
    open() {
      attempts.push((clock.now() - startedAt) / SECOND);
      const answer = answers.shift() ?? FULL;
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    },
    restore: () => Promise.resolve(7),
    onError: (error) => void errors.push(error),
  };
  return { clock, standIn, attempts, events, errors, answers, stop: searchForState(standIn, parts) };
}
