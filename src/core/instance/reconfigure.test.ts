import { describe, expect, it } from 'vitest';
import { testPolicy } from '../../../test/fleet/policy.ts';
import { decide } from './decide.ts';
import { newInstance, type InstanceState } from './instance.ts';
import type { Observation } from './observation.ts';
import type { Policy } from '../policy.ts';
import { MINUTE } from '../time.ts';

const NOW = Date.UTC(2026, 0, 1);

function reconfigured(state: Partial<InstanceState>, gatewayChanged: boolean, policy: Policy = testPolicy()) {
  const before = { ...newInstance(1, NOW), ...state };
  return decide(before, { type: 'reconfigured', gatewayChanged }, policy, NOW);
}

const refused = { phase: 'needs_human', cause: 'unauthorized', refusal: 'unauthorized', attempt: 1 } as const;
const FORCED: Observation = {
  ...{ type: 'restart_requested', trigger: 'api', requestedBy: null },
  ...{ force: true, disabled: false, holds: [] },
};
const held = { holds: ['cooldown'], holdsMet: ['cooldown'] } as const;
const down = { phase: 'down', failures: 5, failingSince: NOW - 5 * MINUTE, ...held } as const;

describe('another way to the gateway', () => {
  it('may be one that restarts: a refusal is forgotten, what was spent is not', () => {
    const { state, actions } = reconfigured({ ...refused, spent: [NOW - MINUTE] }, true);
    expect(state).toMatchObject({ phase: 'unknown', refusal: null, failures: 0, attempt: 1, spent: [NOW - MINUTE] });
    expect(actions[0]).toEqual({ type: 'save' });
  });

  it('begins a suspicion again, and an outage without any answer', () => {
    const suspect = reconfigured({ phase: 'suspect', cause: 'disconnected', failures: 2 }, true).state;
    expect(suspect).toMatchObject({ phase: 'suspect', failures: 0 });
    const unanswered = reconfigured({ ...down, cause: 'dns' }, true).state;
    expect(unanswered).toMatchObject({ phase: 'suspect', failures: 0, failingSince: NOW - 5 * MINUTE, holds: [] });
  });

  it('does not end an outage that the gateway itself reported', () => {
    expect(reconfigured({ ...down, cause: 'disconnected' }, true).state).toMatchObject(down);
  });

  it('leaves a forced restart of a refused instance in flight', () => {
    const state = decide({ ...newInstance(1, NOW), ...refused }, FORCED, testPolicy(), NOW).state;
    const changed = decide(state, { type: 'reconfigured', gatewayChanged: true }, testPolicy(), NOW).state;
    expect(changed).toMatchObject({ phase: 'restarting', refusal: null, intent: state.intent });
  });

  it('never restarts', () => {
    for (const phase of ['suspect', 'down', 'exhausted', 'needs_human', 'recovering', 'restarting'] as const) {
      const { actions } = reconfigured({ phase, cause: 'refused', failures: 9 }, true);
      expect(actions.filter(({ type }) => type === 'restart')).toEqual([]);
    }
  });
});

describe('another policy over the same way', () => {
  it('leaves refusal, phase and failures as they are', () => {
    expect(reconfigured(refused, false)).toMatchObject({ state: { ...newInstance(1, NOW), ...refused }, actions: [] });
    expect(reconfigured({ ...down, cause: 'dns' }, false).state).toMatchObject(down);
  });

  it('shortens waits that it would not allow, and lengthens none', () => {
    const policy = testPolicy({ cooldown: 60, max: 60, grace: 30 });
    const long = { cooldownUntil: NOW + 60 * MINUTE, graceUntil: NOW + 60 * MINUTE };
    expect(reconfigured(long, false, policy).state).toMatchObject({
      cooldownUntil: NOW + MINUTE,
      graceUntil: NOW + MINUTE / 2,
    });
    const short = { cooldownUntil: NOW + 1, graceUntil: NOW + 1 };
    expect(reconfigured(short, false, policy).state).toMatchObject(short);
  });

  it('drops a planned restart whose schedule is gone', () => {
    const planned = { dueAt: NOW, expiresAt: NOW + MINUTE };
    const { state, actions } = reconfigured({ phase: 'healthy', planned }, false);
    expect(state.planned).toBeNull();
    expect(actions).toContainEqual({
      type: 'publish',
      event: { type: 'restart_skipped', trigger: 'schedule', why: 'disabled' },
    });
  });
});
