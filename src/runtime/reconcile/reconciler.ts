import { decide, judge, teachesNothing } from '../../core/instance/decide.ts';
import type { Decision } from '../../core/instance/draft.ts';
import type { InstanceEvent, Publish, WatchEvent } from '../../core/event.ts';
import type { Hold, InstanceState } from '../../core/instance/instance.ts';
import type { Action, Observation } from '../../core/instance/observation.ts';
import { MINUTE, SECOND, type DurationMs } from '../../core/time.ts';
import { verdictOf } from '../../core/verdict.ts';
import type { StateStore } from '../../store/store.ts';
import type { Clock } from '../../time/clock.ts';
import { IntrusiveSet } from '../../collections/intrusive-set.ts';
import type { Instance } from '../fleet/fleet.ts';
import type { GatewayDrain } from './gateway-drain.ts';
import type { Guards } from '../guards/guards.ts';
import { performRestart } from './restart-call.ts';
import { Saving } from './saving.ts';
import type { StallDetector } from '../../time/stall-detector.ts';
import type { WallClock } from '../../time/wall-clock.ts';

export interface ReconcilerParts {
  readonly clock: Clock;
  readonly wall: WallClock;
  readonly store: StateStore;
  readonly stalls: StallDetector;
  /** Counts the calls under way. */
  readonly inUse: GatewayDrain;
  readonly publish: Publish;
  readonly guards: Pick<
    Guards,
    | 'doubt'
    | 'seen'
    | 'heard'
    | 'holdsOn'
    | 'observed'
    | 'givenUp'
    | 'roomMayHaveCome'
    | 'inGatewayOutage'
    | 'networkUp'
  >;
  /** Called whenever an instance has something new to wait for. */
  readonly plan: (instance: Instance) => void;
  /** Aborts probes under way. */
  readonly probes: AbortSignal;
  /** Aborts restart calls in flight. */
  readonly restarts: AbortSignal;
}

/** What came of an observation. */
export interface Observed {
  readonly actions: readonly Action[];
  /** Whether all that had to be saved was; if not, a restart among the actions was not made. */
  readonly saved: boolean;
}

/** However long a gateway wants us to be silent, we ask again after this. */
const LONGEST_QUIET: DurationMs = 5 * MINUTE;

const NO_HOLDS: readonly Hold[] = [];
const NO_EVENTS: readonly InstanceEvent[] = [];
const JUDGED_AFRESH: Observation = { type: 'judged_afresh' };
const NOTHING: Observed = { actions: [], saved: true };

/** The way of one observation: observe, decide, save, perform, publish. */
export class Reconciler {
  private readonly parts: ReconcilerParts;
  private readonly calls = new Map<Instance, Promise<void>>();
  private readonly probing = new IntrusiveSet<Instance>();
  private readonly saving: Saving;

  constructor(parts: ReconcilerParts) {
    this.parts = parts;
    this.saving = new Saving(parts.store, (instance, event) => {
      this.publish(instance, event);
    });
  }

  /** Whose gateway has been asked and has not answered yet. */
  get underWay(): Iterable<Instance> {
    return this.probing;
  }

