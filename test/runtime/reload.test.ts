import { describe, expect, it } from 'vitest';
import type { Policy } from '../../src/core/policy.ts';
import { HOUR, MINUTE, SECOND } from '../../src/core/time.ts';
import type { Account } from '../../src/runtime/fleet/account.ts';
import type { GuardSettings } from '../../src/core/settings.ts';
import { FakeGateway } from '../fleet/fake-gateway.ts';
import { testAccount, testGuards, type TestInstance, type TestLimits } from '../fleet/fleet.ts';
import { testPolicy } from '../fleet/policy.ts';
import { prepareReload, startSmallFleet } from '../fleet/small-fleet.ts';

/** A watchdog over a fleet that a test can define again. */
async function startFleet(instances: readonly TestInstance[], policy: Policy = testPolicy()) {
  const fleet = await startSmallFleet({ instances, policy, restartsPerMinute: 100 });
  const { clock, watch, gateway } = fleet;
  const gateways = [gateway];
  const newGateway = (): FakeGateway => {
    const another = new FakeGateway(clock);
    gateways.push(another);
    return another;
  };
  const openAccount = (name: string, limits: TestLimits = {}, through = newGateway()): Account =>
    testAccount(clock, { name, gateway: through, restartsPerMinute: 100, ...limits });
  const prepare = (wanted: readonly TestInstance[], accounts?: readonly Account[], guards?: GuardSettings) =>
    prepareReload(watch, { accounts, guards, instances: wanted.map((instance) => ({ policy, ...instance })) });
  const reload = async (...wanted: Parameters<typeof prepare>) => (await prepare(...wanted))();
  const acme = watch.fleet.accounts.get('acme')!;
  return { ...fleet, gateways, acme, openAccount, prepare, reload };
}

const probesOf = (gateway: FakeGateway, id: string): number[] =>
  gateway.probes.filter((probe) => probe.id === id).map(({ at }) => at);

describe('how many are probed over an account', () => {
  it('the size of an account is counted again by each reload, without disabled instances', async () => {
    const { acme, openAccount, reload } = await startFleet([{ id: '1' }, { id: '2' }, { id: '3', enabled: false }]);
    expect(acme.size).toBe(2);
    const other = openAccount('other');
    await reload([{ id: '1' }, { id: '3' }, { id: '4' }, { id: '5', account: 'other' }], [acme, other]);
    expect([acme.size, other.size]).toEqual([3, 1]);
    await reload([], [acme]);
    expect(acme.size).toBe(0);
  });

  it('sets how close their places lie', async () => {
    const { clock, gateway, reload } = await startFleet([{ id: '1' }, { id: '2' }]);
    await reload(Array.from({ length: 300 }, (_, index) => ({ id: String(index + 1) })));
    await clock.run(2 * MINUTE);
    const startedAt = clock.now();
    await clock.run(30 * SECOND);
    const times = new Set(gateway.probes.filter(({ at }) => at > startedAt).map(({ at }) => at));
    expect(times.size).toBeGreaterThan(12);
    expect(times.size).toBeLessThan(30);
  });
});

