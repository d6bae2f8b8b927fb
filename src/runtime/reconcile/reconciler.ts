import type { Transition } from '../../core/group/group.ts';
import { isSick } from '../../core/group/tally.ts';
import { decide } from '../../core/instance/decide.ts';
import { unchanged, type Answer, type Decision } from '../../core/instance/draft.ts';
import type { InstanceEvent, Publish, WatchEvent } from '../../core/event.ts';
import { NONE, type InstanceState, type RestartRecord } from '../../core/instance/instance.ts';
import type { Action, Observation } from '../../core/instance/observation.ts';
import { timeToShow } from '../../core/instance/patience.ts';
import type { EpochMs } from '../../core/time.ts';
import type { StoredState } from '../../store/store.ts';
import type { StallDetector } from '../../time/stall-detector.ts';
import type { Times } from '../../time/wall-clock.ts';
import type { Instance } from '../fleet/instance.ts';
import type { Guards } from '../guards/guards.ts';
import type { Scheduler } from '../schedule/scheduler.ts';
import type { GatewayDrain } from './gateway-drain.ts';
import type { GuardLoop } from './guard-loop.ts';
import type { Listener } from './listener.ts';
import { callRestart } from './restart-call.ts';
import type { StateWriter } from './state-writer.ts';

/** What decides, and what finds out how instances are, work with. */
export interface LoopParts extends Times {
  readonly stalls: StallDetector;
  readonly publish: Publish;
  readonly guards: Guards;
  readonly guardLoop: GuardLoop;
  readonly listener: Listener;
  readonly scheduler: Scheduler;
  /** Counts the calls under way. */
  readonly drain: GatewayDrain;
}

export interface ReconcilerParts extends LoopParts {
  readonly writer: StateWriter;
  /** Aborts restart calls in flight. */
  readonly restarts: AbortSignal;
  /** Whether no other process can own the account now. */
  readonly mayRestart: (account: string) => boolean;
}

/** The result of an observation. */
export interface Observed {
  readonly answer: Answer;
  /** Whether everything due was saved; if not, a decided restart is not made. */
  readonly saved: boolean;
  /** Settles with the record of the restart that was made; null: none was. */
  readonly ended: Promise<RestartRecord | null> | null;
}

const SUSPICION_CLEARED: Observation = { type: 'suspicion_cleared' };

/** The path of one observation: decide, save, perform, publish. */
export class Reconciler {
  private readonly parts: ReconcilerParts;
  private readonly calls = new Map<Instance, Promise<RestartRecord | null>>();

  constructor(parts: ReconcilerParts) {
    this.parts = parts;
  }

  /** Something flowed through the instance at `at`. That is decided only where it ends a silence. */
  heard(instance: Instance, at: EpochMs): void {
    if (this.parts.listener.heard(instance, at)) void this.observe(instance, { type: 'activity', at });
  }

  /** Decides and carries out observations, of each instance one after the other. Never rejects. */
  async observe(instance: Instance, seen: Observation | (() => Observation)): Promise<Observed> {
    const { flight } = instance;
    while (flight.settling !== null || flight.toClear) {
      if (flight.settling !== null) await flight.settling;
      else {
        flight.toClear = false;
        void this.settle(instance, SUSPICION_CLEARED);
      }
    }
    // The holds must be those of this moment, not of before the wait.
    return await this.settle(instance, typeof seen === 'function' ? seen() : seen);
  }

  /**
   * A stored state that was found late counts again. What was learnt meanwhile gives way, because it is soon learnt
   * again; an operator's pause stays.
   */
  async restoreState(instance: Instance, stored: StoredState): Promise<void> {
    while (instance.flight.settling !== null) await instance.flight.settling;
    const before = instance.state;
    const pause = before.pause ?? stored.state.pause;
    const acknowledged = before.acknowledged ?? stored.state.acknowledged;
    const state = { ...stored.state, pause, acknowledged };
    this.parts.writer.restore(instance, { state, revision: stored.revision });
    this.reportTransition(instance, before, NONE);
    await this.observe(instance, { type: 'resumed' });
    // What was not probed yet keeps its first turn: a regular one may be more than an interval away.
    if (instance.seen.lastAt !== null) this.parts.scheduler.plan(instance);
  }

  /** Resolves when no restart call is in flight, of one instance or of all. */
  async settled(instance?: Instance): Promise<void> {
    if (instance !== undefined) await this.calls.get(instance);
    else while (this.calls.size > 0) await Promise.all(this.calls.values());
  }

  /** Tries once more to save the states that could not be saved. Never rejects. */
  async saveRest(instances: Iterable<Instance>): Promise<void> {
    await Promise.all([...instances].filter(({ unsaved }) => unsaved).map((instance) => this.save(instance, [])));
  }

  /** Whether a restart call is in flight. */
  isCalling(instance: Instance): boolean {
    return this.calls.has(instance);
  }

  private async settle(instance: Instance, observation: Observation): Promise<Observed> {
    const before = instance.state;
    const decision = this.decide(instance, observation);
    const { state, actions, answer } = decision;
    this.parts.writer.put(instance, state);
    this.parts.listener.follow(instance, before, observation);
    // A stall that is noticed from now on lies between the decision and the call.
    if (restarts(decision)) this.parts.stalls.look();
    // The hot path, a healthy probe that changes nothing, changes nothing for the guards either.
    if (state !== before || isSick(state) || state.planned !== null) {
      this.reportTransition(instance, before, eventsOf(actions));
    }
    if (actions.length === 0 && !instance.unsaved) return { answer, saved: true, ended: null };
    const settling = this.carryOut(instance, before, decision).finally(() => {
      instance.flight.settling = null;
    });
    instance.flight.settling = settling;
    return { answer, ...(await settling) };
  }

