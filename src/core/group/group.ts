import type { AccountEvent, InstanceEvent } from '../event.ts';
import type { Hold, InstanceState } from '../instance/instance.ts';
import type { DurationMs, EpochMs } from '../time.ts';
import type { Cause } from '../verdict.ts';
import type { Elsewhere } from './elsewhere.ts';
import { NO_STORM, type GroupStorm, type SickCount } from './group-storm.ts';
import type { GuardSettings, RestartLimits } from '../settings.ts';
import { NO_RESTARTS, restartsTogether, type RestartCounts } from './restart-limits.ts';
import { withHarm, type Harm, type Release } from './harm.ts';
import { freshlySick, NOBODY, type Census } from './long-dead.ts';
import { NOTHING_ODD, type OddAnswers } from './odd-answers.ts';
import { EMPTY_QUEUE, type RestartQueue } from './restart-queue.ts';
import { NO_TROUBLE, type SharedTrouble } from './shared-trouble.ts';
import { NO_SUSPICION, type Suspicion } from './suspicion.ts';
import { allowedSick, type Tally } from './tally.ts';

/** What holds restarts that would be right for one instance but wrong for its group. */
export type GroupPolicy = Omit<GuardSettings['guard'], 'startup' | 'blindAfter' | 'perGateway'> & RestartLimits;

/**
 * All that a decision about a group of instances depends on. The instances of one account, or of one gateway,
 * share its limits and fail together. A plain value that is never changed, only replaced; of single instances it holds only their keys.
 */
export interface GroupState {
  readonly census: Census;
  readonly storm: GroupStorm;
  readonly suspicion: Suspicion;
  readonly odd: OddAnswers;
  readonly queue: RestartQueue;
  readonly restarts: RestartCounts;
  /** What other replicas see of the gateway; null: nobody else has accounts there. */
  readonly elsewhere: Elsewhere | null;
  /** The gateway has accepted a restart. */
  readonly accepted: boolean;
  readonly harms: readonly Harm[];
  /** Restarts did so much harm that none is made until a person releases them. */
  readonly harmful: boolean;
  /** The last release of all of the group, here or at another replica; null: none is known. */
  readonly released: Release | null;
  readonly trouble: SharedTrouble;
  /**
   * What the gateway's own health route, which used to answer well, reports. `refuted`: still that the gateway is down,
   * but its instances, which failed as well, are back.
   */
  readonly route: 'well' | 'down' | 'refuted';
  /** The gateway is down. */
  readonly outage: boolean;
  /** Its instances show that it is. */
  readonly outageSeen: boolean;
  /** When time alone will change something, so that the group must be looked at again; null: never. */
  readonly wakeAt: EpochMs | null;
}

/** What happened to a group: the input of its step. */
export type GroupObservation =
  /** An instance is watched from now on. `shownBy`: one of its restarts may show its effect until then. */
  | { readonly type: 'joined'; readonly key: string; readonly state: InstanceState; readonly shownBy: EpochMs | null }
  /** An instance is no longer watched; state null: it was not counted. */
  | { readonly type: 'left'; readonly key: string; readonly state: InstanceState | null }
  /** A probe has ended, also a healthy one that changes nothing. */
  | { readonly type: 'probe_ended'; readonly key: string; readonly cause: Cause; readonly startedAt: EpochMs }
  | Transition
  /** A restart that was decided was not made after all. */
  | {
      readonly type: 'restart_cancelled';
      readonly key: string;
      readonly before: InstanceState;
      readonly after: InstanceState;
      readonly counted: boolean;
    }
  /** A restart call has ended, and its end was decided. */
  | { readonly type: 'restart_ended'; readonly accepted: boolean }
  /** An earlier process made this many restarts within the last minute. */
  | { readonly type: 'restarts_recalled'; readonly count: number }
  | { readonly type: 'health_route'; readonly down: boolean }
  /** Other replicas see something else of the gateway. */
  | { readonly type: 'elsewhere_changed'; readonly elsewhere: Elsewhere | null }
  /** A person has looked at the harm that restarts did to these instances; null: to all of the group, gone ones included. */
  | ({ readonly type: 'released'; readonly keys: ReadonlySet<string> | null } & Release)
  /** Time has passed, or the policy has changed. */
  | { readonly type: 'looked' };

