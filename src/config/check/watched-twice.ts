import { commonId } from '../../core/discovery/common-id.ts';
import { isChosen } from '../../core/discovery/patterns.ts';
import type { AccountConfig, InstanceConfig } from '../config.ts';
import type { Warning } from '../problems.ts';
import type { Sources } from '../read/sources.ts';

type Accounts = ReadonlyMap<string, AccountConfig>;

const REMEDY =
  'Leave each instance to one account, by discover.match and discover.ignore where it is found: both restart it, each with a budget of its own.';

/** Of accounts of one gateway at most this many that find instances are compared. */
const MOST_FINDING = 20;

/** Accounts that watch what another one watches; one warning for each two of them, at the later one. */
export function watchedTwice(
  { accounts: entries }: Sources,
  accounts: Accounts,
  instances: readonly InstanceConfig[],
): Warning[] {
  const placed = new Map(entries.map((entry, index) => [entry.name, { entry, index }]));
  const watched = namedIn(groupsOf(accounts), accounts, instances);
  return [...watched].flatMap(([group, members]) =>
    pairsIn(group, members, accounts).flatMap(({ one, other, names, found }) => {
      const [first, second] = [placed.get(one), placed.get(other)];
      if (first === undefined || second === undefined) return [];
      const [before, { source, path }] = first.index < second.index ? [one, second.entry] : [other, first.entry];
      const [named = 'what it finds', ...others] = names;
      const whose = others.length === 0 ? named : `${named} and ${others.length} more`;
      const what = names.size > 0 || found === null ? `watches ${whose} as well` : `also finds ids such as "${found}"`;
      const message = `account ${before}, with the same gateway, address and token, ${what}`;
      return [source.problemAt(path, message, REMEDY)];
    }),
  );
}

type Group = readonly string[];

/** The names of accounts of the same gateway at the same address, by name, as far as there are several. */
function groupsOf(accounts: Accounts): ReadonlyMap<string, Group> {
  const groups = new Map<string, string[]>();
  for (const { name, gateway, baseUrl, username, values } of accounts.values()) {
    const way = JSON.stringify([gateway, baseUrl, username, Object.entries(values).sort()]);
    const group = groups.get(way) ?? [];
    group.push(name);
    groups.set(way, group);
  }
  const several = [...groups.values()].filter(({ length }) => length > 1);
  return new Map(several.flatMap((group) => group.map((name) => [name, group])));
}

interface Member {
  readonly account: string;
  readonly name: string;
  readonly id: string;
  readonly token: string;
}

/** What is watched of these groups, as far as the config names it. */
function namedIn(
  groups: ReadonlyMap<string, Group>,
  accounts: Accounts,
  instances: readonly InstanceConfig[],
): ReadonlyMap<Group, readonly Member[]> {
  const named = new Map<Group, Member[]>([...groups.values()].map((group) => [group, []]));
  if (named.size === 0) return named;
  for (const { account, phoneNumberId: id, name, token, enabled } of instances) {
    const group = groups.get(account);
    if (!enabled || group === undefined) continue;
    named.get(group)?.push({ account, name, id, token: token ?? accounts.get(account)?.token ?? '' });
  }
  return named;
}

interface Pair {
  readonly one: string;
  readonly other: string;
  /** None: it is known only that both may find the same. */
  readonly names: Set<string>;
  /** An id that both would find; null: all that one of them finds, or there are names. */
  readonly found: string | null;
}

function pairsIn(group: Group, members: readonly Member[], accounts: Accounts): readonly Pair[] {
  const pairs = new Map<string, Pair>();
  const note = (one: string, other: string, name: string | null, found: string | null = null): void => {
    const key = JSON.stringify([one, other].sort());
    const pair = pairs.get(key) ?? { one, other, names: new Set<string>(), found };
    pairs.set(key, pair);
    if (name !== null) pair.names.add(name);
  };
  const owners = new Map<string, string>();
  const finding = group.flatMap((name) => accounts.get(name) ?? []).filter(({ discover }) => discover !== null);
  const compared = finding.slice(0, MOST_FINDING);
  for (const member of members) {
    const key = JSON.stringify([member.token, member.id]);
    const owner = owners.get(key) ?? member.account;
    owners.set(key, owner);
    if (owner !== member.account) note(owner, member.account, member.name);
    for (const account of compared)
      if (account.name !== member.account && isFoundBy(account, member))
        note(account.name, member.account, member.name);
  }
  for (const [index, one] of compared.entries()) {
    for (const other of compared.slice(index + 1)) {
      const found = foundByBoth(one, other);
      if (found !== null) note(one.name, other.name, null, found === ALL ? null : found);
    }
  }
  return [...pairs.values()];
}

function isFoundBy({ discover, token: own }: AccountConfig, { id, token }: Member): boolean {
  return discover !== null && own === token && isChosen(id, discover);
}

const ALL = Symbol('all that one of them finds');

/** An id that both find; null: none is known. */
function foundByBoth(one: AccountConfig, other: AccountConfig): string | typeof ALL | null {
  if (one.discover === null || other.discover === null || one.token !== other.token) return null;
  const [first, second] = [one.discover.match, other.discover.match];
  const ignored = one.discover.ignore.length + other.discover.ignore.length;
  if (ignored === 0 && (first === second || first === '*' || second === '*')) return ALL;
  return commonId(one.discover, other.discover);
}
