import type { Config } from '../config/config.ts';
import { ConfigError } from '../config/problems.ts';
import { shrinkage } from '../config/reload/shrink.ts';
import type { ConfigEvent } from '../core/event.ts';
import type { ReloadOutcome, ReloadReason } from '../core/reload.ts';
import type { ConfigStatus } from '../http/http-parts.ts';
import type { Account } from '../runtime/fleet/account.ts';
import type { Fleet } from '../runtime/fleet/fleet.ts';
import type { Reloaded } from '../runtime/reconcile/apply-reload.ts';
import type { Handover, Watchdog } from '../runtime/watchdog.ts';
import { Masks } from '../redaction/masks.ts';
import type { Clock } from '../time/clock.ts';
import { accountsFor, openAccounts } from './accounts.ts';
import { foundMembers, type Found } from './found-members.ts';
import { fleetParts, membersOf, type Member } from './watch-parts.ts';

type Swapped = Pick<Watchdog, 'fleet' | 'prepareReload'>;

/** The accounts that this process watches, where others watch the rest. */
export interface Shared {
  readonly accounts: ReadonlySet<string>;
  readonly handover: Handover;
}

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
  private working: Promise<unknown> = Promise.resolve();
  /**
   * After a reload it lists no instances, unless other processes watch some of them: the fleet has them, and shares with the
   * config only those that changed.
   */
  current: Config;
  accounts: readonly Account[];
  /** Of everything that must never be shown. */
  readonly masks: Masks;
  private secrets: readonly string[];
  private found: Found = new Map();
  private outcome: Omit<ConfigStatus, 'dryRun'>;

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
  swap(next: Config, watchdog: Swapped, force = false, shared: Shared | null = null): Promise<Reloaded> {
    return this.inTurn(async () => {
      const problem = force ? null : shrinkage(this.members(watchdog), this.current, next);
      if (problem !== null) throw new ConfigError([problem], next);
      const reloaded = await this.exchange(next, watchdog, shared, () => membersOf(next.instances));
      // An answer that is still under way may hold an old secret, and some keys wait for a restart.
      this.secrets = this.secretsOf([next, this.current, this.first]);
      this.current = shared === null ? { ...next, instances: [] } : next;
      this.swaps += 1;
      return reloaded;
    });
  }

  /** Watches other accounts of the same config from now on. */
  share(watchdog: Swapped, shared: Shared): Promise<Reloaded> {
    return this.inTurn(async () => {
      const reloaded = await this.exchange(this.current, watchdog, shared, () => membersOf(this.current.instances));
      this.swaps += 1;
      return reloaded;
    });
  }

  /** What the gateway of an account listed last, by id, with the tokens that the list named. */
  foundOf(account: string): ReadonlyMap<string, string | null> {
    return this.found.get(account) ?? new Map();
  }

  /**
   * Watches what the gateway of an account lists, beside what the config names.
   *
   * @param listed by id, with the tokens that the list names
   * @throws Error when the fleet cannot be exchanged; then nothing has changed
   */
  rediscover(watchdog: Swapped, account: string, listed: ReadonlyMap<string, string | null>): Promise<Reloaded> {
    return this.inTurn(async () => {
      const before = this.found;
      this.found = new Map([...before, [account, listed]]);
      // Before any call is made with a new token.
      this.secrets = this.secretsOf([this.current, this.first]);
      try {
        const reloaded = await this.exchange(this.current, watchdog, undefined, () => this.configured(watchdog));
        this.swaps += 1;
        return reloaded;
      } catch (error) {
        this.found = before;
        throw error;
      }
    });
  }

  /**
   * @param shared null: all accounts; undefined: those of now
   * @param configured what `next` names, of all accounts
   */
  private async exchange(
    next: Config,
    watchdog: Swapped,
    shared: Shared | null | undefined,
    configured: () => Iterable<Member>,
  ): Promise<Reloaded> {
    const scope = shared === undefined ? this.scope : (shared?.accounts ?? null);
    const part = within(next, scope);
    const accounts = accountsFor(part, this.current, watchdog.fleet, this);
    const discovered = foundMembers(next, part.accounts, configured(), this.found);
    const members = joined(scopedTo(configured(), scope), discovered);
    const commit = await watchdog.prepareReload(fleetParts(part, accounts, members), shared?.handover);
    const reloaded = commit();
    this.scope = scope;
    this.accounts = [...watchdog.fleet.accounts.values()];
    const finding = [...this.found].filter(([account]) => (part.accounts.get(account)?.discover ?? null) !== null);
    this.found = new Map(finding);
    return reloaded;
  }

  /** What the config in use names. Where it no longer lists that, the fleet has it. */
  private configured({ fleet }: Swapped): Iterable<Member> {
    return this.scope === null ? namedIn(fleet) : membersOf(this.current.instances);
  }

  private secretsOf(configs: readonly Config[]): readonly string[] {
    const tokens = [...this.found.values()].flatMap((listed) => [...listed.values()]).filter((token) => token !== null);
    return [...new Set([...configs.flatMap(({ secrets }) => secrets), ...tokens])];
  }

  /** One exchange of the fleet after the other: what is prepared fits only the fleet that it was compared with. */
  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.working.then(work);
    this.working = turn.catch(() => undefined);
    return turn;
  }

  private members({ fleet }: Swapped): Parameters<typeof shrinkage>[0] {
    if (this.scope === null) return fleet.instances.values();
    return this.current.instances.map(({ account: name, phoneNumberId, enabled }) => {
      return { account: { name }, phoneNumberId, isWatched: enabled };
    });
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

function* namedIn({ instances }: Fleet): Generator<Member> {
  for (const { account, definition } of instances.values()) {
    if (definition.discovered !== true) yield { account: account.name, definition };
  }
}

function* scopedTo(members: Iterable<Member>, scope: ReadonlySet<string> | null): Generator<Member> {
  for (const member of members) if (scope === null || scope.has(member.account)) yield member;
}

function* joined(...parts: readonly Iterable<Member>[]): Generator<Member> {
  for (const part of parts) yield* part;
}
