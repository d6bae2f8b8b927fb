import type { Config } from '../config/config.ts';
import { ConfigError } from '../config/problems.ts';
import { shrinkage } from '../config/reload/shrink.ts';
import type { ConfigEvent } from '../core/event.ts';
import type { ReloadOutcome, ReloadReason } from '../core/reload.ts';
import type { ConfigStatus } from '../http/http-parts.ts';
import type { Account } from '../runtime/fleet/fleet.ts';
import type { Reloaded } from '../runtime/reconcile/apply-reload.ts';
import type { Watchdog } from '../runtime/watchdog.ts';
import { Masks } from '../redaction/masks.ts';
import type { Clock } from '../time/clock.ts';
import { accountsFor, openAccounts } from './accounts.ts';
import { fleetParts } from './watch-parts.ts';

type Outcome = Omit<ConfigStatus, 'dryRun'>;

/**
 * The config in use with everything derived from it. Only a reload replaces it, all at once, here; every other part
 * reads it when it needs it.
 */
export class LiveConfig {
  readonly clock: Clock;
  private readonly first: Config;
  private readonly processId: string;
  private swaps = 0;
  /** After a reload it lists no instances: the fleet has them, and shares with the config only those that changed. */
  current: Config;
  accounts: readonly Account[];
  /** Of everything that must never be shown. */
  readonly masks: Masks;
  private secrets: readonly string[];
  private outcome: Outcome;

  /**
   * Opens the ways to all gateways; `closeAccounts` closes those of `accounts`.
   *
   * @param processId another one for each process
   */
  constructor(first: Config, clock: Clock, processId: string) {
    this.clock = clock;
    this.first = first;
    this.processId = processId;
    this.current = first;
    this.secrets = first.secrets;
    this.masks = new Masks(() => this.secrets);
    this.accounts = openAccounts(first, { clock, masks: this.masks });
    this.outcome = { lastReloadSuccessful: true, lastSuccessAt: clock.now(), problems: [], waitingForRestart: [] };
  }

  get status(): ConfigStatus {
    return { ...this.outcome, dryRun: this.current.dryRun };
  }

  /** Another one after each restart of the process and each exchange of the config. */
  get generation(): string {
    return `${this.processId}-${this.swaps}`;
  }

  /**
   * Replaces the config and the fleet of `watchdog` by those of `next`, whole or not at all.
   *
   * @param force also when `next` takes most of the fleet away
   * @throws ConfigError when it does without `force`, Error when it cannot be used; then nothing has changed
   */
  async swap(next: Config, watchdog: Pick<Watchdog, 'fleet' | 'prepareReload'>, force = false): Promise<Reloaded> {
    const problem = force ? null : shrinkage(watchdog.fleet.instances.values(), this.current, next);
    if (problem !== null) throw new ConfigError([problem], next);
    const accounts = accountsFor(next, this.current, watchdog.fleet, this);
    const commit = await watchdog.prepareReload(fleetParts(next, accounts));
    const reloaded = commit();
    this.accounts = [...watchdog.fleet.accounts.values()];
    // An answer that is still under way may hold an old secret, and some keys wait for a restart.
    this.secrets = [...new Set([...next.secrets, ...this.current.secrets, ...this.first.secrets])];
    this.current = { ...next, instances: [] };
    this.swaps += 1;
    return reloaded;
  }

  /** Notes how an attempt to reload ended, for `status`, and returns the event that reports it. */
  reloadEnded(outcome: ReloadOutcome, reason: ReloadReason): ConfigEvent {
    if (!outcome.ok) {
      const { problems } = outcome;
      this.outcome = { ...this.outcome, lastReloadSuccessful: false, problems };
      return { type: 'config_reload_failed', reason, problems };
    }
    const { ok: _, ...counts } = outcome;
    const { waitingForRestart } = counts;
    this.outcome = { lastReloadSuccessful: true, lastSuccessAt: this.clock.now(), problems: [], waitingForRestart };
    return { type: 'config_reloaded', reason, ...counts };
  }
}
