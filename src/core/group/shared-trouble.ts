import type { AccountEvent } from '../event.ts';
import { isBlind, type InstanceState } from '../instance/instance.ts';
import type { Cause } from '../verdict.ts';
import { allAnswer, type OddAnswers } from './odd-answers.ts';

/** Refusals that are about the account, when most of its instances get them. */
export const REFUSALS = ['unauthorized', 'not_found'] as const;
type Refusal = (typeof REFUSALS)[number];

/** A few instances that were answered last stand for all, but fewer do not. */
const FEWEST_WITNESSES = 3;

/** Troubles that most instances of an account have at once, and that are then one incident of the account. */
export interface SharedTrouble {
  /** How many have had no conclusive answer for long. */
  readonly blind: number;
  /** Why the last of them became so. */
  readonly blindBy: Cause | null;
  readonly isBlind: boolean;
  /** How many need a human because of each refusal. */
  readonly refused: Readonly<Record<Refusal, number>>;
  readonly isRefused: Refusal | null;
}

export const NO_TROUBLE: SharedTrouble = {
  blind: 0,
  blindBy: null,
  isBlind: false,
  refused: { unauthorized: 0, not_found: 0 },
  isRefused: null,
};

/** The trouble after an instance changed from one state to another; null: it was, or is, not watched. */
export function withTrouble(
  trouble: SharedTrouble,
  before: InstanceState | null,
  after: InstanceState | null,
  cause: Cause | null,
): SharedTrouble {
  const wasBlind = before !== null && isBlind(before);
  const isBlindNow = after !== null && isBlind(after);
  const from = accountRefusal(before);
  const to = accountRefusal(after);
  if (wasBlind === isBlindNow && from === to) return trouble;
  const refused = { ...trouble.refused };
  if (from !== null) refused[from] -= 1;
  if (to !== null) refused[to] += 1;
  const blind = trouble.blind + (isBlindNow ? 1 : 0) - (wasBlind ? 1 : 0);
  return { ...trouble, blind, blindBy: isBlindNow ? (cause ?? trouble.blindBy) : trouble.blindBy, refused };
}

/**
 * Which of the troubles are shared, and what to publish about it. A refusal is shared as soon as one instance is
 * believed to be refused and most of them, or all that were answered last, get the same answer: the person who must act
 * is then told once.
 */
export function lookAtTrouble(
  trouble: SharedTrouble,
  watched: number,
  { odd, witnesses }: { readonly odd: OddAnswers; readonly witnesses: readonly string[] },
): { readonly trouble: SharedTrouble; readonly events: readonly AccountEvent[] } {
  const { blind, blindBy, refused, isRefused: before } = trouble;
  const events: AccountEvent[] = [];
  const isBlindNow = isShared(blind, watched, trouble.isBlind);
  if (isBlindNow && !trouble.isBlind) events.push({ type: 'blind_began', blind, watched, cause: blindBy });
  if (!isBlindNow && trouble.isBlind) events.push({ type: 'blind_ended' });
  const isOne = (cause: Refusal): boolean => {
    const already = cause === before;
    // Where there is one instance, its own trouble says it all.
    if (watched < 2 || (!already && refused[cause] === 0)) return false;
    const areAll = witnesses.length >= Math.min(watched, FEWEST_WITNESSES) && allAnswer(odd, witnesses, cause);
    return areAll || isShared(odd.count[cause], watched, already);
  };
  const isRefused = before !== null && isOne(before) ? before : (REFUSALS.find(isOne) ?? null);
  if (isRefused !== before) {
    if (before !== null) events.push({ type: 'refused_ended' });
    if (isRefused !== null) {
      events.push({ type: 'refused_began', cause: isRefused, refused: odd.count[isRefused], watched });
    }
  }
  return events.length === 0
    ? { trouble, events }
    : { trouble: { ...trouble, isBlind: isBlindNow, isRefused }, events };
}

/** Most have it. It stays shared until at most a quarter has, so that what ends slowly is one incident. */
function isShared(count: number, watched: number, already: boolean): boolean {
  return count > watched * (already ? 0.25 : 0.5);
}

function accountRefusal(state: InstanceState | null): Refusal | null {
  if (state?.phase !== 'needs_human') return null;
  return REFUSALS.find((cause) => cause === state.cause) ?? null;
}
