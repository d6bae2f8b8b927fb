import type { InstanceEvent } from '../event.ts';
import type { InstanceState, Phase, RestartIntent } from './instance.ts';
import type { Action } from './observation.ts';
import type { EpochMs } from '../time.ts';

export interface Decision {
  readonly state: InstanceState;
  readonly actions: readonly Action[];
  /** What the same observation comes to if the restart among the actions cannot be made after all. */
  readonly withoutRestart?: Decision;
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

/** A decision while it is being made: the next state, and what is to be announced and called. */
export interface Draft {
  readonly next: Mutable<InstanceState>;
  readonly events: InstanceEvent[];
  intent: RestartIntent | null;
  /** How far it had come before a restart was decided upon. */
  beforeRestart: Pick<Draft, 'next' | 'events'> | null;
  /** What the wall clock shows. */
  readonly wall: EpochMs;
  /** Words of the observation, for the events it causes. */
  readonly detail: string | null;
}

/**
 * The fields that must survive the process. Counting further failures of an instance that is already down, or seeing
 * it connect, changes the state but is not worth a write.
 */
const DURABLE = [
  'phase',
  'attempt',
  'spent',
  'cooldownUntil',
  'graceUntil',
  'intent',
  'planned',
  'pause',
  'refusal',
  'history',
] as const satisfies readonly (keyof InstanceState)[];

const NOTHING: readonly Action[] = [];

/** The decision to do nothing; costs no allocation beyond itself. */
export function unchanged(state: InstanceState): Decision {
  return { state, actions: NOTHING };
}

export function draftOf(state: InstanceState, wall: EpochMs, detail: string | null = null): Draft {
  return { next: { ...state }, events: [], intent: null, beforeRestart: null, wall, detail };
}

/** Moves to a phase and announces it; staying where it is does nothing. */
export function enter(draft: Draft, phase: Phase, now: EpochMs): void {
  const { next } = draft;
  if (next.phase === phase) return;
  draft.events.push({
    type: 'phase_changed',
    from: next.phase,
    to: phase,
    cause: next.cause,
    detail: draft.detail,
    failures: next.failures,
    failingSince: next.failingSince,
  });
  next.phase = phase;
  next.since = now;
}

/** Turns a draft into a decision: what must be saved comes first, then the call, then the news. */
export function finish(before: InstanceState, draft: Draft): Decision {
  const { next, events, intent, beforeRestart } = draft;
  const actions: Action[] = [];
  if (DURABLE.some((field) => next[field] !== before[field])) {
    next.revision = before.revision + 1;
    actions.push({ type: 'save' });
  }
  if (intent !== null) actions.push({ type: 'restart', intent });
  for (const event of events) actions.push({ type: 'publish', event });
  if (beforeRestart === null) return { state: next, actions };
  return {
    state: next,
    actions,
    withoutRestart: finish(before, { ...draft, ...beforeRestart, intent: null, beforeRestart: null }),
  };
}
