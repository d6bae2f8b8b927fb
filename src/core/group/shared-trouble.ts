import type { AccountEvent } from '../event.ts';
import { isBlind, isSilent, type InstanceState } from '../instance/instance.ts';
import type { Cause } from '../verdict.ts';
import type { OddAnswers } from './odd-answers.ts';
import { valueOf } from './sorted-map.ts';

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
  /** Of how many signs of life are expected. */
  readonly expected: number;
  /** How many of them are silent. */
  readonly silent: number;
  readonly isSilent: boolean;
  /** How many need a human because of each refusal. */
  readonly refused: Readonly<Record<Refusal, number>>;
  readonly isRefused: Refusal | null;
}

export const NO_TROUBLE: SharedTrouble = {
  blind: 0,
  blindBy: null,
  isBlind: false,
  expected: 0,
  silent: 0,
  isSilent: false,
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
  const blinder = more(before, after, isBlind);
  const expected = trouble.expected + more(before, after, ({ silence }) => silence !== null);
  const silent = trouble.silent + more(before, after, isSilent);
  const from = accountRefusal(before);
  const to = accountRefusal(after);
  const isSilenceSame = expected === trouble.expected && silent === trouble.silent;
  if (blinder === 0 && isSilenceSame && from === to) return trouble;
  const refused = { ...trouble.refused };
  if (from !== null) refused[from] -= 1;
  if (to !== null) refused[to] += 1;
  const blindBy = after !== null && isBlind(after) ? (cause ?? trouble.blindBy) : trouble.blindBy;
  return { ...trouble, blind: trouble.blind + blinder, blindBy, expected, silent, refused };
}

/** By how many a count changes with an instance that changes. */
function more(
  before: InstanceState | null,
  after: InstanceState | null,
  counts: (state: InstanceState) => boolean,
): number {
  return (after !== null && counts(after) ? 1 : 0) - (before !== null && counts(before) ? 1 : 0);
}

/**
 * Which of the troubles are shared, and what to publish about it. A refusal is shared as soon as one instance is
 * believed to be refused and most of them, or all that were answered last, get the same answer: the person who must act
 * is then notified once.
 */
export function lookAtTrouble(
  trouble: SharedTrouble,
  watched: number,
  { odd, witnesses }: { readonly odd: OddAnswers; readonly witnesses: readonly string[] },
): { readonly trouble: SharedTrouble; readonly events: readonly AccountEvent[] } {
  const { blind, blindBy, expected, silent, refused, isRefused: before } = trouble;
  const events: AccountEvent[] = [];
  const isBlindNow = isShared(blind, watched, trouble.isBlind);
  if (isBlindNow && !trouble.isBlind) events.push({ type: 'blind_began', blind, watched, cause: blindBy });
  if (!isBlindNow && trouble.isBlind) events.push({ type: 'blind_ended' });
  // The silence of one is its own.
  const isSilentNow = silent > 1 && isShared(silent, expected, trouble.isSilent);
  if (isSilentNow && !trouble.isSilent) events.push({ type: 'silent_began', silent, expected });
  if (!isSilentNow && trouble.isSilent) events.push({ type: 'silent_ended' });
  const isOne = (cause: Refusal): boolean => {
    const already = cause === before;
    // Where there is one instance, its own trouble says it all.
    if (watched < 2 || (!already && refused[cause] === 0)) return false;
    const areEnough = witnesses.length >= Math.min(watched, FEWEST_WITNESSES);
    const areAll = areEnough && witnesses.every((key) => valueOf(odd.last, key) === cause);
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
    : { trouble: { ...trouble, isBlind: isBlindNow, isSilent: isSilentNow, isRefused }, events };
}

/** Most have it. It stays shared until at most a quarter has, so that what ends slowly is one incident. */
function isShared(count: number, watched: number, already: boolean): boolean {
  return count > watched * (already ? 0.25 : 0.5);
}

function accountRefusal(state: InstanceState | null): Refusal | null {
  if (state?.phase !== 'needs_human') return null;
  return REFUSALS.find((cause) => cause === state.cause) ?? null;
}
