import { describe, expect, it } from 'vitest';
import { SECOND } from '../../src/core/time.ts';
import { HINT_GAP } from '../../src/runtime/probing/probe-loop.ts';
import { FakeGateway } from '../fleet/fake-gateway.ts';
import { fleetClock, startSmallFleet } from '../fleet/small-fleet.ts';

/** One instance that has been probed once, at rest. */
async function quietFleet(takes = 0) {
  const clock = fleetClock();
  const gateway = new FakeGateway(clock);
  gateway.probeTakes = takes;
  const fleet = await startSmallFleet({ clock, gateway });
  await clock.run(10 * SECOND);
  const instance = fleet.watch.fleet.instances.get('n1')!;
  return { ...fleet, watched: instance };
}

describe('a probe that somebody asks for', () => {
  it('is made at once, and its verdict is the answer', async () => {
    const { watch, watched: instance, gateway, clock } = await quietFleet();
    gateway.causes.set('1', 'disconnected');
    const asked = watch.control.probeNow(instance);
    await clock.run(1);
    expect((await asked).probe).toMatchObject({ cause: 'disconnected', at: gateway.probes.at(-1)?.at });
  });

  it('is another one than the probe that was under way already', async () => {
    const { watch, watched: instance, gateway, clock } = await quietFleet(2 * SECOND);
    while (instance.flight.probingSince === null) await clock.run(SECOND);
    const before = gateway.probes.length;
    await clock.run(SECOND);
    const asked = watch.control.probeNow(instance);
    await clock.run(5 * SECOND);
    expect(gateway.probes.length).toBe(before + 1);
    expect((await asked).probe?.at).toBe(gateway.probes.at(-1)?.at);
  });

  it('is not made during a restart call', async () => {
    const { watch, watched: instance, clock } = await quietFleet();
    void watch.control.requestRestart(instance, { trigger: 'api', requestedBy: null, force: false });
    await clock.run(1);
    expect(await watch.control.probeNow(instance)).toEqual({ probe: null, refused: 'restarting' });
  });

  it('is answered when the watch stops instead', async () => {
    const { watch, watched: instance, clock } = await quietFleet(SECOND);
    const asked = watch.control.probeNow(instance);
    await clock.run(1);
    await Promise.all([watch.stop(), clock.run(10 * SECOND)]);
    expect(await asked).toEqual({ probe: null, refused: null });
  });
});

describe('hints that an instance may have changed', () => {
  it('cause one probe for each gap, however many they are, and none is lost', async () => {
    const { watch, watched: instance, gateway, clock } = await quietFleet();
    const before = gateway.probes.length;
    for (let index = 0; index < 10_000; index += 1) watch.control.hint(instance);
    await clock.run(HINT_GAP);
    for (let index = 0; index < 10_000; index += 1) watch.control.hint(instance);
    await clock.run(HINT_GAP);
    expect(gateway.probes.length - before).toBeLessThanOrEqual(3);
    const last = gateway.probes.length;
    watch.control.hint(instance);
    await clock.run(HINT_GAP);
    expect(gateway.probes.length).toBe(last + 1);
  });

  it('do not make an instance be down any sooner, nor any later', async () => {
    const downAfter = async (hinting: boolean): Promise<number> => {
      const { watch, watched: instance, gateway, clock } = await quietFleet();
      gateway.causes.set('1', 'disconnected');
      const from = clock.now();
      watch.control.hint(instance);
      while (instance.state.phase !== 'down' && instance.state.phase !== 'restarting') {
        await clock.run(SECOND);
        if (hinting) watch.control.hint(instance);
      }
      return clock.now() - from;
    };
    expect(await downAfter(true)).toBe(await downAfter(false));
  });
});

describe('a pause', () => {
  it('lets the due restart go on with a fresh probe when it is ended', async () => {
    const { watch, watched: instance, gateway, clock } = await quietFleet();
    await watch.control.pause(instance, { reason: 'phone change', by: 'api', until: null });
    gateway.causes.set('1', 'disconnected');
    await clock.run(200 * SECOND);
    expect(gateway.restarts).toEqual([]);
    expect(instance.state.holds).toEqual(['paused']);
    await watch.control.unpause(instance, 'api');
    await clock.run(SECOND);
    expect(gateway.restarts).toHaveLength(1);
  });
});
