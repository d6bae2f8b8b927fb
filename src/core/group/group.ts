import type { AccountEvent, InstanceEvent } from '../event.ts';
import type { Hold, InstanceState } from '../instance/instance.ts';
import type { DurationMs, EpochMs } from '../time.ts';
import type { Cause } from '../verdict.ts';
import { NO_STORM, type GroupStorm, type SickCount } from './group-storm.ts';
import type { GuardSettings, RestartLimits } from '../settings.ts';
import { NO_RESTARTS, type RestartCounts } from './restart-limits.ts';
import { EMPTY_QUEUE, type RestartQueue } from './restart-queue.ts';
import { NO_SUSPICION, type Suspicion } from './suspicion.ts';
import { allowedSick, EMPTY_TALLY, type GuardPolicy, type Tally } from './tally.ts';

/** What holds restarts that would be right for one instance but wrong for its group. */
export type GroupPolicy = Omit<GuardSettings['guard'], 'startup'> & RestartLimits;

/**
 * All that a decision about a group of instances depends on. The instances of one account share its limits and fail
 * together. A plain value that is never changed, only replaced; of single instances it holds only their keys.
 */
export interface GroupState {
  readonly tally: Tally;
  readonly storm: GroupStorm;
  readonly suspicion: Suspicion;
  readonly queue: RestartQueue;
  readonly restarts: RestartCounts;
  /** The gateway's own health route, which used to answer well, reports that the gateway is down. */
  readonly unhealthyRoute: boolean;
  /** The gateway is down. */
  readonly outage: boolean;
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
  | { readonly type: 'restart_ended' }
  /** An earlier process began these restarts. */
  | { readonly type: 'restarts_recalled'; readonly begun: readonly EpochMs[] }
  | { readonly type: 'health_route'; readonly down: boolean }
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
  tally: EMPTY_TALLY,
  storm: NO_STORM,
  suspicion: NO_SUSPICION,
  queue: EMPTY_QUEUE,
  restarts: NO_RESTARTS,
  unhealthyRoute: false,
  outage: false,
  wakeAt: null,
};

/** The group when it is watched again. Its limits go on counting, because the gateway does too. */
export function forgotten({ restarts }: GroupState): GroupState {
  return { ...NEW_GROUP, restarts };
}

/** How many of the group are sick, and how many may be. */
export function sickCount({ tally: { sick, watched } }: GroupState, policy: GuardPolicy): SickCount {
  return { sick, watched, allowed: allowedSick(policy, watched) };
}

/** What the instances say about the way to the gateway; null: there are too few to say anything. */
export function isReached({ tally: { watched, unanswered } }: GroupState): boolean | null {
  return watched === 0 ? null : unanswered < watched;
}

/** Holds that end by themselves when capacity is free; an instance that meets no others is queued. */
export const HELD_FOR_ROOM: ReadonlySet<Hold> = new Set<Hold>(['storm', 'concurrency']);