describe('an instance that a reload leaves as it is', () => {
  it('keeps its state, its last verdicts and the time of its next probe', async () => {
    const { clock, gateway, reload, instance } = await startFleet([{ id: '1' }, { id: '2' }]);
    gateway.causes.set('1', 'disconnected');
    await clock.run(45 * SECOND);
    const before = instance('n1');
    const { state, lastProbe, nextProbeAt } = before;
    expect(state.phase).toBe('suspect');
    // Reading the same config again gives equal policies and labels, not the same objects.
    const again = ['1', '2'].map((id) => ({ id, policy: testPolicy(), labels: {} }));
    const report = await reload(again);
    expect(report).toMatchObject({ added: 0, removed: 0, changed: 0, changedAccounts: 0, forgotten: [] });
    expect(instance('n1')).toBe(before);
    expect(before).toMatchObject({ state, lastProbe, nextProbeAt });
    expect(before.seen.list().map(({ cause }) => cause)).toContain('disconnected');
  });

  it('is no newcomer, unlike those that are added, enabled or renamed', async () => {
    const { reload } = await startFleet([{ id: '1' }, { id: '2', enabled: false }, { id: '3' }, { id: '4' }]);
    const { newcomers } = await reload([{ id: '1' }, { id: '2' }, { id: '3', name: 'renamed' }, { id: '5' }]);
    expect(newcomers.map(({ name }) => name).sort()).toEqual(['n2', 'n5', 'renamed']);
  });

  it('is not probed more often, however often the config is reloaded', async () => {
    const { clock, gateway, reload } = await startFleet([{ id: '1' }]);
    for (let round = 0; round < 60; round += 1) {
      await clock.run(10 * SECOND);
      await reload([{ id: '1' }]);
    }
    expect(gateway.probes.length).toBeLessThanOrEqual(21);
    expect(gateway.probes.length).toBeGreaterThanOrEqual(19);
  });

  it('keeps its cooldown, also under another name', async () => {
    const { clock, gateway, reload, instance } = await startFleet([{ id: '1' }]);
    gateway.causes.set('1', 'disconnected');
    gateway.onRestart = () => undefined;
    await clock.run(3 * MINUTE);
    expect(gateway.restarts).toHaveLength(1);
    const { cooldownUntil } = instance('n1').state;
    const report = await reload([{ id: '1', name: 'support' }]);
    expect(report.forgotten).toEqual([{ name: 'n1', account: 'acme' }]);
    expect(instance('support').state).toMatchObject({ cooldownUntil, attempt: 1 });
    await clock.run(cooldownUntil! - clock.now() - 1);
    expect(gateway.restarts).toHaveLength(1);
    await clock.run(MINUTE);
    expect(gateway.restarts).toHaveLength(2);
  });
});

describe('an instance with another definition', () => {
  it('is probed at its new interval', async () => {
    const { clock, gateway, reload } = await startFleet([{ id: '1' }], testPolicy({ every: 600 }));
    await clock.run(MINUTE);
    expect(gateway.probes).toHaveLength(1);
    await reload([{ id: '1', policy: testPolicy({ every: 10 }) }]);
    await clock.run(MINUTE);
    expect(gateway.probes.length).toBeGreaterThanOrEqual(6);
  });

  it('is no longer probed once it is disabled, and begins again once it is enabled', async () => {
    const { clock, gateway, reload, instance } = await startFleet([{ id: '1' }]);
    await clock.run(MINUTE);
    await reload([{ id: '1', enabled: false }]);
    expect(instance('n1').schedule.queueIndex).toBe(-1);
    const asked = gateway.probes.length;
    await clock.run(10 * MINUTE);
    expect(gateway.probes).toHaveLength(asked);
    await reload([{ id: '1' }]);
    await clock.run(SECOND);
    expect(gateway.probes).toHaveLength(asked + 1);
  });
});

describe('an instance that is new', () => {
  it('is probed within the time that a start would give it, not all at once', async () => {
    const { clock, gateway, openAccount, reload } = await startFleet([{ id: 'old' }]);
    await clock.run(MINUTE);
    const ids = Array.from({ length: 100 }, (_, index) => String(index));
    const began = clock.now();
    await reload(
      [{ id: 'old' }, ...ids.map((id) => ({ id }))],
      [openAccount('acme', { requestsPerSecond: 10 }, gateway)],
    );
    await clock.run(12 * SECOND);
    const first = ids.map((id) => probesOf(gateway, id)[0]! - began);
    expect(Math.max(...first)).toBeLessThanOrEqual(11 * SECOND);
    expect(first.filter((after) => after < SECOND).length).toBeLessThan(25);
  });
});

