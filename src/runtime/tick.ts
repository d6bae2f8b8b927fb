import { decide, judge, teachesNothing } from '../core/decide.ts';
import type { Decision } from '../core/draft.ts';
import type { InstanceEvent, Publish, WatchEvent } from '../core/event.ts';
import type { Hold, InstanceState } from '../core/instance.ts';
import type { Action, Observation } from '../core/observation.ts';
import { MINUTE, SECOND, type DurationMs } from '../core/time.ts';
import { verdictOf } from '../core/verdict.ts';
import type { StateStore } from '../store/store.ts';
import type { Clock } from './clock.ts';
import { Crowd } from './crowd.ts';
import type { Watched } from './fleet.ts';
import type { GatewayUse } from './gateway-use.ts';
import type { Guards } from './guards.ts';
import { performRestart } from './perform.ts';
import { Saving } from './saving.ts';
import type { StallDetector } from './stall-detector.ts';
import type { WallClock } from './wall-clock.ts';

export interface TickParts {
  readonly clock: Clock;
  readonly wall: WallClock;
  readonly store: StateStore;
  readonly stalls: StallDetector;
  /** Counts the calls under way. */
  readonly inUse: GatewayUse;
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
  readonly plan: (watched: Watched) => void;
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
export class Tick {
  private readonly parts: TickParts;
  private readonly calls = new Map<Watched, Promise<void>>();
  private readonly asking = new Crowd<Watched>();
  private readonly saving: Saving;

  constructor(parts: TickParts) {
    this.parts = parts;
    this.saving = new Saving(parts.store, (watched, event) => {
      this.publish(watched, event);
    });
  }

  /** Whose gateway has been asked and has not answered yet. */
  get underWay(): Iterable<Watched> {
    return this.asking;
  }

  /** Hop 2: asks the gateway once; the caller has entered the account's lane. Never rejects. */
  async probe(watched: Watched): Promise<void> {
    const { clock, wall, stalls, inUse, probes, guards } = this.parts;
    const { lane, gateway } = watched.account;
    const startedAt = clock.now();
    const latenessSeconds = (startedAt - watched.dueAt) / SECOND;
    watched.probingSince = startedAt;
    const outOfTurn = watched.turnAt !== null && watched.state.phase === 'suspect';
    if (!outOfTurn) watched.turnAt = null;
    this.asking.add(watched);
    inUse.begin(gateway);
    const result = await gateway.probe(watched, watched.policy.probe.timeout, probes);
    inUse.end(gateway);
    this.asking.delete(watched);
    lane.leave();
    watched.probingSince = null;
    const endedAt = clock.now();
    if (result.retryAfter !== null) watched.quietUntil = clock.now() + Math.min(result.retryAfter, LONGEST_QUIET);
    const doubt = guards.doubt(result.cause, startedAt);
    if (doubt !== null) {
      await doubt;
      if (probes.aborted) return;
    }
    // An answer that came over a way that was given up meanwhile, or about nobody of ours, would only mislead.
    if (watched.removed || !watched.definition.enabled || gateway !== watched.account.gateway) return;

    const stalled = result.cause !== 'aborted' && stalls.stalledSince(startedAt);
    const seen = stalled ? 'stalled' : guards.seen(result.cause);
    guards.heard(watched, seen, startedAt);
    const cause = judge(watched.state, seen, startedAt, watched.policy);
    const verdict = verdictOf(cause);
    const { detail } = result;
    const at = clock.now();
    const seconds = (endedAt - startedAt) / SECOND;
    watched.remember({ at: startedAt, cause, detail, seconds });
    watched.probes.push(startedAt, cause, seconds);
    const { name, account } = watched;
    const type = 'probe_finished';
    // Written out, for copying one object into another is what would cost most in telling of a probe.
    this.parts.publish({ at, name, account: account.name, type, cause, detail, startedAt, seconds, latenessSeconds });
    const settled = watched.settling === null && !watched.unsaved;
    if (verdict === 'healthy' && settled && teachesNothing(watched.state, cause, watched.policy, at, wall.at(at)))
      return;
    const mayRestart = verdict === 'unhealthy' || watched.state.planned !== null;
    await this.observe(watched, () => {
      const holds = mayRestart ? guards.holdsOn(watched, false) : NO_HOLDS;
      return { type: 'probe', cause: seen, detail, startedAt, outOfTurn, holds };
    });
  }

  /** Hops 3 to 6, one observation of an instance after the other. Never rejects. */
  async observe(watched: Watched, seen: Observation | (() => Observation)): Promise<Observed> {
    while (watched.settling !== null || watched.toJudgeAfresh) {
      if (watched.settling !== null) await watched.settling;
      else {
        watched.toJudgeAfresh = false;
        void this.settle(watched, JUDGED_AFRESH);
      }
    }
    // What is seen of the fleet must be of this moment, not of before the wait.
    return await this.settle(watched, typeof seen === 'function' ? seen() : seen);
  }

