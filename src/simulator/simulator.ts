import type { Clock } from '../time/clock.ts';
import type { Behaviour, EpochMs, Preset } from './instance/behaviour.ts';
import type { Dialect } from './dialect.ts';

export interface SimulatorOptions {
  readonly clock: Clock;
  /** Default 0: any free port. */
  readonly port?: number | undefined;
  /** The account in the path; null: any. */
  readonly username: string | null;
  /** The required bearer token; null: none. */
  readonly token: string | null;
  /** Instances by phoneNumberId, or how many connected ones to make (see `phoneNumberIdAt`). */
  readonly instances: number | Readonly<Record<string, Preset | Behaviour>>;
  /** Another gateway than SmileAPI; it checks the token by itself. Default: none. */
  readonly dialect?: Dialect | undefined;
  /** Where another gateway than SmileAPI sends webhooks of the messages that its instances send. Default: nowhere. */
  readonly webhook?: string | undefined;
  /** How many of the newest requests are remembered. Default 1000; 0: none. */
  readonly logLimit?: number | undefined;
  /** Whether other processes may steer and count through `/_sim/…`. Default false. */
  readonly control?: boolean | undefined;
}

export type RequestKind = 'probe' | 'restart' | 'health' | 'other';

/** A request exactly as it came, including its authorization, so never print one. */
export interface RecordedRequest {
  readonly at: EpochMs;
  readonly kind: RequestKind;
  /** The decoded id where the path names one, known or not. */
  readonly phoneNumberId: string | null;
  readonly method: string;
  /** The request target, undecoded, query included. */
  readonly path: string;
  /** Names in lower case; repeated ones joined with `, `. */
  readonly headers: Readonly<Record<string, string>>;
}

/** How many restart times are remembered per instance; the newest are kept. */
export const RESTART_TIMES_LIMIT = 1_000;

/** The requests of one instance with the right username and token. */
export interface InstanceCounts {
  readonly probes: number;
  readonly restarts: number;
  /** When restarts arrived, oldest first, at most RESTART_TIMES_LIMIT. */
  readonly restartTimes: readonly EpochMs[];
  /** Headers of the newest request; null: none came. */
  readonly lastHeaders: Readonly<Record<string, string>> | null;
}

/** The requests of the whole server, without `/_sim/…`. */
export interface RequestTotals {
  readonly total: number;
  /** Probes and restarts of known instances with the right username and token. */
  readonly probes: number;
  readonly restarts: number;
  readonly health: number;
  /** Messages that were accepted. */
  readonly sent: number;
  /** Questions for all instances at once. */
  readonly lists: number;
  /** Wrong or missing username or token. */
  readonly unauthorized: number;
  /** No such route, or no such instance. */
  readonly unmatched: number;
}

/** The simulator has no such instance. */
export class UnknownInstanceError extends Error {
  override readonly name = 'UnknownInstanceError';

  constructor(phoneNumberId: string) {
    super(`no simulated instance ${JSON.stringify(phoneNumberId)}: make it with set()`);
  }
}

/**
 * The phoneNumberId of the instance at `index` when instances are made by number: a Brazilian mobile number of thirteen
 * digits. `index` is 0 to 99,999,999.
 */
export function phoneNumberIdAt(index: number): string {
  return String(5_511_900_000_000 + index);
}
