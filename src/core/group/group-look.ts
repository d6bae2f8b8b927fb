import type { AccountEvent } from '../event.ts';
import type { Mutable } from '../instance/draft.ts';
import type { EpochMs } from '../time.ts';
import { allHarm, sickCount, wholeTally, type GroupEffect, type GroupPolicy, type GroupState } from './group.ts';
import { stormChangesAt, withCount, type GroupStorm } from './group-storm.ts';
import { HARM_WINDOW, isHarmful } from './harm.ts';
import { mourned, nextDeathAt, population } from './long-dead.ts';
import { freeRestarts, restartsFreeAt } from './restart-limits.ts';
import { invitations, invitedFirst, queueLength } from './restart-queue.ts';
import { lookAtTrouble } from './shared-trouble.ts';
import { restartsAllowedBy } from './storm.ts';
import { isSuspected } from './suspicion.ts';
import { canBeCounted, gatewayLooksDown } from './tally.ts';

/** A step while it is being made. */
export interface Draft {
  readonly next: Mutable<GroupState>;
  readonly effects: GroupEffect[];
  readonly policy: GroupPolicy;
  readonly now: EpochMs;
}

export function published(event: AccountEvent): GroupEffect {
  return { type: 'publish', event };
}

export function becomeStorm(
  draft: Draft,
  { storm, events }: { storm: GroupStorm; events: readonly AccountEvent[] },
): void {
  draft.next.storm = storm;
  draft.effects.push(...events.map(published));
}

/** Looks at the whole group: storm, outage, which instances may go now, and when to look again. */
export function look(draft: Draft): void {
  const { next, policy, now } = draft;
  next.census = mourned(next.census, policy.deadAfter, now);
  lookAtStorm(draft);
  lookAtOutage(draft);
  lookAtHarm(draft);
  const { trouble, events } = lookAtTrouble(next.trouble, population(next.census), {
    odd: next.odd,
    witnesses: next.suspicion.witnesses,
  });
  next.trouble = trouble;
  draft.effects.push(...events.map(published));
  while (!next.outage && queueLength(next.queue) > 0 && room(next, policy, now) > 0) {
    const first = invitedFirst(next.queue);
    if (first === null) break;
    next.queue = first.queue;
    draft.effects.push({ type: 'probe', key: first.key });
  }
  const at = looksAgainAt(next, policy, now);
  if (at === next.wakeAt) return;
  next.wakeAt = at;
  draft.effects.push({ type: 'wake', at });
}

function lookAtStorm(draft: Draft): void {
  const { next, policy, now } = draft;
  const tally = wholeTally(next);
  const couldBeOutage = canBeCounted(tally) && 2 * tally.unreachable > tally.sick;
  const explained = next.outage || couldBeOutage;
  becomeStorm(draft, withCount(next.storm, sickCount(next, policy), explained, policy.stormCooldown, now));
}

function lookAtOutage({ next, effects }: Draft): void {
  const tally = wholeTally(next);
  const { watched } = tally;
  const unreachable = Math.min(watched, tally.unreachable + next.odd.count.not_the_gateway);
  const looksDown = gatewayLooksDown({ ...tally, unreachable }, next.outage);
  // Instances see the end of an outage sooner than the next call of the health route, if they saw the outage at all.
  if (next.outage && next.outageSeen && !looksDown) next.route = next.route === 'down' ? 'refuted' : next.route;
  next.outageSeen = looksDown;
  const down = looksDown || next.suspicion.confirmed || next.route === 'down';
  if (down === next.outage) return;
  next.outage = down;
  if (down) {
    const isSeen = looksDown || next.suspicion.confirmed;
    // The gateway is known to be down, so no instance waits for another one's answer.
    next.suspicion = { ...next.suspicion, waiting: null };
    const why = isSeen ? {} : { byHealthRoute: true as const };
    effects.push(published({ type: 'gateway_outage_began', unreachable, watched, ...why }));
  } else {
    effects.push(published({ type: 'gateway_outage_ended' }), { type: 'clear_suspicion' });
  }
}

/** What is held because of harm stays held until a person releases it, however long that takes. */
function lookAtHarm({ next, effects, policy }: Draft): void {
  if (next.harmful) return;
  const harms = allHarm(next);
  if (!isHarmful(harms, policy.maxHarmed)) return;
  next.harmful = true;
  effects.push(published({ type: 'harmful_began', harmed: harms.length, within: HARM_WINDOW }));
}

export function mayBeOutage(state: GroupState, key: string): boolean {
  return !state.outage && canBeCounted(wholeTally(state)) && isSuspected(state.suspicion, key);
}

/** How many more instances may be invited. */
export function room({ storm, restarts, queue }: GroupState, policy: GroupPolicy, now: EpochMs): number {
  const allowed = Math.min(restartsAllowedBy(storm.storm, now), freeRestarts(restarts, policy, now));
  return allowed - invitations(queue);
}

/** What time alone changes: a quiet time or a pause between canaries ends, the minute of the limit passes, one is dead. */
function looksAgainAt(state: GroupState, policy: GroupPolicy, now: EpochMs): EpochMs | null {
  const { storm, restarts, queue, census } = state;
  const freesAt = queueLength(queue) > 0 ? restartsFreeAt(restarts, policy, invitations(queue), now) : null;
  const changesAt = Math.min(stormChangesAt(storm, now), nextDeathAt(census, policy.deadAfter));
  const at = Math.min(changesAt, freesAt ?? Number.POSITIVE_INFINITY);
  return at === Number.POSITIVE_INFINITY ? null : at;
}
