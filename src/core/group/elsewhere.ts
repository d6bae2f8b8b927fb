import type { RestartLimits } from '../settings.ts';
import type { Harm, Release } from './harm.ts';
import type { Tally } from './tally.ts';

/** What one replica sees of a gateway: counts of its own accounts there. */
export interface GatewayNews extends Tally {
  /** Accounts whose states are known, so that what was begun in them counts here, also under a former owner. */
  readonly accounts: number;
  /** The sick ones about which something is still being tried. */
  readonly fresh: number;
  /** Restarts under way. */
  readonly restarting: number;
  /** Restarts that began within the last minute. */
  readonly begun: number;
  /** What this replica may use of the limits until it publishes again. */
  readonly allowed: RestartLimits;
  /** How many more restarts it would make now if it could. */
  readonly waiting: number;
  /** In a storm, one restart at a time until one heals. */
  readonly canary: boolean;
  /** The newest restarts there that did harm and were not released. Older versions publish none. */
  readonly harms?: readonly Harm[];
  /** The last release there that this replica knows of; null: none. */
  readonly released?: Release | null;
}

/** What other replicas see of a gateway, and what they leave of its limits. */
export interface Elsewhere extends Tally {
  readonly fresh: number;
  readonly harms: readonly Harm[];
  readonly released: Release | null;
  /** For this replica. */
  readonly limits: RestartLimits;
  /** Whether this replica is the one that notifies people of what happens to the gateway. */
  readonly notifies: boolean;
}
