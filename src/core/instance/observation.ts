import type { Hold, JsonValue, Outcome, RestartIntent, Trigger } from './instance.ts';
import type { InstanceEvent } from '../event.ts';
import type { DurationMs, EpochMs } from '../time.ts';
import type { Cause, NeedsHumanCause } from '../verdict.ts';

/** What happened to an instance: the input of a decision. */
export type Observation =
  | {
      readonly type: 'probe';
      readonly cause: Cause;
      readonly detail: string | null;
      readonly startedAt: EpochMs;
      /** Requested while the instance was suspect: another look at the same moment, not another failure. */
      readonly outOfTurn: boolean;
      /** What would hold a restart at this moment, besides the instance's own cooldown and budget. */
      readonly holds: readonly Hold[];
      /** Without a conclusive answer for this long, nothing is known of the instance. */
      readonly blindAfter: DurationMs;
      /** It has shown no sign of life for longer than its policy allows; null: it has, or nothing follows any more. */
      readonly quiet: Quiet | null;
    }
  /** The list of all instances that a gateway gave says this of the instance, which was not probed itself. */
  | {
      readonly type: 'listed';
      readonly cause: Cause;
      /** When the list was requested. */
      readonly startedAt: EpochMs;
      /** As of a probe. */
      readonly quiet: Quiet | null;
    }
  /** A sign of life: something flowed through the instance then. */
  | { readonly type: 'activity'; readonly at: EpochMs }
  /** A message that it sent at `since` did not come back within `limit`, nor did anything else flow. */
  | { readonly type: 'echo_missed'; readonly since: EpochMs; readonly limit: DurationMs }
  /** A restart is requested. */
  | {
      readonly type: 'restart_requested';
      readonly trigger: Exclude<Trigger, 'failure' | 'schedule' | 'silence'>;
      readonly requestedBy: string | null;
      readonly force: boolean;
      /** It is not configured, or it is disabled and the restart is not forced. */
      readonly disabled: boolean;
      readonly holds: readonly Hold[];
    }
  /** A planned restart is due. It starts at the next probe if nothing holds it. */
  | {
      readonly type: 'restart_planned';
      /** When its schedule plans it, and until when it may begin; both are times on the wall. */
      readonly dueAt: EpochMs;
      readonly expiresAt: EpochMs;
      /** The time was missed, and the restart is not made up for. */
      readonly missed: boolean;
    }
  | {
      readonly type: 'restart_ended';
      readonly outcome: Outcome;
      readonly httpStatus: number | null;
      /** See `RestartRecord`. */
      readonly method: string | null;
      readonly body: JsonValue;
      readonly detail: string | null;
      /** How long the call took; null: it was found in flight at start. */
      readonly seconds: number | null;
      /** Set when the gateway refused in a way that no repetition can change. */
      readonly refusal: NeedsHumanCause | null;
      /** Whether the gateway accepted a restart of this account before: then its refusals are probably not for good. */
      readonly acceptedBefore: boolean;
      /** The gateway answered 429: the call does not count. */
      readonly rateLimited: boolean;
      readonly retryAfter: DurationMs | null;
    }
  /** An operator pauses automatic restarts; another pause replaces a running one. */
  | { readonly type: 'pause_requested'; readonly reason: string; readonly by: string; readonly until: EpochMs | null }
  | { readonly type: 'unpause_requested'; readonly by: string }
  /** An operator knows of the trouble of the instance; it has no effect where there is none. */
  | {
      readonly type: 'acknowledge_requested';
      readonly reason: string | null;
      readonly by: string;
      readonly until: EpochMs | null;
    }
  /** An operator resets attempts, budget and cooldown. */
  | { readonly type: 'reset_requested'; readonly by: string }
  /** An operator has looked at the restarts that did harm until `at`: they no longer hold further ones. */
  | { readonly type: 'release_requested'; readonly at: EpochMs }
  /** The failures so far say more about the gateway than about the instance, so they do not count. */
  | { readonly type: 'suspicion_cleared' }
  /** A reload changed the policy of this instance or the way to its gateway. */
  | { readonly type: 'reconfigured'; readonly gatewayChanged: boolean }
  /** Watching of this instance begins, or begins again, with this stored state. */
  | { readonly type: 'resumed' }
  /** The instance is no longer configured. */
  | { readonly type: 'removed' };

/** Signs of life that are missing. */
export interface Quiet {
  /** The last one, or when counting began. */
  readonly since: EpochMs;
  /** Others of its account show none either, so that this may not be its own trouble. */
  readonly isShared: boolean;
}

/** What is known of a restart call without an answer. */
export const NO_ANSWER = {
  httpStatus: null,
  method: null,
  body: null,
  detail: null,
  refusal: null,
  rateLimited: false,
  retryAfter: null,
} as const;

/** What the loop must do, in this order: save, then restart. Publishing comes last and may be lost. */
export type Action =
  | { readonly type: 'save' }
  | { readonly type: 'restart'; readonly intent: RestartIntent }
  | { readonly type: 'publish'; readonly event: InstanceEvent };

export type ObservationOf<Type extends Observation['type']> = Extract<Observation, { readonly type: Type }>;

export type Probe = ObservationOf<'probe'>;

/** Somebody asks for a restart. */
export type RestartRequested = ObservationOf<'restart_requested'>;
