import { describe, expect, it } from 'vitest';
import { restartEnded } from '../../../test/core/observations.ts';
import { testPolicy } from '../../../test/fleet/policy.ts';
import { decide } from './decide.ts';
import { HISTORY_LIMIT, newInstance, spreadOver, stableHash, type InstanceState } from './instance.ts';
import type { Observation } from './observation.ts';

const policy = testPolicy({ cooldown: 1, grace: 1 });
const probe = (cause: 'connected' | 'disconnected', at: number): Observation => ({
  type: 'probe',
  cause,
  detail: null,
  startedAt: at,
  outOfTurn: false,
  holds: [],
  blindAfter: 300_000,
  quiet: null,
});

describe('a decision', () => {
  it('gives back the very same state, and nothing to do, for a healthy probe of a healthy instance', () => {
    const { state } = decide(newInstance(1, 0), probe('connected', 0), policy, 0);
    const again = decide(state, probe('connected', 30_000), policy, 30_000);
    expect(again.state).toBe(state);
    expect(again.actions).toEqual([]);
  });

  it('takes a refused instance whose forced restart was interrupted straight to its grace', () => {
    const refused = {
      ...newInstance(1, 0),
      phase: 'needs_human',
      cause: 'unauthorized',
      refusal: 'unauthorized',
    } as const;
    const asked = { type: 'restart_requested', trigger: 'api', requestedBy: null } as const;
    const { state } = decide(refused, { ...asked, force: true, disabled: false, holds: [] }, policy, 1_000);
    const resumed = decide(state, { type: 'resumed' }, policy, 2_000);
    expect(resumed.state).toMatchObject({ phase: 'recovering', refusal: null, intent: null });
    const phases = resumed.actions.flatMap((action) =>
      action.type === 'publish' && action.event.type === 'phase_changed' ? [action.event.to] : [],
    );
    expect(phases).toEqual(['recovering']);
  });

  it('does not take what the gateway said of a restart for the reason of the phase that it goes back to', () => {
    const well = decide(newInstance(1, 0), probe('connected', 0), policy, 0).state;
    const asked = { type: 'restart_requested', trigger: 'api', requestedBy: null } as const;
    const { state } = decide(well, { ...asked, force: true, disabled: false, holds: [] }, policy, 1_000);
    const refused = restartEnded({ outcome: 'rejected', httpStatus: 400, detail: 'HTTP 400: not now' });
    const events = decide(state, refused, policy, 2_000).actions.flatMap((action) =>
      action.type === 'publish' ? [action.event] : [],
    );
    expect(events).toMatchObject([
      { type: 'phase_changed', to: 'healthy', detail: null },
      { type: 'restart_finished', detail: 'HTTP 400: not now' },
    ]);
  });

  it('remembers a bounded number of restarts', () => {
    let state: InstanceState = newInstance(1, 0);
    for (let second = 0; second < 100; second += 1) {
      const now = second * 1000;
      const asked = { type: 'restart_requested', trigger: 'api', requestedBy: null } as const;
      const force = { ...asked, force: true, disabled: false, holds: [] };
      state = decide(state, force, policy, now).state;
      state = decide(state, restartEnded({ httpStatus: 200 }), policy, now).state;
    }
    expect(state.history).toHaveLength(HISTORY_LIMIT);
    expect(state.history.at(-1)?.at).toBe(99_000);
  });

  it('is not confused by the end of a call that was not made', () => {
    const state = newInstance(1, 0);
    expect(decide(state, restartEnded(), policy, 5).state).toBe(state);
  });
});

describe('the place of an instance', () => {
  it('is stable and evenly spread, also for phone numbers that differ in one digit', () => {
    expect(stableHash('acme/5511987654321')).toBe(stableHash('acme/5511987654321'));
    const places = Array.from({ length: 3000 }, (_, index) =>
      spreadOver(stableHash(`acme/${String(5_511_900_000_000 + index)}`), 30_000),
    );
    for (let third = 0; third < 30; third += 1) {
      const within = places.filter((place) => Math.floor(place / 1000) === third);
      expect(within.length).toBeGreaterThan(60);
      expect(within.length).toBeLessThan(140);
    }
  });
});
