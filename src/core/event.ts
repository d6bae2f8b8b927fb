import type { Hold, Outcome, Phase, RestartIntent, Trigger } from './instance/instance.ts';
import type { Problem } from './problem.ts';
import type { ReloadCounts, ReloadReason } from './reload.ts';
import type { DurationMs, EpochMs } from './time.ts';
import type { Cause, NeedsHumanCause } from './verdict.ts';

/**
 * What a decision about one instance announces. The loop adds the instance and the time. Log, metrics, history and live
 * streams all get the same event.
 */
export type InstanceEvent =
  | {
      readonly type: 'phase_changed';
      readonly from: Phase;
      readonly to: Phase;
      readonly cause: Cause | null;
      readonly detail: string | null;
      readonly failures: number;
      readonly failingSince: EpochMs | null;
    }
  | { readonly type: 'restart_held'; readonly trigger: Trigger; readonly hold: Hold; readonly until: EpochMs | null }
  | { readonly type: 'restart_skipped'; readonly trigger: Trigger; readonly why: SkipReason }
  | { readonly type: 'restart_started'; readonly intent: RestartIntent }
  | {
      readonly type: 'restart_finished';
      readonly intent: RestartIntent;
      readonly outcome: Outcome;
      readonly httpStatus: number | null;
      readonly detail: string | null;
      /** Why the gateway refuses restarts for good, so that only a person can help; null: it does not. */
      readonly refusal: NeedsHumanCause | null;
      /** Null: the call was found in flight at start, so its duration is unknown. */
      readonly seconds: number | null;
      readonly cooldownUntil: EpochMs | null;
    }
  /** The grace after a restart is over and the instance is still sick. */
  | { readonly type: 'not_healed'; readonly attempt: number; readonly cause: Cause }
  /** Restarts did not help: the receiver `to` is to restart the gateway's process. Once per outage. */
  | { readonly type: 'escalated'; readonly attempt: number; readonly cause: Cause | null; readonly to: string }
  /** The instance did not need a human before its restart, and does after it. */
  | {
      readonly type: 'restart_harmed';
      readonly trigger: Trigger;
      readonly attempt: number;
      readonly cause: NeedsHumanCause;
    }
  /** Another trouble than the one that was announced, in a phase that goes on. */
  | {
      readonly type: 'cause_changed';
      readonly phase: Phase;
      readonly from: Cause | null;
      readonly cause: Cause;
      readonly detail: string | null;
    }
  /** There has been no conclusive answer for so long that nothing is known of the instance. */
  | { readonly type: 'answers_missing'; readonly cause: Cause; readonly detail: string | null; readonly since: EpochMs }
  /** Probes find it well, and it has shown no sign of life for longer than `limit` of the time that counts. */
  | { readonly type: 'silence_began'; readonly since: EpochMs; readonly limit: DurationMs }
  | { readonly type: 'silence_ended'; readonly since: EpochMs; readonly why: SilenceEnd }
  /** Healthy again, by probes, after a restart. `downSeconds` is null when no probe ever failed (planned restarts). */
  | {
      readonly type: 'healed';
      readonly trigger: Trigger;
      readonly attempt: number;
      readonly secondsToHeal: number;
      readonly downSeconds: number | null;
    }
  /** Healthy again without a restart. */
  | { readonly type: 'recovered'; readonly downSeconds: number }
  | { readonly type: 'paused'; readonly reason: string; readonly by: string; readonly until: EpochMs | null }
  /** Automatic restarts go on. `by` is null when the pause expired. */
  | { readonly type: 'unpaused'; readonly by: string | null }
  /** Messages about the trouble of the instance are silent until it ends, or until then. */
  | {
      readonly type: 'acknowledged';
      readonly reason: string | null;
      readonly by: string;
      readonly until: EpochMs | null;
    }
  | { readonly type: 'reset'; readonly by: string; readonly attempts: number }
  /** Healthy for long enough that attempts count from zero again. */
  | { readonly type: 'stable'; readonly attempts: number };

/** What ends a silence: a sign of life, an operator's reset, or a policy that no longer expects any. */
export type SilenceEnd = 'activity' | 'reset' | 'not_expected';

/** Why a requested restart will not happen. */
export type SkipReason =
  'needs_human' | 'in_flight' | 'pairing' | 'disabled' | 'expired' | 'superseded' | 'missed' | 'repeated';

