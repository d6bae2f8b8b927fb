import { draftOf, finish, unchanged, type Decision, type Draft, type Given } from '../instance/draft.ts';
import type { SilenceEnd } from '../event.ts';
import { holdsOn } from '../instance/holds.ts';
import { isSilent, type InstanceState, type Silence } from '../instance/instance.ts';
import type { ObservationOf, Probe } from '../instance/observation.ts';
import { clearHolds, hold, startRestart } from '../instance/restarting.ts';
import type { Policy } from '../policy.ts';
import type { DurationMs, EpochMs } from '../time.ts';

/** Signs of life are expected, and they come. One object, because a fleet has very many states. */
const NOT_SILENT: Silence = { since: null, restartedAt: null };

/** A sign of life ends a silence that began before it; for any other instance it changes nothing. */
export function onActivity(given: Given, at: EpochMs): Decision {
  const since = given.state.silence?.since ?? null;
  if (since === null || at <= since) return unchanged(given.state);
  const draft = draftOf(given);
  endSilence(draft, 'activity');
  return finish(draft);
}

/** The message that it sent to find out did not come back: it is silent, without waiting. */
export function onEchoMissed(given: Given, { since, limit }: ObservationOf<'echo_missed'>): Decision {
  const { phase, silence } = given.state;
  if (phase !== 'healthy' || silence?.since !== null) return unchanged(given.state);
  const draft = draftOf(given);
  begin(draft, since, limit);
  return finish(draft);
}

/** Whether signs of life are expected of an instance follows from its policy. */
export function expectLife(draft: Draft): void {
  const { next, policy } = draft;
  if (policy.activity.silentAfter !== null) {
    next.silence ??= NOT_SILENT;
    return;
  }
  if (next.silence === null) return;
  endSilence(draft, 'not_expected');
  next.silence = null;
}

/** A healthy probe of an instance that is otherwise well, and no sign of life for too long. */
export function beginSilence(draft: Draft, { quiet }: Probe): void {
  const { next, policy } = draft;
  const { silentAfter } = policy.activity;
  if (quiet === null || silentAfter === null || next.silence?.since !== null) return;
  begin(draft, quiet.since, silentAfter);
}

function begin({ next, events }: Draft, since: EpochMs, limit: DurationMs): void {
  next.silence = { since, restartedAt: null };
  next.cause = 'silent';
  events.push({ type: 'silence_began', since, limit });
}

/** It is not silent, or no longer. */
export function endSilence(draft: Draft, why: SilenceEnd): void {
  const { next } = draft;
  const since = next.silence?.since ?? null;
  if (since === null) return;
  next.silence = NOT_SILENT;
  if (next.cause === 'silent') next.cause = 'connected';
  // What held its restart, if that was for its silence.
  if (next.phase === 'healthy' && next.planned === null) clearHolds(draft);
  draft.events.push({ type: 'silence_ended', since, why });
}

/** Whether it is to be restarted for its silence: once, and only where that is wanted. */
export function awaitsRestart(
  state: InstanceState,
  { activity, restart }: Pick<Policy, 'activity' | 'restart'>,
): boolean {
  return isSilent(state) && activity.restart && restart.enabled && state.silence?.restartedAt === null;
}

/** A silent instance that awaits its restart: starts it when nothing holds it. The silence of most is not its own. */
export function restartIfSilent(draft: Draft, probe: Probe): void {
  if (probe.quiet === null || !awaitsRestart(draft.next, draft.policy)) return;
  const own = holdsOn(draft, probe.holds);
  const holds = probe.quiet.isShared ? [...own, 'silent' as const] : own;
  if (holds.length === 0) startRestart(draft, 'silence', null);
  else hold(draft, 'silence', holds);
}
