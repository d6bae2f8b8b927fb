import type { Observation } from '../../src/core/instance/observation.ts';

type Ended = Extract<Observation, { type: 'restart_ended' }>;

/** The end of a restart call that was accepted, but for what is given. */
export function restartEnded(more: Partial<Ended> = {}): Ended {
  return {
    type: 'restart_ended',
    outcome: 'accepted',
    httpStatus: null,
    body: null,
    detail: null,
    seconds: 1,
    refusal: null,
    acceptedBefore: false,
    rateLimited: false,
    retryAfter: null,
    ...more,
  };
}