  /**
   * What is stored about an instance that was watched without it counts again. What was learnt meanwhile gives way, for
   * it is soon learnt anew; that somebody wants it left alone stays.
   */
  async takeUp(watched: Watched, stored: InstanceState): Promise<void> {
    while (watched.settling !== null) await watched.settling;
    const { pause } = watched.state;
    watched.state = pause === null ? stored : { ...stored, pause };
    await this.observe(watched, { type: 'resumed' });
    this.parts.plan(watched);
  }

  /** Resolves when no restart call is in flight any more, of one instance or of all. */
  async settled(watched?: Watched): Promise<void> {
    if (watched !== undefined) await this.calls.get(watched);
    else while (this.calls.size > 0) await Promise.all(this.calls.values());
  }

  /** Whether a restart call is in flight. */
  isCalling(watched: Watched): boolean {
    return this.calls.has(watched);
  }

  private async settle(watched: Watched, observation: Observation): Promise<Observed> {
    const before = watched.state;
    const decision = this.decide(watched, observation);
    watched.state = decision.state;
    // Counted before anything is awaited, or two instances could take the same last place.
    if (restarts(decision)) {
      watched.account.restarts.begin();
      // A stall that is noticed from now on is one in between the decision and the call.
      this.parts.stalls.look();
    }
    // The hot path, a healthy probe that changes nothing, is nothing to the guards either.
    const changed = decision.state !== before;
    const concerns = changed || watched.countedAs !== 'well' || watched.state.planned !== null;
    if (concerns && !watched.removed) this.parts.guards.observed(watched, eventsOf(decision), changed);
    if (decision.actions.length === 0 && !watched.unsaved) return NOTHING;
    const settling = this.carryOut(watched, before, decision).finally(() => {
      watched.settling = null;
    });
    watched.settling = settling;
    return { actions: decision.actions, saved: await settling };
  }

  private decide(watched: Watched, observation: Observation): Decision {
    if (observation.type === 'restart_requested' && !mayBeRestarted(watched, observation.force)) {
      const { trigger } = observation;
      const event = { type: 'restart_skipped', trigger, why: 'disabled' } as const;
      return { state: watched.state, actions: [{ type: 'publish', event }] };
    }
    try {
      const { clock, wall } = this.parts;
      return decide(watched.state, observation, watched.policy, clock.now(), wall.now());
    } catch (error) {
      const reason = String(error);
      this.publish(watched, { type: 'decision_failed', reason, state: watched.state, observation });
      return { state: watched.state, actions: [] };
    }
  }

  private async carryOut(watched: Watched, before: InstanceState, decision: Decision): Promise<boolean> {
    const { state, actions, withoutRestart } = decision;
    const saved = await this.saving.save(watched, before, state, actions);
    if (!restarts(decision)) {
      this.tell(watched, actions);
      return saved;
    }
    // No effect without its record.
    if (!saved || this.isOvertaken(watched)) {
      const without = withoutRestart ?? { state: before, actions: [] };
      await this.takeBack(watched, saved ? watched.state : before, without.state, saved ? actions : []);
      this.tell(watched, without.actions);
      return false;
    }
    this.callRestart(watched);
    this.tell(watched, actions);
    return true;
  }

  /**
   * While a restart that nobody asked for was written down, something was found that is wrong with all: those who are
   * probed together are decided upon one after the other, and the last may be the one who shows it.
   */
  private isOvertaken({ state: { intent }, account }: Watched): boolean {
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
    watched: Watched,
    { revision }: InstanceState,
    state: InstanceState,
    actions: readonly Action[],
  ): Promise<void> {
    watched.account.restarts.end();
    watched.state = { ...state, revision };
    this.parts.guards.givenUp(watched);
    if (actions.length > 0) await this.saving.save(watched, watched.state, state, actions);
  }

  private tell(watched: Watched, actions: readonly Action[]): void {
    for (const action of actions) if (action.type === 'publish') this.publish(watched, action.event);
  }

  private callRestart(watched: Watched): void {
    const call = this.restart(watched).finally(() => this.calls.delete(watched));
    this.calls.set(watched, call);
  }

  /** Hop 5, whose end is the next observation. */
  private async restart(watched: Watched): Promise<void> {
    const { gateway } = watched.account;
    const { inUse } = this.parts;
    inUse.begin(gateway);
    const ended = await performRestart(watched, this.parts);
    inUse.end(gateway);
    watched.account.restarts.end();
    // What the old token or route was refused says nothing about the way that is in use now.
    const sameWay = gateway === watched.account.gateway;
    await this.observe(watched, sameWay ? ended : { ...ended, refusal: null });
    this.parts.guards.roomMayHaveCome(watched);
    this.parts.plan(watched);
  }

  private publish(watched: Watched, event: WatchEvent): void {
    this.parts.publish({ at: this.parts.clock.now(), name: watched.name, account: watched.account.name, ...event });
  }
}

/** A reload may have come in while whoever asked for the restart waited for a decision before it. */
function mayBeRestarted({ removed, definition }: Watched, force: boolean): boolean {
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
