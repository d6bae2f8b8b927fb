import type { Config } from '../config/config.ts';
import { ConfigError } from '../config/problems.ts';
import { shrinkage } from '../config/reload/shrink.ts';
import type { ConfigEvent } from '../core/event.ts';
import type { ReloadOutcome, ReloadReason } from '../core/reload.ts';
import type { ConfigStatus } from '../http/http-parts.ts';
import type { Account } from '../runtime/fleet/fleet.ts';
import type { Reloaded } from '../runtime/reconcile/apply-reload.ts';
import type { Handover, Watchdog } from '../runtime/watchdog.ts';
import { Masks } from '../redaction/masks.ts';
import type { Clock } from '../time/clock.ts';
import { accountsFor, openAccounts } from './accounts.ts';
import { fleetParts } from './watch-parts.ts';

type Swapped = Pick<Watchdog, 'fleet' | 'prepareReload'>;

/** The accounts that this process watches, where others watch the rest. */
export interface Shared {
  readonly accounts: ReadonlySet<string>;
  readonly handover: Handover;
}

type Outcome = Omit<ConfigStatus, 'dryRun'>;

/**
 * The config in use with everything derived from it. Only a reload replaces it, all at once, here; every other part
 * reads it when it needs it.
 */
export class LiveConfig {
  readonly clock: Clock;
  private readonly first: Config;
  /** The accounts that this process watches, where it shares them with others; null: all. */
  private scope: ReadonlySet<string> | null;
  private readonly processId: string;
  private swaps = 0;
  /**
   * After a reload it lists no instances, unless other processes watch some of them: the fleet has them, and shares with the
   * config only those that changed.
   */
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
   * @param scope the accounts that this process watches at first; null: always all
   */
  constructor(first: Config, clock: Clock, processId: string, scope: ReadonlySet<string> | null = null) {
    this.clock = clock;
    this.first = first;
    this.processId = processId;
    this.current = first;
    this.secrets = first.secrets;
    this.masks = new Masks(() => this.secrets);
    this.scope = scope;
    this.accounts = openAccounts(this.watched, { clock, masks: this.masks });
    this.outcome = { lastReloadSuccessful: true, lastSuccessAt: clock.now(), problems: [], waitingForRestart: [] };
  }

  get status(): ConfigStatus {
    return { ...this.outcome, dryRun: this.current.dryRun };
  }

  /** Another one after each restart of the process and each exchange of the config. */
  get generation(): string {
    return `${this.processId}-${this.swaps}`;
  }

  /** The part of the config that this process watches. */
  get watched(): Config {
    return within(this.current, this.scope);
  }

  /**
   * Replaces the config and the fleet of `watchdog` by those of `next`, whole or not at all.
   *
   * @param force also when `next` takes most of the fleet away
   * @param shared the accounts of `next` that this process watches; null: all
   * @throws ConfigError when it does without `force`, Error when it cannot be used; then nothing has changed
   */
  async swap(next: Config, watchdog: Swapped, force = false, shared: Shared | null = null): Promise<Reloaded> {
    const problem = force ? null : shrinkage(this.members(watchdog), this.current, next);
    if (problem !== null) throw new ConfigError([problem], next);
    const reloaded = await this.exchange(next, watchdog, shared);
    // An answer that is still under way may hold an old secret, and some keys wait for a restart.
    this.secrets = [...new Set([...next.secrets, ...this.current.secrets, ...this.first.secrets])];
    this.current = shared === null ? { ...next, instances: [] } : next;
    this.swaps += 1;
    return reloaded;
  }

  /** Watches other accounts of the same config from now on. */
  async share(watchdog: Swapped, shared: Shared): Promise<Reloaded> {
    const reloaded = await this.exchange(this.current, watchdog, shared);
    this.swaps += 1;
    return reloaded;
  }

  private async exchange(next: Config, watchdog: Swapped, shared: Shared | null): Promise<Reloaded> {
    const part = within(next, shared?.accounts ?? null);
    const accounts = accountsFor(part, this.current, watchdog.fleet, this);
    const commit = await watchdog.prepareReload(fleetParts(part, accounts), shared?.handover);
    const reloaded = commit();
    this.scope = shared?.accounts ?? null;
    this.accounts = [...watchdog.fleet.accounts.values()];
    return reloaded;
  }

  private members({ fleet }: Swapped): Parameters<typeof shrinkage>[0] {
    if (this.scope === null) return fleet.instances.values();
    return this.current.instances.map(({ account, phoneNumberId }) => ({ account: { name: account }, phoneNumberId }));
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

function within(config: Config, scope: ReadonlySet<string> | null): Config {
  if (scope === null) return config;
  const accounts = new Map([...config.accounts].filter(([name]) => scope.has(name)));
  return { ...config, accounts, instances: config.instances.filter(({ account }) => scope.has(account)) };
}
