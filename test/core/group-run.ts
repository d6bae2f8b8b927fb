import type { AccountEvent } from '../../src/core/event.ts';
import { NEW_GROUP, type GroupEffect, type GroupObservation, type GroupPolicy } from '../../src/core/group/group.ts';
import type * as GroupStepModule from '../../src/core/group/group-step.ts';
import { isSick } from '../../src/core/group/tally.ts';
import { decide } from '../../src/core/instance/decide.ts';
import type { Decision } from '../../src/core/instance/draft.ts';
import {
  newInstance,
  stableHash,
  type Hold,
  type InstanceState,
  type Outcome,
} from '../../src/core/instance/instance.ts';
import type { Observation, Quiet } from '../../src/core/instance/observation.ts';
import { SECOND, type EpochMs } from '../../src/core/time.ts';
import type { Cause } from '../../src/core/verdict.ts';
import { testGuard, testPolicy } from '../fleet/policy.ts';
import { restartEnded } from './observations.ts';

export type GroupCore = Pick<typeof GroupStepModule, 'groupStep' | 'groupHolds'>;

export interface Member {
  readonly key: string;
  state: InstanceState;
  enabled: boolean;
  /** The next observation is preceded by `suspicion_cleared`. */
  toClear: boolean;
  /** What becomes of it if the restart that was decided last is not made. */
  withoutRestart: Decision | undefined;
}

/** One failing probe makes a restart due, and one good one ends an outage; it shows its effect within 200 seconds. */
const INSTANCE = { successes: 1, cooldown: 1, factor: 1, budget: 1000, grace: 10, silentAfter: 60 } as const;
export const SHOWS_WITHIN = 200 * SECOND;

/** The runtime without its waits: a group, its members, and what each observation of them leads to at once. */
export class GroupRun {
  now: EpochMs = 0;
  state = NEW_GROUP;
  policy: GroupPolicy;
  /** Failing probes that make a restart due. */
  threshold = 1;
  readonly members = new Map<string, Member>();
  readonly effects: GroupEffect[] = [];
  private readonly core: GroupCore;

  constructor(core: GroupCore, policy: GroupPolicy) {
    this.core = core;
    this.policy = policy;
  }

  member(key: string): Member {
    const blank = { key, state: newInstance(stableHash(key), this.now), enabled: false, toClear: false };
    const known = this.members.get(key) ?? { ...blank, withoutRestart: undefined };
    this.members.set(key, known);
    return known;
  }

  step(observation: GroupObservation): void {
    const { state, effects } = this.core.groupStep(this.state, observation, this.policy, this.now);
    this.state = state;
    this.effects.push(...effects);
    for (const effect of effects) {
      if (effect.type === 'clear_suspicion') for (const member of this.members.values()) member.toClear = true;
    }
  }

  join(key: string): void {
    const member = this.member(key);
    const { state } = member;
    if (member.enabled) return;
    member.enabled = true;
    const isShowing = state.phase === 'restarting' || state.phase === 'recovering';
    this.step({ type: 'joined', key, state, shownBy: isShowing ? this.now + SHOWS_WITHIN : null });
    this.step({ type: 'looked' });
  }

  /** Its restarts have been in vain for so long that its budget is spent. */
  exhaust(key: string): void {
    const member = this.member(key);
    const before = member.state;
    member.state = { ...before, phase: 'exhausted', cause: 'disconnected', since: this.now, failingSince: this.now };
    const about = { key, before, after: member.state, events: [], removed: false, showsWithin: SHOWS_WITHIN };
    this.step({ type: 'transition', ...about, counted: member.enabled, plannedAt: null });
  }

  leave(key: string): void {
    const member = this.member(key);
    this.step({ type: 'left', key, state: member.enabled ? member.state : null });
    member.enabled = false;
    this.step({ type: 'looked' });
  }

  holdsOn({ key, state }: Member): readonly Hold[] {
    return this.core.groupHolds(this.state, key, state, this.policy, this.now);
  }

  probe(key: string, cause: Cause, startedAt = this.now, quiet: Quiet | null = null): void {
    const member = this.member(key);
    if (!member.enabled || member.state.phase === 'restarting') return;
    this.step({ type: 'probe_ended', key, cause, startedAt });
    this.settle(member);
    const holds = this.holdsOn(member);
    const { blindAfter } = testGuard();
    this.decide(member, { type: 'probe', cause, detail: null, startedAt, outOfTurn: false, holds, blindAfter, quiet });
  }

