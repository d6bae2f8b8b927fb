import { describe, expect, it } from 'vitest';
import { connectedFleet, DEMO_FLEET, playFleetScript, type FleetMember } from './fleet-script.ts';
import { ManualClock } from '../../test/simulator/manual-clock.ts';

/** Lets everything that waits for a timer that has fired go on. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
}

function stage(fleet: readonly FleetMember[]) {
  const clock = new ManualClock();
  const beganAt = clock.now();
  const controller = new AbortController();
  const reported: [seconds: number, id: string, what: unknown][] = [];
  const simulator = {
    set: (id: string, what: unknown) => {
      reported.push([(clock.now() - beganAt) / 1_000, id, what]);
    },
  };
  const steps: string[] = [];
  const played = playFleetScript(fleet, simulator, clock, controller.signal, ({ member }) => steps.push(member.name));
  return { clock, controller, reported, steps, played };
}

const fleet: readonly FleetMember[] = [
  {
    name: 'late',
    phoneNumberId: '1',
    fate: 'breaks and heals',
    changes: [
      { at: 2_000, becomes: 'disconnected' },
      { at: 5_000, becomes: 'connected' },
    ],
  },
  { name: 'early', phoneNumberId: '2', fate: 'breaks', changes: [{ at: 1_000, becomes: 'qr' }] },
];

describe('playing a script', () => {
  it('makes every change at its time, whatever instance it belongs to, and ends after the last', async () => {
    const { clock, reported, steps, played } = stage(fleet);
    for (let second = 0; second < 5; second += 1) {
      clock.advance(1_000);
      await settle();
    }
    await played;
    expect(reported).toEqual([
      [1, '2', 'qr'],
      [2, '1', 'disconnected'],
      [5, '1', 'connected'],
    ]);
    expect(steps).toEqual(['early', 'late', 'late']);
    expect(clock.pending()).toBe(0);
  });

  it('catches up, in order, when time has jumped', async () => {
    const { clock, reported, played } = stage(fleet);
    for (let jump = 0; jump < 3; jump += 1) {
      clock.advance(jump === 0 ? 60_000 : 0);
      await settle();
    }
    await played;
    expect(reported.map(([, id]) => id)).toEqual(['2', '1', '1']);
  });

  it('stops at once when it is aborted', async () => {
    const { clock, controller, reported, played } = stage(fleet);
    clock.advance(1_000);
    await settle();
    controller.abort();
    await played;
    clock.advance(60_000);
    await settle();
    expect(reported).toHaveLength(1);
    expect(clock.pending()).toBe(0);
  });
});

describe('the fleet of the demo', () => {
  it('has names and numbers that occur once, and that a config accepts', () => {
    expect(new Set(DEMO_FLEET.map(({ name }) => name)).size).toBe(DEMO_FLEET.length);
    expect(Object.keys(connectedFleet(DEMO_FLEET))).toHaveLength(DEMO_FLEET.length);
    for (const { name } of DEMO_FLEET) expect(name).toMatch(/^[A-Za-z0-9._-]{1,63}$/);
  });

  it('begins connected, breaks in a dozen ways and is through within a minute', () => {
    expect(new Set(Object.values(connectedFleet(DEMO_FLEET)))).toEqual(new Set(['connected']));
    expect(DEMO_FLEET.filter(({ changes }) => changes.length > 0).length).toBeGreaterThanOrEqual(12);
    for (const { at } of DEMO_FLEET.flatMap(({ changes }) => changes)) {
      expect(at).toBeGreaterThan(0);
      expect(at).toBeLessThanOrEqual(60_000);
    }
  });

  it('keeps one instance that never breaks', () => {
    expect(DEMO_FLEET.some(({ changes }) => changes.length === 0)).toBe(true);
  });
});
