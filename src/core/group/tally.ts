import type { InstanceState } from '../instance/instance.ts';
import { blamesGateway, wasAnswered } from '../verdict.ts';

/** How many sick instances of an account are too many to restart one by one. */
export type MaxUnhealthy =
  { readonly type: 'percent'; readonly percent: number } | { readonly type: 'count'; readonly count: number };

export interface GuardPolicy {
  readonly maxUnhealthy: MaxUnhealthy;
  /** This many may always be sick, whatever the share: a fleet of one must be able to heal. */
  readonly alwaysAllow: number;
}

/** The instances of an account by health, of those that are watched. */
export interface Tally {
  readonly watched: number;
  /** Failing, down, being restarted, or exhausted; a restart does not help those that need a human. */
  readonly sick: number;
  /** Sick in a way that a sick gateway explains as well as a sick instance does. */
  readonly unreachable: number;
  /** The unreachable ones without any answer. */
  readonly unanswered: number;
}

/**
 * Whether an instance counts as sick. A first failing probe is enough: when a whole fleet breaks, the first instance
 * to reach its threshold must already see the others fail.
 */
export function isSick({ phase }: Pick<InstanceState, 'phase'>): boolean {
  return (
    phase === 'suspect' || phase === 'down' || phase === 'restarting' || phase === 'recovering' || phase === 'exhausted'
  );
}

/**
 * Whether all that is known against an instance is one lost probe. That is enough to be careful with restarts, and too
 * little to notify a person of.
 */
export function failedOnce({ phase, failures }: Pick<InstanceState, 'phase' | 'failures'>): boolean {
  return phase === 'suspect' && failures < 2;
}

/** How an instance counts in the tally: each class includes the ones before it. */
export type HealthClass = 'well' | 'sick' | 'unreachable' | 'unanswered';

export function healthClassOf(state: InstanceState): HealthClass {
  if (!isSick(state)) return 'well';
  if (state.cause === null || !blamesGateway(state.cause)) return 'sick';
  return wasAnswered(state.cause) ? 'unreachable' : 'unanswered';
}

export const EMPTY_TALLY: Tally = { watched: 0, sick: 0, unreachable: 0, unanswered: 0 };

/** The tally with one instance more (`sign` 1) or fewer (-1). */
export function counted(tally: Tally, sickness: HealthClass, sign: 1 | -1): Tally {
  const unanswered = sickness === 'unanswered';
  const unreachable = unanswered || sickness === 'unreachable';
  return {
    watched: tally.watched + sign,
    sick: tally.sick + (sickness === 'well' ? 0 : sign),
    unreachable: tally.unreachable + (unreachable ? sign : 0),
    unanswered: tally.unanswered + (unanswered ? sign : 0),
  };
}

/**
 * How many instances may be sick before it is a storm: the share of all watched ones, rounded down, but at least
 * `alwaysAllow`. With the defaults (40 %, 1): 1 of 1, 1 of 2, 1 of 3, 2 of 5, 4 of 10. Rounding down is the careful
 * direction; of the two controllers that this guard is modelled on, one rounds up and one down.
 */
export function allowedSick({ maxUnhealthy, alwaysAllow }: GuardPolicy, watched: number): number {
  const share = maxUnhealthy.type === 'count' ? maxUnhealthy.count : Math.floor((maxUnhealthy.percent * watched) / 100);
  return Math.max(share, alwaysAllow);
}

/** Below this many instances, counting cannot distinguish a sick gateway from sick instances. */
export const FEWEST_TO_COUNT = 3;

/** Whether there are enough instances to distinguish a sick gateway from a sick instance. */
export function canBeCounted({ watched }: Tally): boolean {
  return watched >= FEWEST_TO_COUNT;
}

/**
 * Whether the gateway itself counts as down: more than half of its instances fail as if it were. It stays so until at
 * most a quarter does, so that a gateway that comes back slowly is one incident.
 */
export function gatewayLooksDown(tally: Tally, already: boolean): boolean {
  return canBeCounted(tally) && tally.unreachable > tally.watched * (already ? 0.25 : 0.5);
}