  heard(key: string): void {
    this.decide(this.member(key), { type: 'activity', at: this.now });
  }

  request(key: string, force: boolean): void {
    const member = this.member(key);
    const asked = { type: 'restart_requested', trigger: 'api', requestedBy: null, disabled: false } as const;
    this.decide(member, { ...asked, force, holds: this.holdsOn(member) });
  }

  plan(key: string): void {
    const expiresAt = this.now + 3600 * SECOND;
    this.decide(this.member(key), { type: 'restart_planned', dueAt: this.now, expiresAt, missed: false });
  }

  end(key: string, outcome: Outcome): void {
    const member = this.member(key);
    if (member.state.phase !== 'restarting') return;
    this.decide(member, restartEnded({ outcome }));
    this.step({ type: 'restart_ended', accepted: outcome === 'accepted' });
  }

  /** The restart that was decided last is not made. */
  cancel(key: string): void {
    const member = this.member(key);
    const { state: before, withoutRestart, enabled: counted } = member;
    if (before.phase !== 'restarting' || withoutRestart === undefined) return;
    member.state = withoutRestart.state;
    this.step({ type: 'restart_cancelled', key, before, after: member.state, counted });
  }

  restore(): void {
    this.state = NEW_GROUP;
    for (const { key, state } of this.members.values()) this.step({ type: 'joined', key, state, shownBy: null });
    this.step({ type: 'looked' });
  }

  release(): void {
    for (const member of this.members.values()) this.decide(member, { type: 'release_requested', at: this.now });
    this.step({ type: 'released', by: 'ana', at: this.now, keys: null });
  }

  private settle(member: Member): void {
    if (!member.toClear) return;
    member.toClear = false;
    this.decide(member, { type: 'suspicion_cleared' });
  }

  private decide(member: Member, observation: Observation): void {
    const { key, state: before, enabled: counted } = member;
    const instancePolicy = testPolicy({ ...INSTANCE, threshold: this.threshold });
    const { state: after, actions, withoutRestart } = decide(before, observation, instancePolicy, this.now);
    member.state = after;
    if (withoutRestart !== undefined) member.withoutRestart = withoutRestart;
    if (after === before && !isSick(after) && after.planned === null) return;
    const events = actions.flatMap((action) => (action.type === 'publish' ? [action.event] : []));
    const about = { key, before, after, events, removed: false, counted, showsWithin: SHOWS_WITHIN };
    this.step({ type: 'transition', ...about, plannedAt: after.planned?.dueAt ?? null });
  }
}

/** The effects in words, for a transcript. */
export function inWords(effects: readonly GroupEffect[]): string {
  const seconds = (at: EpochMs | null): string => (at === null ? 'never' : String(at / SECOND));
  const words = (event: AccountEvent): string => {
    switch (event.type) {
      case 'storm_began':
        return `storm began: ${event.sick} of ${event.watched}, not ${event.allowed}`;
      case 'storm_ended':
        return `storm ended${event.quietUntil === null ? '' : `, quiet until ${seconds(event.quietUntil)}`}`;
      case 'gateway_outage_began':
        return `outage began: ${event.unreachable} of ${event.watched}${event.byHealthRoute === true ? ', by the health route' : ''}`;
      case 'harmful_began':
        return `harmful began: ${event.harmed}`;
      case 'harmful_ended':
        return `harmful ended by ${event.by}`;
      case 'blind_began':
        return `blind began: ${event.blind} of ${event.watched}, ${event.cause ?? 'unknown'}`;
      case 'silent_began':
        return `silent began: ${event.silent} of ${event.expected}`;
      case 'refused_began':
        return `refused began: ${event.refused} of ${event.watched}, ${event.cause}`;
      default:
        return event.type.replaceAll('_', ' ');
    }
  };
  return effects
    .map((effect) => {
      if (effect.type === 'publish') return words(effect.event).toUpperCase();
      if (effect.type === 'probe') return `probe ${effect.key}`;
      return effect.type === 'wake' ? `wake at ${seconds(effect.at)}` : 'clear suspicion';
    })
    .join('; ');
}
