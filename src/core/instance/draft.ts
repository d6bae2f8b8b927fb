import type { InstanceEvent, SkipReason } from '../event.ts';
import { NONE, type Hold, type InstanceState, type Phase, type RestartIntent, type RestartRecord } from './instance.ts';
import type { Action } from './observation.ts';
import type { Policy } from '../policy.ts';
import type { EpochMs } from '../time.ts';

/** What holds a restart, and until when; null: unknown. */
export interface Held {
  readonly hold: Hold;
  readonly until: EpochMs | null;
}

/** The answer to the caller whose observation this was. */
export interface Answer {
  /** Why the request has no effect; null: it has one. */
  readonly skipped: SkipReason | null;
  /** What holds the requested restart; empty: nothing does. */
  readonly held: readonly Held[];
  /** The restart that has ended; null: none has. */
  readonly record: RestartRecord | null;
}

export const NO_OBJECTION: Answer = { skipped: null, held: NONE, record: null };

export interface Decision {
  readonly state: InstanceState;
  readonly actions: readonly Action[];
  readonly answer: Answer;
  /** What the same observation leads to if the restart among the actions cannot be made after all. */
  readonly withoutRestart?: Decision;
}

export type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

/** What an observation meets: the state before it, and the policy. */
export interface Given {
  readonly state: InstanceState;
  readonly policy: Policy;
  /** Measures all durations; setting the clock does not move it. */
  readonly now: EpochMs;
  /** What the wall clock shows; ends of pauses and times of planned restarts are read off it. */
  readonly wall: EpochMs;
}

/** A decision while it is being made: the next state, and what to announce and call. */
export interface Draft extends Given {
  readonly next: Mutable<InstanceState>;
  readonly events: InstanceEvent[];
  intent: RestartIntent | null;
  answer: Answer;
  /** How far it was before the restart was decided. */
  beforeRestart: Pick<Draft, 'next' | 'events'> | null;
  /** The detail of the observation, for the events it causes. */
  readonly detail: string | null;
}

/**
 * The fields that must survive the process. Further failures of an instance that is already down, or a `connecting`,
 * change the state but are not worth a write.
 */
const DURABLE = [
  'phase',
  'known',
  'attempt',
  'spent',
  'cooldownUntil',
  'graceUntil',
  'intent',
  'pairing',
  'planned',
  'pause',
  'acknowledged',
  'refusal',
  'refusals',
  'silence',
  'releasedAt',
  'history',
  'removedAt',
] as const satisfies readonly (keyof InstanceState)[];

/** The decision to do nothing; it allocates nothing else. */
export function unchanged(state: InstanceState, answer = NO_OBJECTION): Decision {
  return { state, actions: NONE, answer };
}

export function draftOf(given: Given, detail: string | null = null): Draft {
  const next = { ...given.state };
  return { ...given, next, events: [], intent: null, answer: NO_OBJECTION, beforeRestart: null, detail };
}

/** Moves to a phase and announces it; staying in a phase does nothing. */
export function enter({ next, events, detail, now }: Draft, phase: Phase): void {
  if (next.phase === phase) return;
  events.push({
    type: 'phase_changed',
    from: next.phase,
    to: phase,
    cause: next.cause,
    detail,
    failures: next.failures,
    failingSince: next.failingSince,
  });
  next.phase = phase;
  next.since = now;
}

/** Turns a draft into a decision: the save comes first, then the call, then the events. */
export function finish(draft: Draft): Decision {
  const { state: before, next, events, intent, answer, beforeRestart } = draft;
  const actions: Action[] = [];
  const isOtherTrouble = next.phase === 'needs_human' && next.cause !== before.cause;
  if (isOtherTrouble || DURABLE.some((field) => next[field] !== before[field])) actions.push({ type: 'save' });
  if (intent !== null) actions.push({ type: 'restart', intent });
  for (const event of events) actions.push({ type: 'publish', event });
  const decision = { state: next, actions, answer };
  if (beforeRestart === null) return decision;
  return { ...decision, withoutRestart: finish({ ...draft, ...beforeRestart, intent: null, beforeRestart: null }) };
}
