import { describe, expect, it } from 'vitest';
import { MINUTE, SECOND } from '../../src/core/time.ts';
import { testPolicy } from '../fleet/policy.ts';
import { startSmallFleet, type SmallFleet } from '../fleet/small-fleet.ts';
import { emptyStore } from '../fleet/small-store.ts';

/** The gateway says that its session is stopped, or never was; one remedy brings back either. */
function stops({ gateway }: SmallFleet): void {
  gateway.causes.set('1', 'disconnected');
  gateway.more.set('1', { word: 'CLOSED', knownOnly: true });
  gateway.onRestart = () => {
    gateway.more.delete('1');
    gateway.causes.set('1', 'connected');
  };
}

describe('a remedy that would make an instance that never was', () => {
  it('is applied to one that was healthy before, by the word of the last probe', async () => {
    const fleet = await startSmallFleet();
    await fleet.clock.run(MINUTE);
    stops(fleet);
    await fleet.clock.run(10 * MINUTE);
    expect(fleet.gateway.options.map(({ word, known }) => [word, known])).toEqual([['CLOSED', true]]);
    expect(fleet.instance('n1').state.phase).toBe('healthy');
  });

  it('is not applied to another, of which the gateway perhaps knows nothing', async () => {
    const fleet = await startSmallFleet();
    stops(fleet);
    await fleet.clock.run(30 * MINUTE);
    expect(fleet.gateway.restarts).toEqual([]);
    expect(fleet.instance('n1').state).toMatchObject({ phase: 'needs_human', cause: 'not_found', known: false });
    expect(fleet.instance('n1').lastProbe?.detail).toMatch(/never healthy/);
  });

  it('is still applied after the process was started again', async () => {
    const store = emptyStore();
    const first = await startSmallFleet({ store });
    await first.clock.run(MINUTE);
    await first.watch.stop();
    const second = await startSmallFleet({ store, clock: first.clock });
    stops(second);
    await second.clock.run(10 * MINUTE);
    expect(second.gateway.restarts).toHaveLength(1);
  });

  it('is applied when a person requests it', async () => {
    const fleet = await startSmallFleet();
    stops(fleet);
    await fleet.clock.run(10 * MINUTE);
    const request = { trigger: 'api', requestedBy: 'ana', force: true } as const;
    await fleet.watch.control.requestRestart(fleet.instance('n1'), request);
    await fleet.clock.run(MINUTE);
    expect(fleet.gateway.options.map(({ known }) => known)).toEqual([true]);
  });
});

describe('the method of a restart that was found by trying', () => {
  it('is used for all instances of the account, reported once, and known to the next process', async () => {
    const store = emptyStore();
    const fleet = await startSmallFleet({ store, ids: ['1', '2', '3', '4', '5', '6'] });
    fleet.gateway.result = { method: 'PUT' };
    await fleet.clock.run(MINUTE);
    fleet.gateway.causes.set('1', 'disconnected');
    await fleet.clock.run(5 * MINUTE);
    fleet.gateway.causes.set('2', 'disconnected');
    await fleet.clock.run(5 * MINUTE);
    const methods = ({ gateway }: SmallFleet) => gateway.options.map(({ method }) => method);
    expect(methods(fleet)).toEqual([null, 'PUT']);
    expect(fleet.gateway.options.map(({ answered }) => answered)).toEqual([true, true]);
    expect(fleet.published('restart_method_found')).toEqual([
      expect.objectContaining({ account: 'acme', method: 'PUT' }),
    ]);
    await fleet.watch.stop();
    const next = await startSmallFleet({ store, clock: fleet.clock, ids: ['1', '3'] });
    await next.clock.run(MINUTE);
    next.gateway.causes.set('3', 'disconnected');
    await next.clock.run(5 * MINUTE);
    expect(methods(next)).toEqual(['PUT']);
  });
});

describe('an escalation', () => {
  it.each([
    ['accepted', 3],
    ['rejected', 3],
  ] as const)('asks once for help when %s restarts do not help, and not before', async (outcome, after) => {
    const policy = testPolicy({ escalateAfter: after, cooldown: 120, factor: 1, budget: 20, per: 7200 });
    const { clock, gateway, published } = await startSmallFleet({ policy });
    await clock.run(MINUTE);
    gateway.causes.set('1', 'disconnected');
    gateway.onRestart = () => undefined;
    gateway.result = { outcome };
    while (gateway.restarts.length < after) await clock.run(SECOND);
    if (outcome === 'accepted') expect(published('escalated')).toEqual([]);
    await clock.run(30 * MINUTE);
    expect(gateway.restarts.length).toBeGreaterThan(after + 1);
    expect(published('escalated')).toEqual([expect.objectContaining({ attempt: after, to: 'ops', name: 'n1' })]);
  });

  it('asks nobody where nobody is named', async () => {
    const { clock, gateway, published } = await startSmallFleet();
    gateway.causes.set('1', 'disconnected');
    gateway.onRestart = () => undefined;
    await clock.run(60 * MINUTE);
    expect(published('not_healed').length).toBeGreaterThan(1);
    expect(published('escalated')).toEqual([]);
  });
});
