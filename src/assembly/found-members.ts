import type { Config } from '../config/config.ts';
import { idKey, nameOfFound } from '../core/discovery/found-names.ts';
import { isChosen } from '../core/discovery/patterns.ts';
import { cleanText, shortened } from '../redaction/clean-text.ts';
import type { Member } from './watch-parts.ts';

/** What the gateways of accounts listed: by account, and then by id, with the tokens that they named. */
export type Found = ReadonlyMap<string, ReadonlyMap<string, string | null>>;

const LONGEST_SHOWN = 100;

/**
 * The instances that gateways listed, as a config defines them: those that `discover` of their accounts chooses and that
 * the config does not name. Each has a name of its own; one for which none is left is not watched.
 *
 * @param accounts those for which instances are wanted
 * @param configured what the config names, of all accounts: its ids and names come first
 */
export function foundMembers(
  config: Pick<Config, 'accounts'>,
  accounts: Config['accounts'],
  configured: Iterable<Member>,
  found: Found,
): readonly Member[] {
  if (found.size === 0) return [];
  const ids = new Set<string>();
  const names = new Set<string>();
  for (const { account, definition } of configured) {
    names.add(definition.name);
    if (found.has(account)) ids.add(idKey(account, definition.phoneNumberId));
  }
  const withAccount = [...config.accounts.values()].filter(({ discover }) => discover !== null).length > 1;
  const members: Member[] = [];
  for (const { name: account, discover } of accounts.values()) {
    const listed = found.get(account);
    if (discover === null || listed === undefined) continue;
    const { policy, labels } = discover;
    for (const [id, token] of listed) {
      if (!isChosen(id, discover) || ids.has(idKey(account, id))) continue;
      const name = nameOfFound(account, id, withAccount, (free) => !names.has(free));
      if (name === null) continue;
      names.add(name);
      const shown = shortened(cleanText(id).trim(), LONGEST_SHOWN);
      const displayName = name.endsWith(id) || shown === '' ? null : shown;
      const definition = { name, phoneNumberId: id, displayName, token, labels, enabled: true, policy };
      members.push({ account, definition: { ...definition, discovered: true } });
    }
  }
  return members;
}
