import { MINUTE, type DurationMs, type EpochMs } from '../core/time.ts';
import type { ClusterView, ForeignAccount, Ownership, ReplicaView } from '../store/ownership.ts';
import type { ClusterParts } from './cluster-host.ts';
import { nextMove, type Holder, type Move } from './shares.ts';

/** Until then accounts stay with replicas that have an older config: most get the new one soon. */
const CONFIG_SPREADS: DurationMs = 2 * MINUTE;
/** One that did not take an account in time is passed over for this many times the time of a lease. */
const PASSED_OVER = 8;

/** What is known of the others, as of the last renewal: who lives, who owns what, and who has the newest config. */
export class Outlook {
  readonly #parts: ClusterParts;
  #view: ClusterView = { at: 0, replicas: [], foreign: [], lost: [], configAges: new Map() };
  /** By account: with one instance in each account there are as many as instances. */
  #foreign = new Map<string, ForeignAccount>();
  #announced: string | null = null;
  /** Accounts that another replica has claimed since they were taken last. */
  readonly #lost = new Set<string>();
  /** What was released last for another replica, until it is known who has taken it. */
  #given: { readonly account: string; readonly to: string } | null = null;
  /** Until when replicas are passed over, by owner. */
  readonly #passedOver = new Map<string, EpochMs>();
  /** When the last renewal was made; at first, when the first one was tried. */
  #renewedAt: EpochMs | null = null;
  #trouble: string | null = null;
  #differs = '';

  constructor(parts: ClusterParts) {
    this.#parts = parts;
  }

  /** The others that live. */
  get replicas(): readonly ReplicaView[] {
    return this.#view.replicas;
  }

  /** The accounts that this replica does not own, by name. */
  get foreign(): ReadonlyMap<string, ForeignAccount> {
    return this.#foreign;
  }