describe('an instance that is gone', () => {
  it('is neither probed nor shown any more, and comes back with what is known of it', async () => {
    const { clock, gateway, reload, watch, instance } = await startFleet([{ id: '1' }, { id: '2' }]);
    gateway.causes.set('1', 'disconnected');
    gateway.onRestart = () => undefined;
    await clock.run(2 * MINUTE);
    const { cooldownUntil } = instance('n1').state;
    const asked = probesOf(gateway, '1').length;
    expect(await reload([{ id: '2' }])).toMatchObject({ removed: 1, forgotten: [{ name: 'n1', account: 'acme' }] });
    expect([...watch.fleet.instances.keys()]).toEqual(['n2']);
    await clock.run(MINUTE);
    expect(probesOf(gateway, '1')).toHaveLength(asked);
    expect(await reload([{ id: '1' }, { id: '2' }])).toMatchObject({ added: 1 });
    expect(instance('n1').state).toMatchObject({ cooldownUntil, attempt: 1 });
    await clock.run(SECOND);
    expect(probesOf(gateway, '1')).toHaveLength(asked + 1);
  });

  it.each([
    ['gone', []],
    ['disabled', [{ id: '1', enabled: false }]],
  ])('an instance that is %s is not restarted because of an answer that was under way', async (_how, wanted) => {
    const { clock, gateway, reload, events } = await startFleet([{ id: '1' }], testPolicy({ threshold: 1 }));
    gateway.causes.set('1', 'disconnected');
    gateway.probeTakes = 5 * SECOND;
    await clock.run(2 * SECOND);
    expect(gateway.probes).toHaveLength(1);
    await reload(wanted);
    await clock.run(10 * MINUTE);
    expect(gateway.restarts).toEqual([]);
    expect(events).toEqual([]);
  });

  it('an instance that is gone or disabled is not restarted on request; a disabled one only by force', async () => {
    const { clock, gateway, reload, instance, watch } = await startFleet([{ id: '1' }]);
    await clock.run(MINUTE);
    const first = instance('n1');
    const ask = (force: boolean) => watch.control.requestRestart(first, { trigger: 'alert', requestedBy: null, force });
    await reload([{ id: '1', enabled: false }]);
    expect((await ask(false)).skipped).toBe('disabled');
    expect(gateway.restarts).toEqual([]);
    const forced = await ask(true);
    await clock.run(MINUTE);
    expect((await forced.ended)?.outcome).toBe('accepted');
    await reload([]);
    expect((await ask(true)).skipped).toBe('disabled');
    await clock.run(MINUTE);
    expect(gateway.restarts).toHaveLength(1);
  });

  it('takes no capacity from the others while it is disabled, whatever is requested of it', async () => {
    const { clock, gateway, openAccount, reload, instance, watch } = await startFleet(
      [{ id: '1' }, { id: '2' }],
      testPolicy({ threshold: 1 }),
    );
    await reload([{ id: '1' }, { id: '2' }], [openAccount('acme', { concurrentRestarts: 1 }, gateway)]);
    await clock.run(MINUTE);
    gateway.restartTakes = 2 * MINUTE;
    gateway.onRestart = () => undefined;
    for (const id of ['1', '2']) gateway.causes.set(id, 'disconnected');
    await clock.run(MINUTE);
    const [first] = gateway.restarts;
    const waiting = first?.id === '1' ? '2' : '1';
    expect(instance(`n${waiting}`).state.holds).toEqual(['concurrency']);
    await reload(['1', '2'].map((id) => ({ id, enabled: id !== waiting })));
    await watch.control.pause(instance(`n${waiting}`), { reason: 'works', by: 'somebody', until: null });
    await clock.run(HOUR);
    expect(gateway.restarts.length).toBeGreaterThan(1);
    expect(gateway.restarts.map(({ id }) => id)).not.toContain(waiting);
  });

  it('has its restart call in flight end, and written down', async () => {
    const { clock, store, gateway, reload, events } = await startFleet([{ id: '1' }]);
    gateway.causes.set('1', 'disconnected');
    gateway.restartTakes = 20 * SECOND;
    while (gateway.restarts.length === 0) await clock.run(SECOND);
    const { settled } = await reload([]);
    let isSettled = false;
    void settled.then(() => (isSettled = true));
    await clock.run(SECOND);
    expect(isSettled).toBe(false);
    await clock.run(MINUTE);
    expect(isSettled).toBe(true);
    expect(events.find(({ type }) => type === 'restart_finished')).toMatchObject({ outcome: 'accepted' });
    const stored = (await store.load()).get('acme/1')!;
    expect(stored.state.intent).toBeNull();
    expect(gateway.restarts).toHaveLength(1);
  });

  it('an instance that comes back during its restart call is not restarted a second time', async () => {
    const { clock, gateway, reload, instance } = await startFleet([{ id: '1' }]);
    gateway.causes.set('1', 'disconnected');
    gateway.restartTakes = 20 * SECOND;
    gateway.onRestart = () => undefined;
    while (gateway.restarts.length === 0) await clock.run(SECOND);
    await reload([]);
    await reload([{ id: '1' }]);
    expect(instance('n1').state.phase).toBe('restarting');
    await clock.run(4 * MINUTE);
    expect(gateway.restarts).toHaveLength(1);
    expect(instance('n1').state.history).toMatchObject([{ outcome: 'accepted' }]);
  });

  it('an instance that leaves while its restart waits for its turn is not restarted', async () => {
    const { clock, gateway, openAccount, reload, instance, events } = await startFleet([{ id: '1' }]);
    await reload([{ id: '1' }], [openAccount('acme', { requestsPerSecond: 0.1 }, gateway)]);
    gateway.causes.set('1', 'disconnected');
    while (instance('n1').state.phase !== 'restarting') await clock.run(SECOND);
    expect(gateway.restarts).toEqual([]);
    await reload([], []);
    await clock.run(10 * MINUTE);
    expect(gateway.restarts).toEqual([]);
    expect(events.find(({ type }) => type === 'restart_finished')).toMatchObject({
      outcome: 'unreachable',
      detail: expect.stringContaining('removed from the config') as unknown,
    });
  });
});