/** One probe after its judgement: `connecting` beyond its grace is `stuck_connecting` here. */
export interface ProbeFinished {
  readonly type: 'probe_finished';
  readonly cause: Cause;
  readonly detail: string | null;
  readonly startedAt: EpochMs;
  readonly seconds: number;
  /** How long after its due time the probe began. */
  readonly latenessSeconds: number;
  /** Where the history counts the instance, which is quicker to find by this than by its name; missing: by the name. */
  readonly historyRow?: number;
}

/** A list confirmed what is known of these instances, which count as probed by it. One event, because there may be thousands. */
export interface ListFinished {
  readonly type: 'list_finished';
  readonly names: readonly string[];
  /** What each of them was found to be, in the same order. */
  readonly causes: readonly Cause[];
  readonly startedAt: EpochMs;
  readonly seconds: number;
  /** How long after its due time it was requested. */
  readonly latenessSeconds: number;
}

/** A failure of the watchdog's own work on one instance. */
export type InstanceTrouble =
  /** The state could not be saved. A restart that depended on it was not made. */
  | { readonly type: 'state_not_saved'; readonly reason: string; readonly restartGivenUp: boolean }
  /** The state that could not be saved is on disk now. */
  | { readonly type: 'state_saved_again' }
  /** A bug: the decision threw. Nothing was changed; the inputs are here so that it can be replayed. */
  | {
      readonly type: 'decision_failed';
      readonly reason: string;
      readonly state: unknown;
      readonly observation: unknown;
    };

/** Which instance an event is about, and when it happened. */
export interface AboutInstance {
  readonly at: EpochMs;
  readonly name: string;
  readonly account: string;
}

export type WatchEvent = InstanceEvent | ProbeFinished | InstanceTrouble;

/** Why the list of a gateway is not followed: there is none, or it is mostly an accident. */
export type ListTrouble =
  | { readonly why: 'failed'; readonly cause: Cause; readonly detail: string | null }
  | { readonly why: 'empty' }
  /** `listed` of the `watched` that were found before. */
  | { readonly why: 'shrunk'; readonly listed: number; readonly watched: number };

/** What affects all instances of an account at once. */
export type AccountEvent =
  /** More instances are sick than may be restarted one by one. */
  | { readonly type: 'storm_began'; readonly sick: number; readonly allowed: number; readonly watched: number }
  /** A restart healed, so restarts go on at the account's limits. */
  | { readonly type: 'storm_paced' }
  | { readonly type: 'storm_ended'; readonly quietUntil: EpochMs | null }
  /** Most instances fail as if the gateway itself were down, or its health route does. */
  | {
      readonly type: 'gateway_outage_began';
      readonly unreachable: number;
      readonly watched: number;
      /** Only the health route shows it: too few instances fail. */
      readonly byHealthRoute?: true;
    }
  | { readonly type: 'gateway_outage_ended' }
  /** The gateway does not say the method of its restart; this one was accepted, and is used from now on. */
  | { readonly type: 'restart_method_found'; readonly method: string }
  /** The list of the gateway cannot take the place of probes now, so all are probed by themselves. */
  | { readonly type: 'bulk_failed'; readonly cause: Cause; readonly detail: string | null }
  | { readonly type: 'bulk_works' }
  /** Instances came or went with the list of the gateway. `unusable`: entries that cannot be watched. */
  | {
      readonly type: 'instances_discovered';
      readonly added: number;
      readonly removed: number;
      readonly unusable: number;
    }
  /** The list by which instances are found cannot be followed, so all stays as it is. */
  | ({ readonly type: 'discovery_failed_began' } & ListTrouble)
  | { readonly type: 'discovery_failed_ended' }
  /** Restarts did harm too often: no automatic or planned one is made until a person releases the account. */
  | { readonly type: 'harmful_began'; readonly harmed: number; readonly within: DurationMs }
  | { readonly type: 'harmful_ended'; readonly by: string }
  /** Most instances have had no conclusive answer for long: nobody knows how they are. */
  | { readonly type: 'blind_began'; readonly blind: number; readonly watched: number; readonly cause: Cause | null }
  | { readonly type: 'blind_ended' }
  /** Most instances of which signs of life are expected are silent at once, so that it is not a trouble of each. */
  | { readonly type: 'silent_began'; readonly silent: number; readonly expected: number }
  | { readonly type: 'silent_ended' }
  /** The gateway refuses most instances for the same reason, which is then the account's and not theirs. */
  | {
      readonly type: 'refused_began';
      readonly cause: NeedsHumanCause;
      readonly refused: number;
      readonly watched: number;
    }
  | { readonly type: 'refused_ended' };

