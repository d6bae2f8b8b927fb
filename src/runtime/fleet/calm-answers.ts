import type { GroupObservation, GroupPolicy, GroupState } from '../../core/group/group.ts';
import { groupStep } from '../../core/group/group-step.ts';
import { WITNESSES } from '../../core/group/suspicion.ts';
import type { EpochMs } from '../../core/time.ts';

/**
 * The answers of a group that is calm (`isCalm`). Of them only the latest matter, and only once something fails, so a
 * healthy probe, of which there are thousands in a second, makes no new group: it is noted here, and those that matter are
 * added to the group before anything else is.
 */
export class CalmAnswers {
  /** The keys that were answered last, each once, the latest at the end. */
  private readonly keys: string[] = [];
  private answeredAt: EpochMs = Number.NEGATIVE_INFINITY;

  note(key: string, startedAt: EpochMs): void {
    const { keys } = this;
    if (startedAt > this.answeredAt) this.answeredAt = startedAt;
    const known = keys.indexOf(key);
    if (known === -1 && keys.length < WITNESSES) {
      keys.push(key);
      return;
    }
    for (let index = Math.max(0, known); index < keys.length - 1; index += 1) keys[index] = keys[index + 1] ?? key;
    keys[keys.length - 1] = key;
  }

  /** The group once it knows of them; then they are forgotten. */
  appliedTo(group: GroupState, policy: GroupPolicy, now: EpochMs): GroupState {
    let state = group;
    for (const key of this.keys.splice(0)) {
      const answer: GroupObservation = { type: 'probe_ended', key, cause: 'connected', startedAt: this.answeredAt };
      ({ state } = groupStep(state, answer, policy, now));
    }
    this.answeredAt = Number.NEGATIVE_INFINITY;
    return state;
  }
}