/** An instance was observed and decided. */
export interface Transition {
  readonly type: 'transition';
  readonly key: string;
  readonly before: InstanceState;
  readonly after: InstanceState;
  readonly events: readonly InstanceEvent[];
  /** It is no longer watched; only its restarts still count against the limits. */
  readonly removed: boolean;
  /** Whether it is watched and enabled. A disabled instance can still be paused, reset or restarted by force. */
  readonly counted: boolean;
  /** How long the watchdog waits for the effect of its restart. */
  readonly showsWithin: DurationMs;
  /** The moment for which its restart is planned; null: none is. */
  readonly plannedAt: EpochMs | null;
}

/** What the loop must do, in the order given. */
export type GroupEffect =
  | { readonly type: 'publish'; readonly event: AccountEvent }
  /** The gateway is back: failures of its instances meanwhile do not count. */
  | { readonly type: 'clear_suspicion' }
  /** Probe this instance now. */
  | { readonly type: 'probe'; readonly key: string }
  /** Observe `looked` then; null: never. It replaces an earlier time. */
  | { readonly type: 'wake'; readonly at: EpochMs | null };

/** A group of which nothing is known. */
export const NEW_GROUP: GroupState = {
  census: NOBODY,
  storm: NO_STORM,
  suspicion: NO_SUSPICION,
  odd: NOTHING_ODD,
  queue: EMPTY_QUEUE,
  restarts: NO_RESTARTS,
  elsewhere: null,
  accepted: false,
  harms: [],
  harmful: false,
  released: null,
  trouble: NO_TROUBLE,
  route: 'well',
  outage: false,
  outageSeen: false,
  wakeAt: null,
};

/** The group of groups that are watched again, together. Its limits go on counting, because the gateway does too. */
export function forgotten(groups: readonly GroupState[]): GroupState {
  return {
    ...NEW_GROUP,
    restarts: restartsTogether(groups.map(({ restarts }) => restarts)),
    accepted: groups.some(({ accepted }) => accepted),
  };
}

/** How many of the group are sick, and how many may be. */
export function sickCount(state: GroupState, policy: GroupPolicy): SickCount {
  const { sick, watched } = wholeTally(state);
  const allowed = allowedSick(policy, watched);
  const fresh = freshlySick(state.census) + (state.elsewhere?.fresh ?? 0);
  return { sick, watched, allowed, once: state.census.once, fresh, freshAllowed: policy.alwaysAllow };
}

/**
 * All harm that nobody has released: what this replica knows of, and what others do, each once. They may not have heard of
 * the last release yet.
 */
export function allHarm({ harms, elsewhere, released }: GroupState): readonly Harm[] {
  const others = elsewhere?.harms.filter(({ at }) => at > (released?.at ?? 0)) ?? [];
  return others.reduce((all, { key, at }) => withHarm(all, key, [at]), harms);
}

/** The group with what other replicas count of it. */
export function wholeTally({ census: { tally }, elsewhere }: GroupState): Tally {
  if (elsewhere === null) return tally;
  return {
    watched: tally.watched + elsewhere.watched,
    sick: tally.sick + elsewhere.sick,
    unreachable: tally.unreachable + elsewhere.unreachable,
    unanswered: tally.unanswered + elsewhere.unanswered,
  };
}

/** What the instances say about the way to the gateway; null: there are too few to say anything. */
export function isReached({ census: { tally } }: GroupState): boolean | null {
  return tally.watched === 0 ? null : tally.unanswered < tally.watched;
}

/** Holds that end by themselves when capacity is free; an instance that meets no others is queued. */
export const HELD_FOR_ROOM: ReadonlySet<Hold> = new Set<Hold>(['storm', 'concurrency']);
