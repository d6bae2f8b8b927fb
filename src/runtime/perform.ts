import type { Observation } from '../core/observation.ts';
import { SECOND } from '../core/time.ts';
import type { Clock } from './clock.ts';
import type { Watched } from './fleet.ts';
import type { Lane } from './lane.ts';

type RestartEnded = Extract<Observation, { type: 'restart_ended' }>;

const NEVER_SENT = {
  type: 'restart_ended',
  outcome: 'unreachable',
  httpStatus: null,
  body: null,
  seconds: 0,
  refusal: null,
  rateLimited: false,
  retryAfter: null,
} as const;

/** Hop 5: calls the gateway's restart and tells how that ended. Never rejects. */
export async function performRestart(watched: Watched, clock: Clock, signal: AbortSignal): Promise<RestartEnded> {
  const { gateway, lane } = watched.account;
  const { timeout, retries } = watched.policy.restart;
  const startedAt = clock.now();
  if (!(await enterLane(lane, signal))) {
    return { ...NEVER_SENT, detail: 'the watchdog stopped before the call was sent' };
  }
  try {
    if (watched.removed) {
      return { ...NEVER_SENT, detail: 'the instance was removed from the config before the call was sent' };
    }
    const result = await gateway.restart(watched, { timeout, retries, signal });
    return { type: 'restart_ended', ...result, seconds: (clock.now() - startedAt) / SECOND };
  } finally {
    lane.leave();
  }
}

/** Waits for room; false when the signal came first. */
function enterLane(lane: Lane, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const giveUp = (): void => {
      resolve(false);
    };
    signal.addEventListener('abort', giveUp, { once: true });
    lane.enter(() => {
      signal.removeEventListener('abort', giveUp);
      if (signal.aborted) lane.leave();
      resolve(!signal.aborted);
    }, true);
  });
}