export interface AboutAccount {
  readonly at: EpochMs;
  readonly account: string;
  /** Set where all accounts of a gateway are affected together, with `account` one of them. */
  readonly gateway?: {
    readonly origin: string;
    readonly accounts: readonly string[];
    /** Another replica sees the same, and notifies people of it. */
    readonly notifiedElsewhere?: true;
  };
}

/** What affects the watchdog itself. */
export type OwnNetworkEvent =
  { readonly type: 'own_network_down'; readonly reason: string } | { readonly type: 'own_network_up' };

/** What happened to the stored state as a whole. */
export type StateEvent =
  /** It could not be opened: nothing earlier is known, no restart is made. `soughtAgain`: the daemon keeps trying. */
  | { readonly type: 'state_unusable'; readonly reason: string; readonly soughtAgain: boolean }
  /** It was opened after all, and the states of this many instances were restored. */
  | { readonly type: 'state_found'; readonly instances: number };

/** How reading the config again ended. */
export type ConfigEvent =
  | ({ readonly type: 'config_reloaded'; readonly reason: ReloadReason } & ReloadCounts)
  | { readonly type: 'config_reload_failed'; readonly reason: ReloadReason; readonly problems: readonly Problem[] };

/** What a call from outside wanted and did not get. */
export type CallEvent =
  /** Alerts of one delivery requested restarts of instances that are not configured. */
  | {
      readonly type: 'alert_unmatched';
      /** How many. */
      readonly alerts: number;
      /** One of them. */
      readonly alert: string;
      /** The names in them, each once, bounded in number and length. */
      readonly instances: readonly string[];
    }
  /** A delivery of alerts, or `alerts` of it, could not be understood, so nothing came of them. */
  | { readonly type: 'alerts_refused'; readonly alerts: number | null; readonly reason: string }
  /** Nothing came of `webhooks` for whole accounts. What stands in their bodies is not said: they hold secrets. */
  | {
      readonly type: 'webhooks_unmatched';
      readonly why: 'unknown_instance' | 'unreadable' | 'ambiguous';
      readonly webhooks: number;
      /** Those that they may have been for, bounded. */
      readonly accounts: readonly string[];
      /** Where the id of the instance stands in them. */
      readonly places: readonly string[];
    }
  /** One address sent too many wrong tokens for a right: for a while its wrong ones are answered with 429. */
  | { readonly type: 'tokens_refused'; readonly right: string; readonly address: string; readonly count: number };

/** What happens between replicas that share the accounts. */
export type ClusterEvent =
  /** Watched here from now on. `from`: replicas that were no longer heard of; empty: nobody owned them. */
  | { readonly type: 'accounts_claimed'; readonly accounts: readonly string[]; readonly from: readonly string[] }
  /** Given to another replica, for even shares or a newer config. */
  | { readonly type: 'accounts_released'; readonly accounts: readonly string[]; readonly to: string | null }
  /** Another replica owns them, because this one could not renew in time. */
  | { readonly type: 'accounts_lost'; readonly accounts: readonly string[] }
  /** Half the time of a lease has gone by without a renewal: soon nothing is restarted here, until there is one. */
  | { readonly type: 'leases_not_renewed'; readonly reason: string }
  | { readonly type: 'leases_renewed' }
  /** `replicas`: how many live now. */
  | { readonly type: 'replica_joined'; readonly replica: string; readonly replicas: number }
  | { readonly type: 'replica_left'; readonly replica: string; readonly replicas: number }
  /** These replicas have another config. `outdated`: theirs is newer than the one here. */
  | { readonly type: 'configs_differ'; readonly replicas: readonly string[]; readonly outdated: boolean }
  | { readonly type: 'configs_agree' };

/** What is about neither an instance nor an account. */
export type WatchdogEvent = OwnNetworkEvent | StateEvent | ConfigEvent | CallEvent | ClusterEvent;

export type InstanceFleetEvent = AboutInstance & WatchEvent;

export type FleetEvent =
  InstanceFleetEvent | (AboutAccount & (AccountEvent | ListFinished)) | ({ readonly at: EpochMs } & WatchdogEvent);

/** The events of a type. */
export type EventOf<Type extends FleetEvent['type']> = Extract<FleetEvent, { readonly type: Type }>;

/** Receives every event; must neither throw nor take long. */
export type Publish = (event: FleetEvent) => void;
