import { NO_ANSWER, type Observation } from '../../src/core/instance/observation.ts';

type Ended = Extract<Observation, { type: 'restart_ended' }>;

/** The end of a restart call that was accepted, but for what is given. */
export function restartEnded(more: Partial<Ended> = {}): Ended {
  return { ...NO_ANSWER, type: 'restart_ended', outcome: 'accepted', seconds: 1, acceptedBefore: false, ...more };
}