  /** Hop 2: asks the gateway once; the caller has entered the account's lane. Never rejects. */
  async probe(instance: Instance): Promise<void> {
    const { clock, wall, stalls, inUse, probes, guards } = this.parts;
    const { requests: lane, gateway } = instance.account;
    const startedAt = clock.now();
    const latenessSeconds = (startedAt - instance.dueAt) / SECOND;
    instance.probingSince = startedAt;
    const outOfTurn = instance.turnAt !== null && instance.state.phase === 'suspect';
    if (!outOfTurn) instance.turnAt = null;
    this.probing.add(instance);
    inUse.begin(gateway);
    const result = await gateway.probe(instance, instance.policy.probe.timeout, probes);
    inUse.end(gateway);
    this.probing.delete(instance);
    lane.leave();
    instance.probingSince = null;
    const endedAt = clock.now();
    if (result.retryAfter !== null) instance.quietUntil = clock.now() + Math.min(result.retryAfter, LONGEST_QUIET);
    const doubt = guards.doubt(result.cause, startedAt);
    if (doubt !== null) {
      await doubt;
      if (probes.aborted) return;
    }
    // An answer that came over a way that was given up meanwhile, or about nobody of ours, would only mislead.
    if (instance.removed || !instance.definition.enabled || gateway !== instance.account.gateway) return;

    const stalled = result.cause !== 'aborted' && stalls.stalledSince(startedAt);
    const seen = stalled ? 'stalled' : guards.seen(result.cause);
    guards.heard(instance, seen, startedAt);
    const cause = judge(instance.state, seen, startedAt, instance.policy);
    const verdict = verdictOf(cause);
    const { detail } = result;
    const at = clock.now();
    const seconds = (endedAt - startedAt) / SECOND;
    instance.remember({ at: startedAt, cause, detail, seconds });
    instance.probes.push(startedAt, cause, seconds);
    const { name, account } = instance;
    const type = 'probe_finished';
    // Written out, for copying one object into another is what would cost most in telling of a probe.
    this.parts.publish({ at, name, account: account.name, type, cause, detail, startedAt, seconds, latenessSeconds });
    const settled = instance.settling === null && !instance.unsaved;
    if (verdict === 'healthy' && settled && teachesNothing(instance.state, cause, instance.policy, at, wall.at(at)))
      return;
    const mayRestart = verdict === 'unhealthy' || instance.state.planned !== null;
    await this.observe(instance, () => {
      const holds = mayRestart ? guards.holdsOn(instance, false) : NO_HOLDS;
      return { type: 'probe', cause: seen, detail, startedAt, outOfTurn, holds };
    });
  }

  /** Hops 3 to 6, one observation of an instance after the other. Never rejects. */
  async observe(instance: Instance, seen: Observation | (() => Observation)): Promise<Observed> {
    while (instance.settling !== null || instance.toJudgeAfresh) {
      if (instance.settling !== null) await instance.settling;
      else {
        instance.toJudgeAfresh = false;
        void this.settle(instance, JUDGED_AFRESH);
      }
    }
    // What is seen of the fleet must be of this moment, not of before the wait.
    return await this.settle(instance, typeof seen === 'function' ? seen() : seen);
  }

  /**
   * What is stored about an instance that was watched without it counts again. What was learnt meanwhile gives way, for
   * it is soon learnt anew; that somebody wants it left alone stays.
   */
  async restoreState(instance: Instance, stored: InstanceState): Promise<void> {
    while (instance.settling !== null) await instance.settling;
    const { pause } = instance.state;
    instance.state = pause === null ? stored : { ...stored, pause };
    await this.observe(instance, { type: 'resumed' });
    this.parts.plan(instance);
  }

  /** Resolves when no restart call is in flight any more, of one instance or of all. */
  async settled(instance?: Instance): Promise<void> {
    if (instance !== undefined) await this.calls.get(instance);
    else while (this.calls.size > 0) await Promise.all(this.calls.values());
  }

  /** Whether a restart call is in flight. */
  isCalling(instance: Instance): boolean {
    return this.calls.has(instance);
  }

  private async settle(instance: Instance, observation: Observation): Promise<Observed> {
    const before = instance.state;
    const decision = this.decide(instance, observation);
    instance.state = decision.state;
    // Counted before anything is awaited, or two instances could take the same last place.
    if (restarts(decision)) {
      instance.account.restarts.begin();
      // A stall that is noticed from now on is one in between the decision and the call.
      this.parts.stalls.look();
    }
    // The hot path, a healthy probe that changes nothing, is nothing to the guards either.
    const changed = decision.state !== before;
    const concerns = changed || instance.healthClass !== 'well' || instance.state.planned !== null;
    if (concerns && !instance.removed) this.parts.guards.observed(instance, eventsOf(decision), changed);
    if (decision.actions.length === 0 && !instance.unsaved) return NOTHING;
    const settling = this.carryOut(instance, before, decision).finally(() => {
      instance.settling = null;
    });
    instance.settling = settling;
    return { actions: decision.actions, saved: await settling };
  }

