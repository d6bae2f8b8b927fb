import type { EpochMs } from '../../src/core/time.ts';
import type { SimulatedInstance } from '../../src/simulation/simulated-instance.ts';

/** The rules, in the words in which a breach is reported. */
export const RULES = {
  hold: 'never a restart under a hold',
  cooldown: 'never a restart inside a cooldown',
  budget: 'never a restart above the budget',
  evidence: 'a restart follows only from an unhealthy answer',
  human: 'nobody gets a restart without force of what needs a human',
  silence: 'never a restart because of silence where a human is needed',
  unscanned: 'never a restart of what waits for its pairing or is banned',
  once: 'never a second restart of what somebody took or stopped',
  pairing: 'never a restart in what follows a pairing',
  harm: 'never a restart of an account that restarts have harmed, nor at its gateway',
  threshold: 'never a restart below the failure threshold',
  refusal: 'never again where the gateway refuses restarts for good',
  configured: 'never a restart of an instance that is not configured',
  single: 'never two restarts of one instance in flight',
  concurrency: 'never more restarts in flight than the limit',
  rate: 'never more restarts per minute than the limit',
  paused: 'never a restart while paused, unless it is forced',
  planned: 'a planned restart is made once, and not when the clock passed over its time',
  fair: 'who waits for room is served in the order of outages, and does not starve',
  liveness: 'what is sick, curable and not held is restarted in time',
  cured: 'what is cured is seen as cured',
  sound: 'the watch makes no mistake of its own',
} as const;
export type Rule = keyof typeof RULES;

export interface Breach {
  readonly rule: Rule;
  readonly at: EpochMs;
  readonly simulated: SimulatedInstance | null;
  readonly words: string;
}
