import type { ParsedCron } from './schedule/cron.ts';
import type { DurationMs } from './time.ts';

/** When a healthy instance is probed: at a fixed interval, or at the times of a cron expression. */
export type Cadence =
  { readonly type: 'every'; readonly every: DurationMs } | { readonly type: 'cron'; readonly cron: ParsedCron };

/** How an instance is probed, and when a series of results becomes a verdict about it. */
export interface ProbePolicy {
  readonly cadence: Cadence;
  /** Interval while suspect or down. */
  readonly retryEvery: DurationMs;
  /** Interval while recovering. */
  readonly recoverEvery: DurationMs;
  /** Deadline of one probe. */
  readonly timeout: DurationMs;
  /** Consecutive failing probes that make an instance down; at least 1. */
  readonly failureThreshold: number;
  /** Consecutive healthy probes that end an outage; at least 1. */
  readonly successThreshold: number;
  /** How long `connecting` is tolerated before it counts as `stuck_connecting`. */
  readonly connectingGrace: DurationMs;
  /** How long `connecting` and `disconnected` are tolerated after a pairing, which is followed by a long first sync. */
  readonly pairingGrace: DurationMs;
  /** Whether the list of the gateway, if it names states, takes the place of regular probes as long as all is well. */
  readonly bulk: boolean;
  /** An instance is down, too, when this many of its last `probes` conclusive probes failed. */
  readonly failuresWithin: { readonly failures: number; readonly probes: number };
}

/** When and how often an instance may be restarted. */
export interface RestartPolicy {
  /** False: restarts only on request, never because of a failure or a schedule. */
  readonly enabled: boolean;
  /** Time after which a restarted instance counts as not healed. */
  readonly grace: DurationMs;
  /** Shortest time between the starts of two restarts, before backoff. */
  readonly cooldown: DurationMs;
  readonly backoff: {
    /** The cooldown is multiplied by this with each attempt; at least 1. */
    readonly factor: number;
    /** Upper bound of the cooldown before jitter, and of the time that a start may take. */
    readonly max: DurationMs;
    /** Share of the cooldown that chance may add, 0 to 1. It never shortens. */
    readonly jitter: number;
  };
  /** Uninterrupted health after which attempts count from zero again. */
  readonly stableFor: DurationMs;
  /** At most `restarts` restarts may start within any window of length `per`. */
  readonly budget: { readonly restarts: number; readonly per: DurationMs };
  /** Deadline of one restart call. */
  readonly timeout: DurationMs;
  /** Repetitions of one restart call that was certainly not delivered. */
  readonly retries: number;
  /** The receiver that is requested to restart the gateway's process, after this many failed restarts; null: none is. */
  readonly escalate: { readonly after: number; readonly notify: string } | null;
  /** Planned restarts; null: none. */
  readonly schedule: ParsedCron | null;
}

/** When an instance that probes find connected counts as silent, because it shows no sign of life. */
export interface ActivityPolicy {
  /** Time without a sign of life, as far as it counts; null: signs of life are not expected of it. */
  readonly silentAfter: DurationMs | null;
  /** Each time at which it fires opens one hour that counts; null: all time counts. */
  readonly during: ParsedCron | null;
  /** Whether a silent instance is restarted, once. */
  readonly restart: boolean;
  /** A message that it sends from time to time, and whose webhook must come; null: it sends none. */
  readonly echo: {
    readonly every: DurationMs;
    /** `self`, the name of another instance of its account, or a phone number in digits. */
    readonly to: string;
  } | null;
}

export interface Policy {
  readonly probe: ProbePolicy;
  readonly restart: RestartPolicy;
  readonly activity: ActivityPolicy;
}
