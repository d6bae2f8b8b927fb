import type { Place, Subject } from './language/words.ts';

/** An instance that a scenario can be about. */
export interface CastMember {
  readonly name: string;
  readonly account: string;
  /** Of its gateway. */
  readonly origin: string;
}

/** Those that a sentence is about, in the order of the config. */
export function chosen<Member extends CastMember>(members: readonly Member[], subject: Subject): readonly Member[] {
  if (subject.type === 'one') return members.filter(({ name }) => name === subject.name);
  const { of } = subject;
  const there = of === null ? members : members.filter((member) => isAt(member, of));
  switch (subject.type) {
    case 'all':
    case 'each':
      return there;
    case 'any':
      return there.slice(0, 1);
    case 'another':
      return there.slice(1, 2);
    case 'share':
      return there.slice(0, numberOf(subject.share, there.length));
  }
}

/** Why there is nobody that a sentence could be about, and what to write instead; null: there is. */
export function whyNobody(members: readonly CastMember[], subject: Subject): string | null {
  if (chosen(members, { ...subject, ...(subject.type === 'share' && { share: 1 }) }).length > 0) return null;
  if (subject.type === 'one') {
    return `there is no instance ${subject.name}. Use a name of the config, \`all\`, \`any\` or a share like 50%.`;
  }
  const { of } = subject;
  if (of === null || members.some((member) => isAt(member, of))) {
    return 'there is no other instance. `another` needs two of them.';
  }
  const known = new Set(members.map(({ account, origin }) => (of.type === 'account' ? account : origin)));
  const what = of.type === 'account' ? `account ${of.name}` : `gateway ${of.origin}`;
  return `there is no instance of ${what}. Use one of: ${[...known].join(', ')}.`;
}

function isAt({ account, origin }: CastMember, place: Place): boolean {
  return place.type === 'account' ? account === place.name : origin === place.origin;
}

/** A share of any fleet is at least one instance, so that a scenario works on a single instance too. */
function numberOf(share: number, of: number): number {
  return share === 0 ? 0 : Math.max(1, Math.round(share * of));
}
