import type { ClusterView } from '../store/ownership.ts';

/** Counts by account. */
export type Counts = ReadonlyMap<string, number>;

/**
 * How much work each account of the config is: the instances that the config names, and those that its owner found at its
 * gateway. Only the owner looks for those and publishes how many there are, so that all replicas count alike. After a
 * takeover the last number counts until the new owner has looked.
 */
export class AccountWeights {
  #configured: Counts;
  #all: Counts;
  readonly #found = new Map<string, number>();

  /** @param configured the accounts of the config, each with the instances that it names */
  constructor(configured: Counts) {
    this.#configured = configured;
    this.#all = configured;
  }

  get all(): Counts {
    return this.#all;
  }

  /** What the weights are under another config. */
  under(configured: Counts): Counts {
    return new Map([...configured].map(([account, named]) => [account, named + (this.#found.get(account) ?? 0)]));
  }

  /** Another config is in use. */
  configure(configured: Counts): void {
    for (const account of this.#found.keys()) if (!configured.has(account)) this.#found.delete(account);
    this.#configured = configured;
    this.#all = this.under(configured);
  }

  /** This replica has looked for the instances of its own accounts. */
  count(found: Counts): void {
    let isNew = false;
    for (const [account, count] of found) {
      if (!this.#configured.has(account) || this.#found.get(account) === count) continue;
      this.#found.set(account, count);
      isNew = true;
    }
    if (isNew) this.#all = this.under(this.#configured);
  }

  /** What the owners of the other accounts have published. */
  see({ replicas, foreign }: Pick<ClusterView, 'replicas' | 'foreign'>): void {
    const published = new Map(replicas.map(({ owner, found }) => [owner, found]));
    const counts = new Map<string, number>();
    for (const { account, owner } of foreign) {
      const count = owner === null ? undefined : published.get(owner)?.[account];
      if (count !== undefined && Number.isSafeInteger(count) && count >= 0) counts.set(account, count);
    }
    this.count(counts);
  }

  /** What was found last in these accounts, to be published. */
  foundIn(accounts: Iterable<string>): Readonly<Record<string, number>> {
    const known = [...accounts].map((account) => [account, this.#found.get(account) ?? null] as const);
    return Object.fromEntries(known.filter((each): each is readonly [string, number] => each[1] !== null));
  }
}