describe('an account that changed', () => {
  it('is probed in the new way from the next probe on, which comes at once', async () => {
    const { clock, gateway, gateways, openAccount, reload } = await startFleet(
      [{ id: '1' }],
      testPolicy({ every: 600 }),
    );
    await clock.run(MINUTE);
    const asked = gateway.probes.length;
    expect(await reload([{ id: '1' }], [openAccount('acme')])).toMatchObject({ changedAccounts: 1, changed: 0 });
    await clock.run(SECOND);
    expect(gateway.probes).toHaveLength(asked);
    expect(gateways[1]!.probes).toHaveLength(1);
    expect(gateway.closed).toBe(true);
  });

  it('has its restart calls in flight end in the old way, which is closed only then', async () => {
    const { clock, gateway, gateways, openAccount, reload, instance } = await startFleet([{ id: '1' }]);
    gateway.causes.set('1', 'disconnected');
    gateway.restartTakes = 20 * SECOND;
    while (gateway.restarts.length === 0) await clock.run(SECOND);
    await reload([{ id: '1' }], [openAccount('acme')]);
    await clock.run(5 * SECOND);
    expect(gateway.closed).toBe(false);
    await clock.run(20 * SECOND);
    expect(gateway.closed).toBe(true);
    expect(instance('n1').state.history).toMatchObject([{ outcome: 'accepted' }]);
    expect(gateways[1]!.restarts).toEqual([]);
  });

  it('does not believe an answer that comes in the old way, and asks again', async () => {
    const { clock, gateway, gateways, openAccount, reload, instance } = await startFleet([{ id: '1' }]);
    gateway.causes.set('1', 'unauthorized');
    gateway.probeTakes = 5 * SECOND;
    await clock.run(2 * SECOND);
    await reload([{ id: '1' }], [openAccount('acme')]);
    await clock.run(6 * SECOND);
    expect(instance('n1').state.phase).toBe('healthy');
    expect(gateways[1]!.probes.length).toBeGreaterThan(0);
  });

  it('begins no more restarts within a minute because of it', async () => {
    const ids = ['1', '2', '3', '4'];
    const { clock, gateways, openAccount, reload } = await startFleet([]);
    for (let round = 0; round < 20; round += 1) {
      const sick = new FakeGateway(clock);
      gateways.push(sick);
      sick.onRestart = () => undefined;
      for (const id of ids) sick.causes.set(id, 'disconnected');
      await reload(
        ids.map((id) => ({ id })),
        [openAccount('acme', { restartsPerMinute: 1 }, sick)],
      );
      await clock.run(125 * SECOND);
    }
    const times = gateways.flatMap(({ restarts }) => restarts.map(({ at }) => at));
    expect(times.length).toBeGreaterThan(4);
    for (const [index, at] of times.slice(1).entries()) expect(at - times[index]!).toBeGreaterThanOrEqual(MINUTE);
  });

  it('has no more calls at a time because of it', async () => {
    const ids = ['1', '2', '3', '4'];
    const { clock, gateway, openAccount, reload } = await startFleet([], testPolicy({ every: 10 }));
    gateway.probeTakes = 5 * SECOND;
    for (let round = 0; round < 20; round += 1) {
      const limits = { concurrency: 1, requestsPerSecond: 100 + round };
      await reload(
        ids.map((id) => ({ id })),
        [openAccount('acme', limits, gateway)],
      );
      await clock.run(2 * SECOND);
    }
    expect(gateway.probes.length).toBeGreaterThan(4);
    expect(gateway.most).toBe(1);
  });

  it('is not held against what the old way refuses meanwhile', async () => {
    const { clock, gateway, gateways, openAccount, reload, instance, events } = await startFleet([{ id: '1' }]);
    gateway.causes.set('1', 'disconnected');
    gateway.restartTakes = 20 * SECOND;
    gateway.result = { outcome: 'rejected', httpStatus: 401, refusal: 'unauthorized', body: {} };
    gateway.onRestart = () => undefined;
    while (gateway.restarts.length === 0) await clock.run(SECOND);
    const mended = openAccount('acme');
    gateways[1]!.causes.set('1', 'disconnected');
    await reload([{ id: '1' }], [mended]);
    await clock.run(30 * SECOND);
    expect(events.find(({ type }) => type === 'restart_finished')).toMatchObject({ outcome: 'rejected' });
    expect(instance('n1').state).toMatchObject({ phase: 'down', refusal: null });
    await clock.run(10 * MINUTE);
    expect(gateways[1]!.restarts).toHaveLength(1);
    expect(instance('n1').state.phase).toBe('healthy');
  });

  it('changes nothing but its limits when only those changed', async () => {
    const { clock, gateway, openAccount, reload } = await startFleet([{ id: '1' }]);
    await clock.run(10 * SECOND);
    const asked = gateway.probes.length;
    const report = await reload([{ id: '1' }], [openAccount('acme', { requestsPerSecond: 1 }, gateway)]);
    expect(report.changedAccounts).toBe(0);
    await clock.run(SECOND);
    expect(gateway.probes).toHaveLength(asked);
    expect(gateway.closed).toBe(false);
  });
});