  private decide(instance: Instance, observation: Observation): Decision {
    const { clock, wall } = this.parts;
    try {
      return decide(instance.state, observation, instance.policy, clock.now(), wall.now());
    } catch (error) {
      const reason = String(error);
      this.publish(instance, { type: 'decision_failed', reason, state: instance.state, observation });
      return unchanged(instance.state);
    }
  }

  /** The guards must know before anything is awaited, or two instances could take the same last slot. */
  private reportTransition(instance: Instance, before: InstanceState, events: readonly InstanceEvent[]): void {
    const { guardLoop, wall } = this.parts;
    const { key, account, removed, isWatched: counted, state: after } = instance;
    const plannedAt = after.planned === null ? null : wall.momentOf(after.planned.dueAt);
    const showsWithin = timeToShow(instance.policy);
    const transition: Transition = {
      ...{ type: 'transition', key, before, after, events, removed, counted, showsWithin, plannedAt },
    };
    guardLoop.observe(account, transition);
  }

  private async carryOut(
    instance: Instance,
    before: InstanceState,
    decision: Decision,
  ): Promise<Omit<Observed, 'answer'>> {
    const { actions, withoutRestart } = decision;
    const saved = await this.save(instance, actions);
    if (!restarts(decision)) {
      this.publishAll(instance, actions);
      return { saved, ended: null };
    }
    // No effect without its record.
    if (!saved || this.isOvertaken(instance)) {
      const without = withoutRestart ?? unchanged(before);
      await this.takeBack(instance, without.state, saved ? actions : []);
      this.publishAll(instance, without.actions);
      return { saved: false, ended: null };
    }
    const ended = this.restart(instance).finally(() => this.calls.delete(instance));
    this.calls.set(instance, ended);
    this.publishAll(instance, actions);
    return { saved: true, ended };
  }

  /**
   * While an automatic restart was saved, another instance may have shown that the whole group is affected: instances
   * probed together are decided one after the other, and the last may be the one that shows it. Or its account may be
   * another process's by now, as after an outage of the database; a call that is not sent would cost a cooldown.
   */
  private isOvertaken({ state: { intent }, account }: Instance): boolean {
    const trigger = intent?.trigger;
    if (trigger === 'silence' && account.isSilent) return true;
    const isOurs = trigger === 'failure' || trigger === 'schedule' || trigger === 'silence';
    const { guards, mayRestart } = this.parts;
    return isOurs && (!guards.networkUp || account.inGatewayOutage || !mayRestart(account.name));
  }

  /**
   * A restart is not made, and the next probe decides again. What was learnt about the instance stays, or the guards
   * would count a failing instance as healthy.
   *
   * @param actions what was saved already, and so must be saved again
   */
  private async takeBack(instance: Instance, state: InstanceState, actions: readonly Action[]): Promise<void> {
    const { writer, guardLoop } = this.parts;
    const { key, account, isWatched: counted, state: before } = instance;
    writer.put(instance, state);
    guardLoop.observe(account, { type: 'restart_cancelled', key, before, after: state, counted });
    if (actions.length > 0) await this.save(instance, actions);
  }

  private async save(instance: Instance, actions: readonly Action[]): Promise<boolean> {
    const { ok, news } = await this.parts.writer.save(instance, actions);
    // Of what another process owns now, nothing is to be saved here.
    if (news !== null && !(instance.removed && !this.parts.mayRestart(instance.account.name)))
      this.publish(instance, news);
    return ok;
  }

  /** Calls the gateway's restart; its end is the next observation. */
  private async restart(instance: Instance): Promise<RestartRecord | null> {
    const { account } = instance;
    const { gateway } = account;
    const { drain, guardLoop, scheduler } = this.parts;
    drain.begin(gateway);
    const ended = await callRestart(instance, this.parts);
    drain.end(gateway);
    // A refusal of the old token or route says nothing about the current way.
    const sameWay = gateway === account.gateway;
    const acceptedBefore = account.group.accepted;
    const refusal = sameWay ? ended.refusal : null;
    const { answer } = await this.observe(instance, { ...ended, refusal, acceptedBefore });
    this.learnMethod(instance);
    guardLoop.observe(account, { type: 'restart_ended', accepted: ended.outcome === 'accepted' });
    scheduler.plan(instance);
    return answer.record;
  }

  /** The method stands in the record of the restart, and so is saved with it. */
  private learnMethod({ account, state }: Instance): void {
    if (!account.learnMethods(state.history) || account.restartMethod === null) return;
    const { method } = account.restartMethod;
    this.parts.publish({ at: this.parts.clock.now(), account: account.name, type: 'restart_method_found', method });
  }

  private publishAll(instance: Instance, actions: readonly Action[]): void {
    for (const action of actions) if (action.type === 'publish') this.publish(instance, action.event);
  }

  private publish(instance: Instance, event: WatchEvent): void {
    this.parts.publish({ at: this.parts.clock.now(), name: instance.name, account: instance.account.name, ...event });
  }
}

function restarts({ actions }: Decision): boolean {
  return actions.some((action) => action.type === 'restart');
}

function eventsOf(actions: readonly Action[]): readonly InstanceEvent[] {
  return actions.flatMap((action) => (action.type === 'publish' ? [action.event] : []));
}