  /**
   * Renews all leases, publishes what this replica sees, and learns what the others do.
   *
   * @throws StoreError; then all is as it was
   */
  async renew(ownership: Ownership): Promise<void> {
    const { host, clock } = this.#parts;
    const { news } = host;
    const before = this.#view.replicas;
    this.#renewedAt ??= clock.now();
    try {
      if (this.#announced !== news.config) {
        await ownership.announce(news, this.#announced !== null);
        this.#announced = news.config;
      }
      this.#view = await ownership.renew(news);
    } catch (error) {
      this.#reportTrouble(error, ownership.leaseFor);
      throw error;
    }
    this.#reportRenewal();
    this.#foreign = new Map(this.#view.foreign.map((each) => [each.account, each]));
    for (const account of this.#view.lost) this.#lost.add(account);
    this.#judgeGiven(ownership.leaseFor);
    this.#report(before);
    host.see(this.#view, news);
  }

  /** Why no renewal has succeeded for so long that nothing is restarted soon; null: one has. */
  get trouble(): string | null {
    return this.#trouble;
  }

  /** What was lost since the last call, by any renewal. */
  takeLost(): ReadonlySet<string> {
    const lost = new Set(this.#lost);
    this.#lost.clear();
    return lost;
  }

  /** These accounts belong to this replica now. */
  noteClaimed(accounts: readonly string[]): void {
    for (const account of accounts) this.#foreign.delete(account);
  }

  /** Nobody owns these accounts now. */
  noteReleased(accounts: readonly string[]): void {
    for (const account of accounts) this.#foreign.set(account, { account, owner: null, freeIn: 0 });
  }

  /** This account was released for another replica. */
  noteGiven(account: string, to: string): void {
    this.#given = { account, to };
  }

  /** Whether another replica owns an account now. */
  isOthers(account: string): boolean {
    const foreign = this.#foreign.get(account);
    return foreign !== undefined && foreign.owner !== null && foreign.freeIn > 0;
  }

  /** The next account that changes its owner, one at a time: not before the last one has found its owner. */
  nextMove(ownership: Ownership): Move | null {
    const { weights } = this.#parts.host;
    const isFree = [...this.#foreign.values()].some(({ account, freeIn }) => weights.has(account) && freeIn <= 0);
    if (isFree) return null;
    return nextMove(this.#exchanging(ownership), (account) => weights.get(account) ?? 0);
  }

  /** Those that accounts move between: while a new config spreads, replicas with the same one, as others may not have the account. */
  #exchanging(ownership: Ownership): readonly Holder[] {
    const holders = this.holders(ownership, CONFIG_SPREADS);
    if (holders.some(({ current }) => !current)) return holders;
    const { config } = this.#parts.host;
    const others = this.#view.replicas.filter((each) => each.config !== config).map(({ owner }) => owner);
    return holders.filter(({ owner }) => !others.includes(owner));
  }

  /**
   * The replicas that accounts may come to, and move between. What is given to one that is suspended, cut off or slow is
   * watched by nobody until another one claims it.
   *
   * @param spreads for this long after a new config all replicas count as having it
   */
  holders({ owner: self, accounts }: Ownership, spreads: DurationMs): readonly Holder[] {
    const newest = this.#newestConfig;
    const isCurrent = (config: string): boolean => config === newest.config || newest.age < spreads;
    const foreign = [...this.#foreign.values()];
    const now = this.#parts.clock.now();
    const isPassedOver = (owner: string): boolean => (this.#passedOver.get(owner) ?? 0) > now;
    const inTime = this.#view.replicas.filter(({ owner, isLate }) => !isLate && !isPassedOver(owner));
    const others = inTime.map(({ owner, config }) => ({
      owner,
      current: isCurrent(config),
      accounts: foreign.flatMap((each) => (each.owner === owner ? [each.account] : [])),
    }));
    return [{ owner: self, current: isCurrent(this.#parts.host.config), accounts }, ...others];
  }

  /** Whether another replica has a newer config. */
  get isOutdated(): boolean {
    return this.#newestConfig.config !== this.#parts.host.config;
  }

  get #newestConfig(): { readonly config: string; readonly age: DurationMs } {
    const { configAges, replicas } = this.#view;
    const configs = [this.#parts.host.config, ...replicas.map(({ config }) => config)];
    const aged = configs.map((config) => ({ config, age: configAges.get(config) ?? 0 }));
    return aged.reduce((newest, each) => (each.age < newest.age ? each : newest));
  }

  /** Before restarts end, and at the time when others take this one for late. Where there is something to save, that says why as well. */
  #reportTrouble(error: unknown, leaseFor: DurationMs): void {
    const { clock, publish } = this.#parts;
    const at = clock.now();
    if (at - (this.#renewedAt ?? at) < leaseFor / 2) return;
    const wasTroubled = this.#trouble !== null;
    this.#trouble = error instanceof Error ? error.message : String(error);
    if (!wasTroubled) publish({ at, type: 'leases_not_renewed', reason: this.#trouble });
  }

  #reportRenewal(): void {
    const { clock, publish } = this.#parts;
    const at = clock.now();
    this.#renewedAt = at;
    if (this.#trouble !== null) publish({ at, type: 'leases_renewed' });
    this.#trouble = null;
  }

  /** One that is too slow to take an account in time would be given one after the other, and have none. */
  #judgeGiven(leaseFor: DurationMs): void {
    const now = this.#parts.clock.now();
    for (const [owner, until] of this.#passedOver) if (until <= now) this.#passedOver.delete(owner);
    if (this.#given === null) return;
    const { account, to } = this.#given;
    const foreign = this.#foreign.get(account);
    if (foreign !== undefined && foreign.freeIn <= 0) return;
    this.#given = null;
    if (foreign?.owner !== to) this.#passedOver.set(to, now + PASSED_OVER * leaseFor);
  }

  #report(before: readonly ReplicaView[]): void {
    const { clock, publish } = this.#parts;
    const at = clock.now();
    const { replicas } = this.#view;
    const count = replicas.length + 1;
    const joined = replicas.filter(({ owner }) => !before.some((each) => each.owner === owner));
    const left = before.filter(({ owner }) => !replicas.some((each) => each.owner === owner));
    for (const { replica } of joined) publish({ at, type: 'replica_joined', replica, replicas: count });
    for (const { replica } of left) publish({ at, type: 'replica_left', replica, replicas: count });
    const different = replicas.filter(({ config }) => config !== this.#parts.host.config).map(({ replica }) => replica);
    const differs = different.toSorted().join(', ');
    if (differs === this.#differs) return;
    this.#differs = differs;
    if (differs === '') publish({ at, type: 'configs_agree' });
    else publish({ at, type: 'configs_differ', replicas: different, outdated: this.isOutdated });
  }
}
