import { enter, type Draft } from './draft.ts';
import type { InstanceState } from './instance.ts';
import type { Probe } from './observation.ts';
import { showsUntil, timeToStart } from './patience.ts';
import { clearHolds, dropPlanned } from './restarting.ts';
import { blamesGateway, type Cause } from '../verdict.ts';

/** Troubles that a restart can bring about. A token, or a route, was wrong before. */
const HARM = ['pairing_required', 'banned', 'not_found'] as const;

/** WhatsApp itself has ended the session, so only a person at the phone can begin another one. */
const UNPAIRED: ReadonlySet<Cause> = new Set<Cause>(['pairing_required', 'banned']);

/** Somebody else took the session, or stopped it. A restart takes it back once; then it is between people. */
const ONCE: ReadonlySet<Cause> = new Set<Cause>(['conflict', 'stopped']);

/** The session has ended, for whatever reason. */
const ENDED: ReadonlySet<Cause> = new Set<Cause>(['disconnected', 'stopped']);

/** What a gateway says between two QR codes, too: an attempt to connect is no proof that somebody scanned one. */
const UNSCANNED: ReadonlySet<Cause> = new Set<Cause>([...ENDED, 'stuck_connecting']);

/** An answer calls for a human. It is believed when it comes again: some gateways say so for a moment, for no reason. */
export function onNeedsHuman(draft: Draft, probe: Probe, cause: Cause): void {
  const { next } = draft;
  const isFirst = next.troubleSince === null;
  next.successes = 0;
  next.healthySince = null;
  next.connectingSince = null;
  if (UNPAIRED.has(cause)) next.pairing = 'awaited';
  if (next.phase === 'needs_human' && next.cause === cause) {
    next.troubleSince = null;
    return;
  }
  next.troubleSince ??= probe.startedAt;
  if (isFirst || isStarting(draft, probe, cause)) return;
  noteHarm(draft, cause);
  callForHuman(draft, cause);
}

/** From now on, only a person can help. */
export function callForHuman(draft: Draft, cause: Cause): void {
  const { next } = draft;
  const { phase, cause: from } = next;
  next.cause = cause;
  next.failures = 0;
  next.recent = 0;
  next.troubleSince = null;
  next.graceUntil = null;
  dropPlanned(draft, 'needs_human');
  clearHolds(draft);
  if (phase === 'needs_human') draft.events.push({ type: 'cause_changed', phase, from, cause, detail: draft.detail });
  else enter(draft, 'needs_human');
}

/** Whether a restart was tried already against what one restart can cure at most. */
export function isBeyondRestart({ attempt }: InstanceState, cause: Cause): boolean {
  return attempt > 0 && ONCE.has(cause);
}

/**
 * What a failing probe says of an instance that was taken back once. Gateways name a takeover for a moment, and then say
 * only that the session has ended.
 */
export function causeBehind({ phase, attempt, cause: before }: InstanceState, cause: Cause): Cause {
  return phase === 'suspect' && attempt > 0 && before === 'conflict' && ENDED.has(cause) ? 'conflict' : cause;
}

/**
 * Whether a failing probe leaves an instance with the human that it needs. Silence says nothing about a person's
 * trouble. A QR code that nobody scans ends in `disconnected`, and so do a ban and a takeover; a restart would only begin
 * it again. Nor does a restart scan the code of one that tries to connect, however long it does.
 */
export function staysWithHuman({ refusal, cause: trouble, pairing }: InstanceState, cause: Cause): boolean {
  if (refusal !== null || blamesGateway(cause) || (cause === trouble && ONCE.has(cause))) return true;
  if (trouble === 'conflict' && ENDED.has(cause)) return true;
  return pairing === 'awaited' && UNSCANNED.has(cause);
}

/** A failing probe left it with its human. If the trouble that was named last is over, the QR code from before is not. */
export function nameUnscanned(draft: Draft, cause: Cause): void {
  const { refusal, cause: trouble, pairing } = draft.next;
  const isOver = trouble === 'unauthorized' || trouble === 'not_found';
  if (isOver && refusal === null && pairing === 'awaited' && UNSCANNED.has(cause))
    callForHuman(draft, 'pairing_required');
}

/**
 * While a gateway brings an instance back, it may show a QR code or not know it; that passes by itself. A gateway that
 * has just started does not know its instances for a while.
 */
function isStarting({ next, policy }: Draft, { startedAt }: Probe, cause: Cause): boolean {
  const { phase, known, graceUntil, troubleSince } = next;
  if (phase === 'recovering' && graceUntil !== null && startedAt < graceUntil) return true;
  // Only one that was never seen well may be a wrong number from the beginning.
  const isNew = phase === 'unknown' && !known;
  if (cause !== 'not_found' || isNew || troubleSince === null) return false;
  return startedAt - troubleSince < timeToStart(policy);
}

/**
 * The last restart did harm if the instance did not need a human before it, and this can be its effect. Some gateways show an
 * unlinked session for a second, and then as one that was lost: the restart shows that again, and has not brought it about.
 */
function noteHarm({ next, events, policy, now }: Draft, cause: Cause): void {
  const harm = HARM.find((each) => each === cause);
  if (harm === undefined || next.phase === 'needs_human') return;
  const last = next.history.findLast(({ outcome }) => outcome === 'accepted' || outcome === 'unknown');
  if (last === undefined || last.harmed || last.from === 'needs_human') return;
  if (last.unpaired && UNPAIRED.has(cause)) return;
  if (next.phase !== 'recovering' && now > showsUntil(last.at, next, policy)) return;
  next.history = next.history.map((record) => (record === last ? { ...record, harmed: true } : record));
  events.push({ type: 'restart_harmed', trigger: last.trigger, attempt: next.attempt, cause: harm });
}
