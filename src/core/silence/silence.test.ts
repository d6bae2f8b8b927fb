import { expect, it } from 'vitest';
import { testPolicy } from '../../../test/fleet/policy.ts';
import { decide } from '../instance/decide.ts';
import { newInstance, type InstanceState } from '../instance/instance.ts';
import { judge } from '../instance/on-probe.ts';
import { probeDelay } from '../instance/cadence.ts';
import { SECOND } from '../time.ts';

const expecting = testPolicy({ silentAfter: 600, silenceRestart: true, retryEvery: 20 });
const silent: InstanceState = {
  ...newInstance(1, 0),
  ...{ phase: 'healthy', cause: 'silent', healthySince: 0, silence: { since: 1_000, restartedAt: null } },
};

it('judges a silent instance so as long as it is well otherwise', () => {
  expect(judge(silent, 'connected', 5_000, expecting)).toBe('silent');
  expect(judge(silent, 'disconnected', 5_000, expecting)).toBe('disconnected');
  expect(judge({ ...silent, phase: 'recovering' }, 'connected', 5_000, expecting)).toBe('connected');
});

it('ignores a sign of life from before the silence', () => {
  expect(decide(silent, { type: 'activity', at: 1_000 }, expecting, 9_000).state).toBe(silent);
  expect(decide(silent, { type: 'activity', at: 1_001 }, expecting, 9_000).state.cause).toBe('connected');
});

it('is silent at once where its echo is missing, as long as it is well and signs of life are expected', () => {
  const missed = { type: 'echo_missed', since: 5_000, limit: 60_000 } as const;
  const well = { ...silent, cause: 'connected', silence: { since: null, restartedAt: null } } as const;
  const { state, actions } = decide(well, missed, expecting, 70_000);
  expect([state.cause, state.phase, state.silence]).toEqual(['silent', 'healthy', { since: 5_000, restartedAt: null }]);
  expect(JSON.stringify(actions)).toContain('silence_began');
  for (const other of [silent, { ...well, silence: null }, { ...well, phase: 'suspect' } as const]) {
    expect(decide(other, missed, expecting, 70_000).state).toBe(other);
  }
});

it('looks again sooner while its restart is due, and as usual once it was made', () => {
  expect(probeDelay(silent, expecting, 9_000)).toBe(20 * SECOND);
  expect(probeDelay({ ...silent, silence: { since: 1, restartedAt: 2 } }, expecting, 9_000)).toBeNull();
});

it('is over when a reload expects no more signs of life, and expected again when one does', () => {
  const reloaded = { type: 'reconfigured', gatewayChanged: false } as const;
  const over = decide(silent, reloaded, testPolicy(), 9_000);
  expect(over.state).toMatchObject({ silence: null, cause: 'connected' });
  expect(over.actions).toContainEqual({
    type: 'publish',
    event: { type: 'silence_ended', since: 1_000, why: 'not_expected' },
  });
  expect(decide(over.state, reloaded, expecting, 9_000).state.silence).toEqual({ since: null, restartedAt: null });
});
