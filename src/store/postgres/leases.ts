import type { DurationMs, EpochMs } from '../../core/time.ts';
import type { Clock } from '../../time/clock.ts';
import type { ClaimedAccount, ClusterView, ForeignAccount, OwnConfig, ReplicaNews, ReplicaView } from '../ownership.ts';
import type { Connection } from './connection.ts';
import { ANNOUNCE, CLAIM, LEAVE, RELEASE, RENEW, TIME } from './lease-statements.ts';
import { readNews } from './replica-news.ts';

interface Claimed {
  readonly account: string;
  readonly token: string;
  readonly former: string | null;
}

/** One fact about the cluster; what `text` and `ms` mean depends on the kind. */
interface Fact {
  readonly kind: 'now' | 'own' | 'foreign' | 'replica' | 'config';
  readonly name: string;
  readonly text: string | null;
  readonly ms: number;
}

/** After a renewal, which comes every third of a lease, more than this part of the lease is left until the next one. */
const IN_TIME = 1 / 2;

export interface LeasesOptions {
  readonly connection: Connection;
  readonly clock: Clock;
  /** Names this process, and no other one. */
  readonly owner: string;
  readonly leaseFor: DurationMs;
}

/**
 * The accounts that this process may save states of. A lease ends by the clock of the database; here it counts from
 * before the statement that made it, so it never seems longer than it is.
 */
export class Leases {
  readonly owner: string;
  readonly leaseFor: DurationMs;
  readonly #connection: Connection;
  readonly #clock: Clock;
  readonly #tokens = new Map<string, number>();
  readonly #ends = new Map<string, EpochMs>();

  constructor({ connection, clock, owner, leaseFor }: LeasesOptions) {
    this.owner = owner;
    this.#connection = connection;
    this.#clock = clock;
    this.leaseFor = leaseFor;
  }

  get accounts(): readonly string[] {
    return [...this.#tokens.keys()];
  }

  /** The fencing token under which states of the account are saved; undefined: it has no lease. */
  token(account: string): number | undefined {
    return this.#tokens.get(account);
  }

  /** Until when nobody else can own the account, at least; 0: somebody may already. */
  heldUntil(account: string): EpochMs {
    return this.#ends.get(account) ?? 0;
  }

  /** @throws StoreError */
  async time(): Promise<EpochMs> {
    return (await this.#connection.query<{ readonly ms: number }>(TIME))[0]?.ms ?? this.#clock.now();
  }

  /** @throws StoreError */
  async announce({ replica, config }: OwnConfig, isNew: boolean): Promise<void> {
    await this.#connection.query(ANNOUNCE, [config, String(isNew), this.owner, replica]);
  }

  /**
   * Claims those of these accounts that nobody has a lease of.
   *
   * @returns the claimed ones; their states may have been changed by their former owner
   * @throws StoreError
   */
  async claim(accounts: readonly string[]): Promise<readonly ClaimedAccount[]> {
    const wanted = accounts.filter((account) => !this.#tokens.has(account));
    if (wanted.length === 0) return [];
    const sentAt = this.#clock.now();
    const claimed = await this.#connection.query<Claimed>(CLAIM, [wanted, this.owner, this.leaseFor]);
    for (const { account, token } of claimed) {
      this.#tokens.set(account, Number(token));
      this.#ends.set(account, sentAt + this.leaseFor);
    }
    return claimed.map(({ account, former }) => ({ account, takenFrom: former }));
  }

  /**
   * Renews all leases, publishes the news, and reads those of the others.
   *
   * @param news null: this process is no replica, and reads nothing of the others
   * @throws StoreError; the leases then end when they would have
   */
  async renew(news: ReplicaNews | null): Promise<ClusterView> {
    const before = new Map(this.#tokens);
    const sentAt = this.#clock.now();
    const published = news === null ? null : JSON.stringify({ ...news, leaseFor: this.leaseFor });
    const parameters = [this.owner, [...before.keys()], this.leaseFor, published];
    const facts = await this.#connection.query<Fact>(RENEW, parameters);
    const of = (kind: Fact['kind']): readonly Fact[] => facts.filter((fact) => fact.kind === kind);
    const renewed = new Map(of('own').map(({ name, text }) => [name, Number(text)]));
    const lost: string[] = [];
    for (const [account, token] of before) {
      // Released meanwhile.
      if (this.#tokens.get(account) !== token) continue;
      if (renewed.get(account) === token) this.#ends.set(account, sentAt + this.leaseFor);
      else lost.push(account);
    }
    for (const account of lost) this.#forget(account);
    return {
      at: of('now')[0]?.ms ?? 0,
      replicas: of('replica').flatMap((fact) => this.#replicaView(fact) ?? []),
      foreign: of('foreign').map((fact) => this.#foreignAccount(fact)),
      lost,
      configAges: new Map(of('config').map(({ name, ms }) => [name, ms])),
    };
  }

  /**
   * Gives accounts back, so that others can claim them at once.
   *
   * @throws StoreError; their leases then end by themselves
   */
  async release(accounts: readonly string[]): Promise<void> {
    for (const account of accounts) this.#forget(account);
    if (accounts.length > 0) await this.#connection.query(RELEASE, [this.owner, accounts]);
  }

  /**
   * Gives everything back, and is no longer a replica.
   *
   * @throws StoreError
   */
  async leave(): Promise<void> {
    await this.release(this.accounts);
    await this.#connection.query(LEAVE, [this.owner]);
  }

  #foreignAccount({ name: account, text: owner, ms }: Fact): ForeignAccount {
    // A claim of its own whose answer was lost.
    const isOwn = owner === this.owner;
    return { account, owner: isOwn ? null : owner, freeIn: isOwn ? 0 : ms };
  }

  /** Null: that is no replica, no matter what wrote it there. An earlier version publishes no `leaseFor`. */
  #replicaView({ name: owner, text, ms: livesFor }: Fact): ReplicaView | null {
    const published = readNews(text);
    if (published === null) return null;
    const { leaseFor = this.leaseFor, ...news } = published;
    return { ...news, owner, isLate: livesFor < leaseFor * IN_TIME };
  }

  #forget(account: string): void {
    this.#tokens.delete(account);
    this.#ends.delete(account);
  }
}
