import type { GuardPolicy } from './group/tally.ts';
import type { ParsedCron } from './schedule/cron.ts';
import type { DurationMs } from './time.ts';

/** What holds restarts for reasons outside of a single instance. */
export interface GuardSettings {
  readonly guard: GuardPolicy & {
    /** Quiet time after a storm before restarts go on. */
    readonly stormCooldown: DurationMs;
    /** Time after the start in which only what was due before is restarted. */
    readonly startup: DurationMs;
    /** When this many restarts did harm within a day, all further ones of the account are held. */
    readonly maxHarmed: number;
    /** An instance that has been exhausted for this long no longer counts towards a storm. */
    readonly deadAfter: DurationMs;
    /** Without a conclusive answer for this long, nothing is known of an instance. */
    readonly blindAfter: DurationMs;
    /** Limits of all accounts of one gateway (the origin of `baseUrl`) together. */
    readonly perGateway: GatewayLimits;
  };
  readonly connectivity: ConnectivityPolicy;
  readonly maintenance: readonly MaintenanceWindow[];
  /** Decide and report, call nothing. */
  readonly dryRun: boolean;
}

/** Limits that the accounts of one gateway share. */
export interface GatewayLimits extends RestartLimits {
  /** Null: no limit beside those of the accounts. */
  readonly requestsPerSecond: number | null;
  readonly concurrency: number | null;
}

/** How our own network is checked. */
export interface ConnectivityPolicy {
  /** `tcp://host:port` or `https://…`; empty: no check. */
  readonly targets: readonly string[];
  /** Our network is up while at least this many targets answer. */
  readonly quorum: number;
  readonly every: DurationMs;
  /** Deadline of one check. */
  readonly timeout: DurationMs;
}

/** A time in which people work on the instances, so that automatic restarts are held. */
export interface MaintenanceWindow {
  /** Unique. */
  readonly name: string;
  /** When it opens. */
  readonly cron: ParsedCron;
  readonly duration: DurationMs;
  /** With neither accounts nor instances the window is for all. */
  readonly accounts: readonly string[];
  readonly instances: readonly string[];
}

/** Whether a window is for an instance. */
export function covers(
  { accounts, instances }: Pick<MaintenanceWindow, 'accounts' | 'instances'>,
  { name, account }: { readonly name: string; readonly account: { readonly name: string } },
): boolean {
  if (accounts.length === 0 && instances.length === 0) return true;
  return accounts.includes(account.name) || instances.includes(name);
}

/** How many requests an account may make, restarts included. */
export interface RequestLimits {
  readonly requestsPerSecond: number;
  /** Requests in flight at once. */
  readonly concurrency: number;
}

/** How many restarts of an account may run at once, and begin within any minute. */
export interface RestartLimits {
  readonly concurrentRestarts: number;
  readonly restartsPerMinute: number;
}

/** A PostgreSQL that keeps the state, and how it is reached. */
export interface DatabaseSettings {
  /** Tried in turn until one takes writes. */
  readonly hosts: readonly DatabaseHost[];
  readonly database: string;
  readonly user: string;
  /** Null: none is sent. */
  readonly password: string | null;
  /** As libpq's `sslmode`; `require` encrypts and believes any certificate, unless there is a `rootCertFile`. */
  readonly tls: DatabaseTls;
  /** PEM files, absolute; null: none, and for `rootCertFile` the usual authorities. */
  readonly rootCertFile: string | null;
  readonly certFile: string | null;
  readonly keyFile: string | null;
}

export interface DatabaseHost {
  /** A host name, an address, or, beginning with "/", the folder of a Unix socket. */
  readonly host: string;
  readonly port: number;
}

export const DATABASE_TLS = ['disable', 'require', 'verify-ca', 'verify-full'] as const;
export type DatabaseTls = (typeof DATABASE_TLS)[number];