describe('an account that is gone', () => {
  it('is closed, and comes back with what it spent', async () => {
    const { clock, gateway, acme, openAccount, reload, watch, instance } = await startFleet([{ id: '1' }]);
    await clock.run(MINUTE);
    expect(await reload([], [])).toMatchObject({ removed: 1, forgottenAccounts: ['acme'] });
    await clock.run(0);
    expect(gateway.closed).toBe(true);
    expect(watch.fleet.accounts.size).toBe(0);
    await reload([{ id: '1' }], [openAccount('acme')]);
    expect(watch.fleet.accounts.get('acme')).toBe(acme);
    expect(instance('n1').account.gateway).not.toBe(gateway);
    await clock.run(SECOND);
    expect(instance('n1').lastProbe?.cause).toBe('connected');
  });
});

describe('a planned restart', () => {
  const scheduled = (): Policy => testPolicy({ stableFor: 1, cooldown: 1, schedule: '0 * * * *' });

  it('is neither lost nor doubled by reloads around its time', async () => {
    const { clock, gateway, reload } = await startFleet([{ id: '1' }], scheduled());
    for (let round = 0; round < 75; round += 1) {
      await clock.run(MINUTE);
      await reload([{ id: '1', policy: scheduled() }]);
    }
    expect(gateway.restarts).toHaveLength(1);
  });

  it('goes with its schedule, and comes with one', async () => {
    const { clock, gateway, reload } = await startFleet([{ id: '1' }], scheduled());
    await reload([{ id: '1', policy: testPolicy() }]);
    await clock.run(90 * MINUTE);
    expect(gateway.restarts).toEqual([]);
    await reload([{ id: '1', policy: scheduled() }]);
    await clock.run(60 * MINUTE);
    expect(gateway.restarts).toHaveLength(1);
  });
});

