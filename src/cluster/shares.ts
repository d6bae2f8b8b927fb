import { sumOf } from '../collections/sum.ts';

/** Shares closer to even than this part of one are left as they are: each move costs a short gap. */
const EVEN_ENOUGH = 0.05;

/** A replica and what it owns. */
export interface Holder {
  readonly owner: string;
  /** Has the newest config of those that live: the others give their accounts to it. */
  readonly current: boolean;
  /** In the order in which it got them. */
  readonly accounts: readonly string[];
}

/** Instances of an account: how much work it is. */
type WeightOf = (account: string) => number;

/**
 * Who should claim each free account: one of the replicas with the newest config, the one that has least to do. All replicas
 * that see the same come to the same result, so they seldom claim the same account.
 */
export function assigned(
  free: readonly string[],
  holders: readonly Holder[],
  weightOf: WeightOf,
): ReadonlyMap<string, string> {
  const loads = loadsOf(
    holders.filter(({ current }) => current),
    weightOf,
  );
  const result = new Map<string, string>();
  const byWeight = free.toSorted((one, other) => weightOf(other) - weightOf(one) || compare(one, other));
  for (const account of byWeight) {
    const [least] = loads.toSorted(byLoad);
    if (least === undefined) return result;
    least.load += weightOf(account);
    least.count += 1;
    result.set(account, least.owner);
  }
  return result;
}

/** An account that changes its owner, for shares that are more even, or for a newer config. */
export interface Move {
  readonly from: string;
  readonly to: string;
  /** In this order the first that is not in the middle of a restart. */
  readonly accounts: readonly string[];
}

/** The next move; null: the shares are even enough. It comes from the fullest replica, and goes to the emptiest. */
export function nextMove(holders: readonly Holder[], weightOf: WeightOf): Move | null {
  const current = holders.filter((holder) => holder.current);
  const loads = loadsOf(current, weightOf).toSorted(byLoad);
  const [least] = loads;
  if (least === undefined) return null;
  const outdated = holders.filter((holder) => !holder.current && holder.accounts.length > 0);
  const [first] = outdated.toSorted((one, other) => compare(one.owner, other.owner));
  if (first !== undefined) return { from: first.owner, to: least.owner, accounts: first.accounts };
  const most = loads.at(-1);
  if (most === undefined || most === least) return null;
  const total = sumOf(loads, ({ load }) => load);
  const gap = most.load - least.load;
  if (gap <= (total / loads.length) * EVEN_ENOUGH) return null;
  const left = (account: string): number => Math.abs(gap - 2 * weightOf(account));
  const owned = current.find(({ owner }) => owner === most.owner)?.accounts ?? [];
  const better = owned.filter((account) => weightOf(account) > 0 && left(account) < gap);
  if (better.length === 0) return null;
  // Of equals the one that it has had for longest, or the same one would move whenever a replica comes or goes.
  const accounts = better.toSorted((one, other) => left(one) - left(other));
  return { from: most.owner, to: least.owner, accounts };
}

interface Load {
  readonly owner: string;
  load: number;
  count: number;
}

function loadsOf(holders: readonly Holder[], weightOf: WeightOf): Load[] {
  return holders.map(({ owner, accounts }) => ({
    owner,
    load: sumOf(accounts, weightOf),
    count: accounts.length,
  }));
}

function byLoad(one: Load, other: Load): number {
  return one.load - other.load || one.count - other.count || compare(one.owner, other.owner);
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
