import type { Trigger } from '../core/instance/instance.ts';
import type { EpochMs } from '../core/time.ts';
import type { Cause } from '../core/verdict.ts';

/**
 * What was wrong: with an instance (`down`, `needs_human`, `blind`, `silent`), with an account or its gateway (`storm`,
 * `gateway_outage`, `harmful`, `refused`, `account_blind`, `account_silent`), or with the watchdog's own network.
 */
export const INCIDENT_KINDS = [
  'down',
  'needs_human',
  'blind',
  'silent',
  'storm',
  'gateway_outage',
  'harmful',
  'refused',
  'account_blind',
  'account_silent',
  'own_network',
] as const;
export type IncidentKind = (typeof INCIDENT_KINDS)[number];

/**
 * What ended it: a restart, nothing that the watchdog did, a sign of life, a person's release or reset, or a change of the
 * config, after which it is no longer watched.
 */
export const INCIDENT_ENDS = ['restart', 'by_itself', 'sign_of_life', 'release', 'no_longer_watched'] as const;
export type IncidentEnd = (typeof INCIDENT_ENDS)[number];

/** A time of trouble. */
export interface Incident {
  readonly kind: IncidentKind;
  /** Null: it is about a whole account, or the watchdog itself. */
  readonly name: string | null;
  /** Null: it is about the watchdog itself. */
  readonly account: string | null;
  readonly cause: Cause | null;
  readonly began: EpochMs;
  /** Null: it lasts. */
  readonly ended: EpochMs | null;
  readonly endedBy: IncidentEnd | null;
  /** Why the restart that ended it was made; null: none did. */
  readonly trigger: Trigger | null;
  /** Restart calls during it. */
  readonly restarts: number;
}

/** How it ended. */
export type Ending = Pick<Incident, 'endedBy' | 'trigger'>;
