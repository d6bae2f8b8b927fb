import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NEW_GROUP, type GroupObservation, type GroupPolicy, type GroupState } from '../../core/group/group.ts';
import { groupStep, isCalm } from '../../core/group/group-step.ts';
import { withAnswer } from '../../core/group/odd-answers.ts';
import { CalmAnswers } from './calm-answers.ts';

const KEYS = ['a', 'b', 'c', 'd', 'e', 'f'];
/** A probe alone is judged by no limit. */
const POLICY = {} as GroupPolicy;

const probes = fc.array(
  fc.record({
    type: fc.constant('probe_ended' as const),
    key: fc.constantFrom(...KEYS),
    cause: fc.constantFrom('connected' as const, 'connected' as const, 'connected' as const, 'timeout' as const),
    startedAt: fc.nat(1_000),
  }),
);

function stepped(group: GroupState, observation: GroupObservation): GroupState {
  return groupStep(group, observation, POLICY, 0).state;
}

describe('the answers of a calm group', () => {
  it('reach the group before anything else does, so it is the same as after each of them', () => {
    fc.assert(
      fc.property(probes, (observations) => {
        const answers = new CalmAnswers();
        let group = NEW_GROUP;
        let expected = NEW_GROUP;
        for (const observation of observations) {
          expected = stepped(expected, observation);
          if (isCalm(group, observation)) answers.note(observation.key, observation.startedAt);
          else group = stepped(answers.appliedTo(group, POLICY, 0), observation);
        }
        expect(answers.appliedTo(group, POLICY, 0)).toEqual(expected);
      }),
      { numRuns: 2_000 },
    );
  });

  it('are calm as long as nobody fails or is answered oddly', () => {
    const answer = { type: 'probe_ended', key: 'a', cause: 'connected', startedAt: 1 } as const;
    expect(isCalm(NEW_GROUP, answer)).toBe(false);
    const answered = stepped(NEW_GROUP, answer);
    expect(isCalm(answered, answer)).toBe(true);
    expect(isCalm(answered, { ...answer, cause: 'unauthorized' })).toBe(false);
    expect(isCalm(stepped(answered, { ...answer, key: 'b', cause: 'timeout' }), answer)).toBe(false);
    expect(isCalm({ ...answered, odd: withAnswer(answered.odd, 'b', 'not_found') }, answer)).toBe(false);
  });
});