describe('guards', () => {
  it('hold by their new settings from the next decision on', async () => {
    const { clock, gateway, acme, reload, instance } = await startFleet([{ id: '1' }]);
    await reload([{ id: '1' }], [acme], testGuards({ dryRun: true }));
    gateway.causes.set('1', 'disconnected');
    await clock.run(10 * MINUTE);
    expect(gateway.restarts).toEqual([]);
    expect(instance('n1').state.holds).toContain('dry_run');
    await reload([{ id: '1' }], [acme]);
    await clock.run(MINUTE);
    expect(gateway.restarts).toHaveLength(1);
  });
});

describe('a reload that cannot be', () => {
  it('changes nothing', async () => {
    const { clock, reload, watch, gateway, gateways, openAccount, instance } = await startFleet([{ id: '1' }]);
    await clock.run(MINUTE);
    const { fleet } = watch;
    const before = instance('n1');
    const { definition } = before;
    const wanted = [{ id: '1', labels: { a: 'b' } }, { id: '2' }, { id: '3', account: 'nobody' }];
    await expect(reload(wanted, [openAccount('acme')])).rejects.toThrow(/n3.*nobody/);
    expect(watch.fleet).toBe(fleet);
    expect(before.definition).toBe(definition);
    const asked = gateway.probes.length;
    await clock.run(MINUTE);
    expect(gateway.probes.length).toBeGreaterThan(asked);
    expect(gateways[1]!.probes).toEqual([]);
    expect(probesOf(gateway, '2')).toEqual([]);
    // Nor has it left anything behind for the next one, which can be.
    expect(await reload([{ id: '1' }, { id: '2' }])).toMatchObject({ added: 1, changed: 0, changedAccounts: 0 });
    expect(instance('n1')).toBe(before);
    await clock.run(MINUTE);
    expect(probesOf(gateway, '2').length).toBeGreaterThan(0);
  });

  it('a prepared reload changes nothing when the fleet has changed since it was prepared', async () => {
    const { clock, acme, watch, instance, prepare } = await startFleet([{ id: '1' }]);
    const first = await prepare([{ id: '1' }, { id: '2' }], [acme]);
    const second = await prepare([{ id: '3' }], [acme]);
    expect(first()).toMatchObject({ added: 1, removed: 0 });
    expect(second).toThrow('the fleet has changed');
    expect([...watch.fleet.instances.keys()]).toEqual(['n1', 'n2']);
    await clock.run(MINUTE);
    expect(instance('n2').lastProbe?.cause).toBe('connected');
  });
});
