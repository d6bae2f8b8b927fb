import type { ParsedCron } from '../core/schedule/cron.ts';
import type { ReceiverSettings } from '../core/notification.ts';
import type { Policy } from '../core/policy.ts';
import type { DurationMs } from '../core/time.ts';
import type { Cause } from '../core/verdict.ts';
import type { ListenAddress } from './schema/addresses.ts';
import type { IncludePattern } from './inputs.ts';
import type { Note } from './problems.ts';

/** A configuration as the program uses it: checked, defaults filled in, inheritance resolved, secrets read. */
export interface Config {
  readonly listen: ListenAddress;
  readonly log: { readonly level: LogLevel; readonly format: 'json' | 'pretty' };
  /** An absolute folder, or `:memory:`. A relative one in the file counts from the folder of that file. */
  readonly state: { readonly path: string };
  readonly api: ApiTokens;
  /** By name. */
  readonly accounts: ReadonlyMap<string, AccountConfig>;
  /** In the order of the files, disabled ones included. */
  readonly instances: readonly InstanceConfig[];
  readonly guard: GuardConfig;
  readonly connectivity: ConnectivityConfig;
  readonly maintenance: readonly MaintenanceWindowConfig[];
  /** What is asked regularly while the probe loop makes progress; null: nothing. */
  readonly heartbeat: { readonly url: string; readonly every: DurationMs } | null;
  /** Who is told what happens. */
  readonly notify: readonly ReceiverSettings[];
  readonly dryRun: boolean;
  readonly metrics: { readonly perInstance: boolean };
  /** Every file that was read, secrets and certificates included, the main file first. */
  readonly files: readonly string[];
  /** The patterns of `include`: files that come to match them belong to this configuration as well. */
  readonly includes: readonly IncludePattern[];
  /** What works, but probably is not what the user wants. */
  readonly warnings: readonly Note[];
}

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal';

export interface ApiTokens {
  readonly token: string | null;
  readonly hookToken: string | null;
  readonly readToken: string | null;
}

export interface AccountConfig {
  readonly name: string;
  /** Name of a built-in profile. */
  readonly gateway: string;
  /** http or https, without a slash at its end. */
  readonly baseUrl: string;
  readonly username: string;
  readonly token: string;
  readonly restartMethod: string;
  readonly healthPath: string | null;
  /** Keys joined by dots; null: the usual places of the profile. */
  readonly statePath: string | null;
  /** Words as the user wrote them, in addition to those of the profile. */
  readonly stateWords: ReadonlyMap<string, Cause>;
  readonly limits: {
    readonly requestsPerSecond: number;
    readonly concurrency: number;
    readonly restartsPerMinute: number;
    readonly concurrentRestarts: number;
  };
  /** `ca` is PEM text; null: the usual authorities. */
  readonly tls: { readonly ca: string | null; readonly insecureSkipVerify: boolean };
}

export interface InstanceConfig {
  /** Unique. */
  readonly name: string;
  /** A key of `Config.accounts`. */
  readonly account: string;
  readonly phoneNumberId: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly enabled: boolean;
  /** One object for all instances of the same policy. */
  readonly policy: Policy;
}

/** How many sick instances of an account are a storm. */
export type MaxUnhealthy =
  { readonly type: 'percent'; readonly percent: number } | { readonly type: 'count'; readonly count: number };

export interface GuardConfig {
  readonly maxUnhealthy: MaxUnhealthy;
  readonly alwaysAllow: number;
  readonly stormCooldown: DurationMs;
  readonly startup: DurationMs;
}

export interface ConnectivityConfig {
  /** `tcp://host:port` or `https://…`. */
  readonly targets: readonly string[];
  readonly quorum: number;
  readonly every: DurationMs;
  readonly timeout: DurationMs;
}

/** With neither accounts nor instances a window is for all. */
export interface MaintenanceWindowConfig {
  readonly name: string;
  readonly cron: ParsedCron;
  readonly duration: DurationMs;
  readonly accounts: readonly string[];
  readonly instances: readonly string[];
}
