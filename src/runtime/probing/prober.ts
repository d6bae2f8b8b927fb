import { IntrusiveSet } from '../../collections/intrusive-set.ts';
import { NONE } from '../../core/instance/instance.ts';
import type { Observation } from '../../core/instance/observation.ts';
import { wouldRestart, judge, teachesNothing } from '../../core/instance/on-probe.ts';
import { awaitsRestart } from '../../core/silence/silence.ts';
import { DAY, MINUTE, SECOND, type DurationMs, type EpochMs } from '../../core/time.ts';
import { verdictOf, type Cause } from '../../core/verdict.ts';
import type { Evidence, Gateway, ProbeResult } from '../../gateway/gateway.ts';
import type { InFlight, Instance } from '../fleet/instance.ts';
import type { LoopParts, Reconciler } from '../reconcile/reconciler.ts';

export interface ProberParts extends LoopParts {
  readonly reconciler: Reconciler;
  /** Aborts probes under way. */
  readonly signal: AbortSignal;
}

/** However long the silence that a gateway asks for, it is called again after this. */
export const LONGEST_QUIET: DurationMs = 5 * MINUTE;

/** A probe under way. */
interface Call {
  readonly instance: Instance;
  readonly gateway: Gateway;
  readonly startedAt: EpochMs;
  readonly latenessSeconds: number;
  readonly outOfTurn: boolean;
}

/** One call that shows how an instance is, whose result the reconciler then decides about. */
export class Prober {
  private readonly parts: ProberParts;
  private readonly probing = new IntrusiveSet<InFlight>();

  constructor(parts: ProberParts) {
    this.parts = parts;
  }

  /** Instances with an unanswered call. */
  get underWay(): Iterable<InFlight> {
    return this.probing;
  }

  /** Probes the gateway once and decides; the caller has entered the account's request limiter. Never rejects. */
  async probe(instance: Instance): Promise<void> {
    const { guards, signal, reconciler } = this.parts;
    const call = this.begin(instance);
    const { timeout } = instance.policy.probe;
    const found = await call.gateway.probe(instance, timeout, signal, evidenceFor(instance));
    const endedAt = this.end(call, found);
    let at = endedAt;
    const doubt = guards.waitForNetworkCheck(found.cause, call.startedAt);
    if (doubt !== null) {
      await doubt;
      if (signal.aborted) return;
      at = this.parts.clock.now();
    }
    // An answer over a replaced way, or about a removed instance, would only mislead.
    if (!instance.isWatched || call.gateway !== instance.account.gateway) return;
    const observe = this.judge(call, found, endedAt, at);
    if (observe !== null) await reconciler.observe(instance, observe);
  }

  private begin(instance: Instance): Call {
    const { clock, drain, scheduler } = this.parts;
    const { account, flight, schedule } = instance;
    const startedAt = clock.now();
    const latenessSeconds = (startedAt - schedule.dueAt) / SECOND;
    const outOfTurn = scheduler.begun(instance);
    flight.probingSince = startedAt;
    this.probing.add(flight);
    drain.begin(account.gateway);
    return { instance, gateway: account.gateway, startedAt, latenessSeconds, outOfTurn };
  }

  /** Gives back what the call took; returns when it ended. */
  private end({ instance, gateway }: Call, { retryAfter, further }: ProbeResult): EpochMs {
    const { clock, drain, scheduler } = this.parts;
    const { account, flight } = instance;
    drain.end(gateway);
    this.probing.delete(flight);
    flight.probingSince = null;
    account.requests.leave(further);
    flight.gatewayRequests?.leave(further);
    const endedAt = clock.now();
    if (retryAfter !== null) scheduler.silence(instance, endedAt + Math.min(retryAfter, LONGEST_QUIET));
    return endedAt;
  }

  /** Publishes what was found, and returns how to make the observation that is to be decided; null: nothing is. */
  private judge(call: Call, found: ProbeResult, endedAt: EpochMs, at: EpochMs): (() => Observation) | null {
    const { wall, stalls, guards, guardLoop, listener, publish, reconciler } = this.parts;
    const { instance, startedAt, latenessSeconds } = call;
    const { account, name, policy, historyRow } = instance;
    const { cause: answered, detail } = found.knownOnly === true ? asKnown(found, instance) : found;
    const { word = null, lastActivityAt = null } = found;
    const heardAt = lastActivityAt === null ? null : wall.momentOf(lastActivityAt);
    // A clock may be ahead, or in another zone; what lies farther off is no time of a message.
    if (heardAt !== null && heardAt <= endedAt + DAY) reconciler.heard(instance, Math.min(heardAt, endedAt));
    const stalled = answered !== 'aborted' && stalls.stalledSince(startedAt, policy.probe.timeout);
    const attributed = stalled ? 'stalled' : guards.attribute(answered);
    guardLoop.observe(account, { type: 'probe_ended', key: instance.key, cause: attributed, startedAt });
    const cause = judge(instance.state, attributed, startedAt, policy);
    const seconds = (endedAt - startedAt) / SECOND;
    instance.seen.record(startedAt, cause, detail, seconds, word);
    // Written out, because copying one object into another would be the largest cost of publishing a probe.
    const type = 'probe_finished';
    publish({ at, name, account: account.name, type, cause, detail, startedAt, seconds, latenessSeconds, historyRow });
    const isSettled = instance.flight.settling === null && !instance.unsaved;
    if (verdictOf(cause) === 'healthy' && isSettled && listener.quietOf(instance) === null) {
      if (teachesNothing(instance.state, cause, policy, at, wall.at(at))) return null;
    }
    return this.observation(call, attributed, detail, verdictOf(cause) === 'unhealthy');
  }

  private observation(
    { instance, startedAt, outOfTurn }: Call,
    cause: Cause,
    detail: string | null,
    isUnhealthy: boolean,
  ): () => Observation {
    const { guards, listener } = this.parts;
    return () => {
      const { state, policy } = instance;
      const mayRestart = isUnhealthy || state.planned !== null || awaitsRestart(state, policy);
      const quiet = listener.quietOf(instance);
      const holds = mayRestart ? guards.holdsOn(instance) : NONE;
      const { blindAfter } = guards;
      return { type: 'probe', cause, detail, startedAt, outOfTurn, holds, blindAfter, quiet };
    };
  }
}

/**
 * Where the gateway says the same of an instance that is stopped and of one that never was, and its remedy would make one,
 * only an instance that was healthy before is lost. Of another one the gateway does not know anything.
 */
function asKnown(found: ProbeResult, { state }: Instance): Pick<ProbeResult, 'cause' | 'detail'> {
  if (state.known) return found;
  const said = found.detail === null ? '' : `${found.detail}; `;
  return { cause: 'not_found', detail: `${said}it was never healthy here, so perhaps it is not there` };
}

/** While an instance is well, a new connection for each probe would cost too much, so it is made when one fails. */
function evidenceFor({ state, policy }: Instance): Evidence {
  if (awaitsRestart(state, policy)) return 'fresh';
  if (!wouldRestart(state, policy)) return 'usual';
  return state.phase === 'healthy' || state.phase === 'unknown' ? 'confirmed' : 'fresh';
}
