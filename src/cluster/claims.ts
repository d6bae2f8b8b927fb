import type { Ownership } from '../store/ownership.ts';
import type { ClusterParts } from './cluster-host.ts';
import type { Outlook } from './outlook.ts';
import { assigned } from './shares.ts';

/**
 * An account that stays free for this many looks is claimed, though another replica should have: that one may look only a
 * third of a lease later.
 */
const PATIENCE = 6;

/** Claims what nobody owns. */
export class Claims {
  readonly #parts: ClusterParts;
  readonly #outlook: Outlook;
  /** For how many looks each account has been free. */
  #waited = new Map<string, number>();
  #takeovers = 0;

  constructor(parts: ClusterParts, outlook: Outlook) {
    this.#parts = parts;
    this.#outlook = outlook;
  }

  /** How many accounts were taken over from replicas that were no longer heard of. */
  get takeovers(): number {
    return this.#takeovers;
  }

  /**
   * Claims what this replica should have, and what others should have and did not take. Orphans are claimed as well.
   *
   * @param weights the accounts of the config, each with the number of its instances
   * @throws StoreError; then it is not known what was claimed, and another claim of the same finds out
   */
  async claim(ownership: Ownership, weights: ReadonlyMap<string, number>): Promise<readonly string[]> {
    const { foreign } = this.#outlook;
    const owned = new Set(ownership.accounts);
    const free = [...new Set([...weights.keys(), ...foreign.keys()])].filter(
      (account) => !owned.has(account) && (foreign.get(account)?.freeIn ?? 0) <= 0,
    );
    this.#waited = new Map(free.map((account) => [account, (this.#waited.get(account) ?? 0) + 1]));
    const holders = this.#outlook.holders(ownership, 0);
    const shares = assigned(free, holders, (account) => weights.get(account) ?? 0);
    const isLate = (account: string): boolean => weights.has(account) && (this.#waited.get(account) ?? 0) > PATIENCE;
    const wanted = free.filter((account) => shares.get(account) === ownership.owner || isLate(account));
    const claimed = await ownership.claim(wanted);
    const from = [...new Set(claimed.flatMap(({ takenFrom }) => takenFrom ?? []))].map(nameOf);
    this.#takeovers += claimed.filter(({ takenFrom }) => takenFrom !== null).length;
    const accounts = claimed.map(({ account }) => account);
    const { clock, publish } = this.#parts;
    const watched = accounts.filter((each) => weights.has(each));
    if (watched.length > 0) publish({ at: clock.now(), type: 'accounts_claimed', accounts: watched, from });
    this.#outlook.noteClaimed(accounts);
    return accounts;
  }

  /** What this replica gave back is for others to claim first. */
  leaveToOthers(accounts: readonly string[]): void {
    for (const account of accounts) this.#waited.set(account, 1);
  }
}

/** The part of an owner that names its machine to people. */
function nameOf(owner: string): string {
  return owner.replace(/ \S+$/, '');
}
