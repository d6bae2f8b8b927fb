import type { Problem } from './problem.ts';

/** Why the config is read again. */
export type ReloadReason = 'signal' | 'api' | 'files';

/** What a reload did. */
export interface ReloadCounts {
  /** Instances that are watched now and were not before, and so on. */
  readonly added: number;
  readonly removed: number;
  readonly changed: number;
  readonly changedAccounts: number;
  /** Keys whose new value takes effect only after a restart of the process. */
  readonly waitingForRestart: readonly string[];
}

/** How an attempt to read the config again ended. */
export type ReloadOutcome =
  ({ readonly ok: true } & ReloadCounts) | { readonly ok: false; readonly problems: readonly Problem[] };
