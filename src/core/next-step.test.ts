import { expect, it } from 'vitest';
import { testPolicy } from '../../test/fleet/policy.ts';
import { newInstance, type InstanceState } from './instance/instance.ts';
import { nextStep } from './next-step.ts';
import { HOUR, MINUTE } from './time.ts';

const NOW = 1_000 * HOUR;
const policy = testPolicy({ silentAfter: 3600, silenceRestart: true });
const { restarts, per } = policy.restart.budget;
const step = (state: Partial<InstanceState>, enabled = true) =>
  nextStep({ ...newInstance(0, NOW), ...state }, { ...policy, restart: { ...policy.restart, enabled } }, NOW, NOW);
const spent = Array.from({ length: restarts }, () => NOW - MINUTE);
const pause = { reason: 'x', by: 'ana', since: NOW, until: null };

it.each<[string, Partial<InstanceState>, object]>([
  ['a restart that nothing holds', { phase: 'down', attempt: 1 }, { type: 'restart', attempt: 2, budget: restarts }],
  [
    'the end of the holds that end by the clock',
    { phase: 'down', holds: ['cooldown'], cooldownUntil: NOW + MINUTE },
    { type: 'held', holds: ['cooldown'], until: NOW + MINUTE },
  ],
  [
    'no end where one of them has none',
    { phase: 'down', holds: ['cooldown', 'storm'], cooldownUntil: NOW + MINUTE },
    { type: 'held', holds: ['cooldown', 'storm'], until: null },
  ],
  [
    'the budget, also before the next probe meets it',
    { phase: 'exhausted', spent },
    { type: 'held', holds: ['budget'], until: NOW - MINUTE + per },
  ],
  ['a pause that began during the outage', { phase: 'down', pause }, { type: 'held', holds: ['paused'], until: null }],
  [
    'the effect of a restart',
    { phase: 'recovering', graceUntil: NOW + 5 },
    { type: 'wait_for_effect', until: NOW + 5 },
  ],
  ['probes alone where a human is needed', { phase: 'needs_human' }, { type: 'only_probe', why: 'needs_human' }],
  ['nothing of a healthy one', { phase: 'healthy' }, { type: 'nothing' }],
  [
    'a restart of a silent one',
    { phase: 'healthy', silence: { since: 1, restartedAt: null } },
    { type: 'restart', attempt: 1, budget: restarts },
  ],
  [
    'nothing of a silent one that was restarted',
    { phase: 'healthy', silence: { since: 1, restartedAt: 2 } },
    { type: 'nothing' },
  ],
])('it is %s', (_, state, next) => {
  expect(step(state)).toEqual(next);
});

it('is probes alone where restarts are disabled', () => {
  expect(step({ phase: 'down' }, false)).toEqual({ type: 'only_probe', why: 'disabled' });
});