  private decide(instance: Instance, observation: Observation): Decision {
    if (observation.type === 'restart_requested' && !mayBeRestarted(instance, observation.force)) {
      const { trigger } = observation;
      const event = { type: 'restart_skipped', trigger, why: 'disabled' } as const;
      return { state: instance.state, actions: [{ type: 'publish', event }] };
    }
    try {
      const { clock, wall } = this.parts;
      return decide(instance.state, observation, instance.policy, clock.now(), wall.now());
    } catch (error) {
      const reason = String(error);
      this.publish(instance, { type: 'decision_failed', reason, state: instance.state, observation });
      return { state: instance.state, actions: [] };
    }
  }

  private async carryOut(instance: Instance, before: InstanceState, decision: Decision): Promise<boolean> {
    const { state, actions, withoutRestart } = decision;
    const saved = await this.saving.save(instance, before, state, actions);
    if (!restarts(decision)) {
      this.publishAll(instance, actions);
      return saved;
    }
    // No effect without its record.
    if (!saved || this.isOvertaken(instance)) {
      const without = withoutRestart ?? { state: before, actions: [] };
      await this.takeBack(instance, saved ? instance.state : before, without.state, saved ? actions : []);
      this.publishAll(instance, without.actions);
      return false;
    }
    this.callRestart(instance);
    this.publishAll(instance, actions);
    return true;
  }

  /**
   * While a restart that nobody asked for was written down, something was found that is wrong with all: those who are
   * probed together are decided upon one after the other, and the last may be the one who shows it.
   */
  private isOvertaken({ state: { intent }, account }: Instance): boolean {
    const { guards } = this.parts;
    const isOurs = intent?.trigger === 'failure' || intent?.trigger === 'schedule';
    return isOurs && (!guards.networkUp || guards.inGatewayOutage(account.name));
  }

  /**
   * A restart is not made, and the next probe decides anew. What was learnt about the instance stays, or the guards
   * would take one that fails for a healthy one.
   *
   * @param actions tell what has been written already, and so is to be written again
   */
  private async takeBack(
    instance: Instance,
    { revision }: InstanceState,
    state: InstanceState,
    actions: readonly Action[],
  ): Promise<void> {
    instance.account.restarts.end();
    instance.state = { ...state, revision };
    this.parts.guards.givenUp(instance);
    if (actions.length > 0) await this.saving.save(instance, instance.state, state, actions);
  }

  private publishAll(instance: Instance, actions: readonly Action[]): void {
    for (const action of actions) if (action.type === 'publish') this.publish(instance, action.event);
  }

  private callRestart(instance: Instance): void {
    const call = this.restart(instance).finally(() => this.calls.delete(instance));
    this.calls.set(instance, call);
  }

  /** Hop 5, whose end is the next observation. */
  private async restart(instance: Instance): Promise<void> {
    const { gateway } = instance.account;
    const { inUse } = this.parts;
    inUse.begin(gateway);
    const ended = await performRestart(instance, this.parts);
    inUse.end(gateway);
    instance.account.restarts.end();
    // What the old token or route was refused says nothing about the way that is in use now.
    const sameWay = gateway === instance.account.gateway;
    await this.observe(instance, sameWay ? ended : { ...ended, refusal: null });
    this.parts.guards.roomMayHaveCome(instance);
    this.parts.plan(instance);
  }

  private publish(instance: Instance, event: WatchEvent): void {
    this.parts.publish({ at: this.parts.clock.now(), name: instance.name, account: instance.account.name, ...event });
  }
}

/** A reload may have come in while whoever asked for the restart waited for a decision before it. */
function mayBeRestarted({ removed, definition }: Instance, force: boolean): boolean {
  return !removed && (definition.enabled || force);
}

function restarts({ actions }: Decision): boolean {
  return actions.some((action) => action.type === 'restart');
}

function eventsOf({ actions }: Decision): readonly InstanceEvent[] {
  return actions.length === 0
    ? NO_EVENTS
    : actions.flatMap((action) => (action.type === 'publish' ? [action.event] : []));
}
