import { describe, expect, it } from 'vitest';
import { MINUTE, SECOND } from '../../src/core/time.ts';
import { memoryStore } from '../../src/store/memory.ts';
import { testPolicy } from '../fleet/policy.ts';
import { fleetClock, type SmallFleet, type SmallFleetOptions, startSmallFleet } from '../fleet/small-fleet.ts';

const ids = (count: number): string[] => Array.from({ length: count }, (_, index) => String(index + 1));
const STORMY = {
  ids: ids(10),
  guard: { maxUnhealthy: { type: 'percent', percent: 40 }, stormCooldown: 2 * MINUTE },
} as const satisfies SmallFleetOptions;

/** Half of a fleet of ten is disconnected, and restarts do not help: a storm of canaries. */
async function startStorm(options: SmallFleetOptions = {}): Promise<SmallFleet> {
  const fleet = await startSmallFleet({ ...STORMY, ...options });
  fleet.gateway.onRestart = () => undefined;
  await fleet.clock.run(MINUTE);
  for (const id of ids(5)) fleet.gateway.causes.set(id, 'disconnected');
  while (fleet.gateway.restarts.length === 0) await fleet.clock.run(SECOND);
  return fleet;
}

const stateOf = (fleet: SmallFleet, id: string) => fleet.watch.fleet.instances.get(`n${id}`)!.state;

describe('in a storm', () => {
  it('waits after a crash for the canary of the process before, instead of sending another', async () => {
    const store = memoryStore();
    const first = await startStorm({ store });
    await first.clock.run(10 * SECOND);
    const [canary] = first.gateway.restarts;

    // The first process is gone: its clock never moves again.
    const clock = fleetClock(first.clock.now());
    const second = await startSmallFleet({ ...STORMY, clock, store });
    second.gateway.onRestart = () => undefined;
    for (const id of ids(5)) second.gateway.causes.set(id, 'disconnected');
    await clock.run(10 * MINUTE);
    // Its grace of 90 s must be over, and the pause after a canary that did not heal.
    expect(second.gateway.restarts[0]!.at - canary!.at).toBeGreaterThanOrEqual(90 * SECOND + 2 * MINUTE);
  });

  it('waits for restarts that were on their way when it began, because they show as much as a canary', async () => {
    const fleet = await startSmallFleet({ ...STORMY, policy: testPolicy({ threshold: 1 }) });
    const { gateway, clock } = fleet;
    gateway.onRestart = () => undefined;
    await clock.run(MINUTE);
    for (const id of ids(4)) gateway.causes.set(id, 'disconnected');
    await clock.run(35 * SECOND);
    expect(gateway.restarts, 'four of ten are no storm').toHaveLength(4);
    for (const id of ids(8)) gateway.causes.set(id, 'disconnected');
    await clock.run(10 * MINUTE);
    const last = gateway.restarts[3]!.at;
    expect(gateway.restarts[4]!.at - last).toBeGreaterThanOrEqual(90 * SECOND + 2 * MINUTE);
  });

  it.each(['canary', 'paced'] as const)(
    'of %s restarts none of a healthy instance is made, whoever asks for it without force',
    async (mode) => {
      const fleet = await startStorm();
      const { gateway, clock, watch } = fleet;
      if (mode === 'paced') {
        const [canary] = gateway.restarts;
        gateway.onRestart = (id) => gateway.causes.set(id, 'connected');
        gateway.causes.set(canary!.id, 'connected');
        for (const id of ids(9)) if (id !== canary!.id) gateway.causes.set(id, 'disconnected');
        while (!fleet.events.some(({ type }) => type === 'storm_paced')) await clock.run(SECOND);
      } else await clock.run(5 * MINUTE);
      expect(watch.fleet.accounts.get('acme')?.inStorm).toBe(true);
      const well = watch.fleet.instances.get('n10')!;
      expect(well.state.phase).toBe('healthy');
      const asked = await watch.requestRestart(well, { trigger: 'api', requestedBy: null, force: false });
      expect(asked.held.map(({ hold }) => hold)).toContain('storm');
      expect(gateway.restarts.map(({ id }) => id)).not.toContain('10');
    },
  );

  it('takes a healthy instance that comes back from a restart for no proof that restarts heal', async () => {
    const fleet = await startStorm();
    const { clock, watch, gateway, events } = fleet;
    const well = watch.fleet.instances.get('n10')!;
    await watch.requestRestart(well, { trigger: 'api', requestedBy: null, force: true });
    await clock.run(MINUTE);
    expect(gateway.restarts.at(-1)?.id).toBe('10');
    expect(stateOf(fleet, '10').phase).toBe('healthy');
    expect(events.filter(({ type }) => type === 'storm_paced')).toEqual([]);
  });

  it('gives each a turn as a canary before any has a second one', async () => {
    const fleet = await startStorm();
    await fleet.clock.run(20 * MINUTE);
    const turns = fleet.gateway.restarts.map(({ id }) => id);
    expect(turns.length).toBeGreaterThanOrEqual(5);
    expect(new Set(turns.slice(0, 5)).size).toBe(5);
  });

  it('a storm that a gateway outage would explain is reported once it matters', async () => {
    const fleet = await startSmallFleet({ ...STORMY, ids: ids(20) });
    const { gateway, clock, watch, events } = fleet;
    gateway.onRestart = () => undefined;
    await clock.run(MINUTE);
    // Too few for an outage of the gateway, for the others are answered.
    for (const id of ids(9)) gateway.causes.set(id, 'timeout');
    await clock.run(50 * SECOND);
    expect(gateway.restarts).toEqual([]);
    expect(watch.fleet.accounts.get('acme')?.inStorm).toBe(false);
    while (gateway.restarts.length === 0) await clock.run(SECOND);
    expect(watch.fleet.accounts.get('acme')?.inStorm).toBe(true);
    for (const id of ids(9)) gateway.causes.set(id, 'connected');
    await clock.run(10 * MINUTE);
    expect(watch.fleet.accounts.get('acme')?.inStorm).toBe(false);
    const told = events.map(({ type }) => type).filter((type) => /storm|outage/u.test(type));
    expect(told).toEqual(['storm_began', 'storm_ended']);
  });
});
