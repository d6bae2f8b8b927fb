import type { DurationMs, EpochMs } from '../../core/time.ts';
import type { Clock } from '../../time/clock.ts';
import type { Connection } from './connection.ts';

interface Held {
  readonly account: string;
  readonly token: string;
}

/**
 * Those of the wanted accounts that nobody has a lease of, or of which this process has one without knowing, because the
 * answer was lost. Rows that others are claiming right now are passed over.
 */
const CLAIM = `
with wanted as (select unnest($1::text[]) as account),
added as (
  insert into watchdog.lease (account, owner, token, until)
  select account, $2, 1, now() + $3::float8 * interval '1 millisecond' from wanted
  where not exists (select from watchdog.lease where lease.account = wanted.account)
  order by account limit $4
  on conflict (account) do nothing
  returning account, token
), free as (
  select account from watchdog.lease
  where account = any($1::text[]) and (until < now() or owner = $2)
  order by account limit greatest($4 - (select count(*) from added), 0)
  for update skip locked
), taken as (
  update watchdog.lease set owner = $2, token = token + 1, until = now() + $3::float8 * interval '1 millisecond'
  where account in (select account from free)
  returning account, token
)
select account, token from added union all select account, token from taken`;

/** Also leases that have ended, as long as nobody else has claimed them: their states are as they were left. */
const RENEW = `
with own as (
  select account from watchdog.lease where owner = $1 and account = any($2::text[]) order by account for update
)
update watchdog.lease set until = now() + $3::float8 * interval '1 millisecond'
where account in (select account from own)
returning account, token`;

const RELEASE = `
with own as (
  select account from watchdog.lease where owner = $1 and account = any($2::text[]) order by account for update
)
update watchdog.lease set owner = null, until = 'epoch' where account in (select account from own)`;

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
  readonly #connection: Connection;
  readonly #clock: Clock;
  readonly #leaseFor: DurationMs;
  readonly #tokens = new Map<string, number>();
  readonly #ends = new Map<string, EpochMs>();

  constructor({ connection, clock, owner, leaseFor }: LeasesOptions) {
    this.owner = owner;
    this.#connection = connection;
    this.#clock = clock;
    this.#leaseFor = leaseFor;
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

  /**
   * Claims at most `most` of these accounts, where nobody has a lease.
   *
   * @returns the claimed ones; their states may have been changed by their former owner
   * @throws StoreError
   */
  async claim(accounts: readonly string[], most: number): Promise<readonly string[]> {
    const wanted = accounts.filter((account) => !this.#tokens.has(account));
    if (wanted.length === 0 || most < 1) return [];
    const sentAt = this.#clock.now();
    const claimed = await this.#connection.query<Held>(CLAIM, [wanted, this.owner, this.#leaseFor, most]);
    for (const { account, token } of claimed) {
      this.#tokens.set(account, Number(token));
      this.#ends.set(account, sentAt + this.#leaseFor);
    }
    return claimed.map(({ account }) => account);
  }

  /**
   * Renews all leases.
   *
   * @returns accounts that another process has claimed since
   * @throws StoreError; the leases then end when they would have
   */
  async renew(): Promise<readonly string[]> {
    const before = new Map(this.#tokens);
    if (before.size === 0) return [];
    const sentAt = this.#clock.now();
    const rows = await this.#connection.query<Held>(RENEW, [this.owner, [...before.keys()], this.#leaseFor]);
    const renewed = new Map(rows.map(({ account, token }) => [account, Number(token)]));
    const lost: string[] = [];
    for (const [account, token] of before) {
      // Released meanwhile.
      if (this.#tokens.get(account) !== token) continue;
      if (renewed.get(account) === token) this.#ends.set(account, sentAt + this.#leaseFor);
      else lost.push(account);
    }
    for (const account of lost) this.#forget(account);
    return lost;
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

  #forget(account: string): void {
    this.#tokens.delete(account);
    this.#ends.delete(account);
  }
}
