import { idKey } from '../../core/discovery/found-names.ts';
import { isChosen, type Choice } from '../../core/discovery/patterns.ts';
import { isLikelyAccident } from '../../core/discovery/shrinkage.ts';
import type { Problem } from '../../core/problem.ts';
import type { Config } from '../config.ts';

interface Member {
  readonly account: { readonly name: string };
  readonly phoneNumberId: string;
  /** The gateway listed it; the config does not name it. */
  readonly discovered?: boolean;
  /** False: the config names it, and has it disabled. */
  readonly isWatched: boolean;
}

/**
 * Why `next` may not take the place of `running`, although it is good: it takes away or disables more than half of a fleet
 * of ten or more, or a folder of its files is gone. Both are mostly accidents, such as a list that was cut off, a variable
 * that is not set, or a file system that is not mounted. Null: it may.
 */
export function shrinkage(fleet: Iterable<Member>, running: Config, next: Config): Problem | null {
  if (next.allowShrink) return null;
  const remedy =
    'If that is meant, set allowShrink: true, or reload with POST /-/reload?force=true. Until then the old config stays in use.';
  const problem = { file: next.files[0] ?? '', line: null, column: null, path: '', remedy };
  const gone = next.missingFolders.find(
    (pattern) => !running.missingFolders.includes(pattern) && running.includes.some((one) => one.pattern === pattern),
  );
  if (gone !== undefined) return { ...problem, path: 'include', message: `the folder of ${gone} is no longer there` };
  const all = [...fleet];
  const discoverOf = ({ account }: Member) => next.accounts.get(account.name)?.discover ?? null;
  const isFound = (member: Member): boolean => member.discovered === true && discoverOf(member) !== null;
  const found = all.filter(isFound);
  const left = found.filter((member) => !isChosenOf(discoverOf(member), member.phoneNumberId)).length;
  if (isLikelyAccident(left, found.length)) {
    const message = `match and ignore would no longer choose ${left} of the ${found.length} instances that gateways list`;
    return { ...problem, path: 'accounts', message };
  }
  // What its gateway lists stays as long as that is wanted.
  const members = all.filter((member) => !isFound(member));
  const kept = new Map(next.instances.map((one) => [idKey(one.account, one.phoneNumberId), one.enabled]));
  const lost = members.filter(({ account, phoneNumberId, isWatched }) => {
    const enabled = kept.get(idKey(account.name, phoneNumberId));
    return enabled === undefined || (isWatched && !enabled);
  }).length;
  if (!isLikelyAccident(lost, members.length)) return null;
  const message = `${lost} of the ${members.length} instances that are watched would no longer be`;
  return { ...problem, path: 'instances', message };
}

function isChosenOf(discover: Choice | null, id: string): boolean {
  return discover !== null && isChosen(id, discover);
}
