import { IntrusiveSet } from '../../collections/intrusive-set.ts';
import type { Publish } from '../../core/event.ts';
import type { Hold } from '../../core/instance/instance.ts';
import { wouldRestart, judge, teachesNothing } from '../../core/instance/on-probe.ts';
import { awaitsRestart } from '../../core/silence/silence.ts';
import { MINUTE, SECOND, type DurationMs } from '../../core/time.ts';
import { verdictOf } from '../../core/verdict.ts';
import type { Evidence, ProbeResult } from '../../gateway/gateway.ts';
import type { Clock } from '../../time/clock.ts';
import type { StallDetector } from '../../time/stall-detector.ts';
import type { WallClock } from '../../time/wall-clock.ts';
import type { InFlight, Instance } from '../fleet/instance.ts';
import type { Guards } from '../guards/guards.ts';
import type { Scheduler } from '../schedule/scheduler.ts';
import type { GatewayDrain } from './gateway-drain.ts';
import type { GuardLoop } from './guard-loop.ts';
import type { Listener } from './listener.ts';
import type { Reconciler } from './reconciler.ts';

export interface ProberParts {
  readonly clock: Clock;
  readonly wall: WallClock;
  readonly stalls: StallDetector;
  readonly publish: Publish;
  readonly guards: Guards;
  readonly guardLoop: GuardLoop;
  readonly listener: Listener;
  readonly scheduler: Scheduler;
  readonly reconciler: Reconciler;
  /** Counts the calls under way. */
  readonly drain: GatewayDrain;
  /** Aborts probes under way. */
  readonly signal: AbortSignal;
}

/** However long the silence that a gateway asks for, it is called again after this. */
export const LONGEST_QUIET: DurationMs = 5 * MINUTE;

const NO_HOLDS: readonly Hold[] = [];

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
    const { clock, wall, stalls, drain, signal, guards, guardLoop, listener, scheduler, publish } = this.parts;
    const { reconciler } = this.parts;
    const { account, flight } = instance;
    const { gateway } = account;
    const startedAt = clock.now();
    const latenessSeconds = (startedAt - instance.schedule.dueAt) / SECOND;
    const outOfTurn = scheduler.begun(instance);
    flight.probingSince = startedAt;
    this.probing.add(flight);
    drain.begin(gateway);
    const found = await gateway.probe(instance, instance.policy.probe.timeout, signal, evidenceFor(instance));
    const { retryAfter, word = null, lastActivityAt = null } = found;
    drain.end(gateway);
    this.probing.delete(flight);
    flight.probingSince = null;
    account.requests.leave(found.further);
    flight.gatewayRequests?.leave(found.further);
    const endedAt = clock.now();
    if (retryAfter !== null) scheduler.silence(instance, endedAt + Math.min(retryAfter, LONGEST_QUIET));
    const { cause: answered, detail } = found.knownOnly === true ? asKnown(found, instance) : found;
    const doubt = guards.waitForNetworkCheck(answered, startedAt);
    if (doubt !== null) {
      await doubt;
      if (signal.aborted) return;
    }
    // An answer over a replaced way, or about a removed instance, would only mislead.
    if (!instance.isWatched || gateway !== account.gateway) return;

    if (lastActivityAt !== null) reconciler.heard(instance, Math.min(wall.momentOf(lastActivityAt), endedAt));
    const stalled = answered !== 'aborted' && stalls.stalledSince(startedAt, instance.policy.probe.timeout);
    const attributed = stalled ? 'stalled' : guards.attribute(answered);
    guardLoop.observe(account, { type: 'probe_ended', key: instance.key, cause: attributed, startedAt });
    const cause = judge(instance.state, attributed, startedAt, instance.policy);
    const verdict = verdictOf(cause);
    const at = clock.now();
    const seconds = (endedAt - startedAt) / SECOND;
    instance.seen.record(startedAt, cause, detail, seconds, word);
    // Written out, because copying one object into another would be the largest cost of publishing a probe.
    const { name } = instance;
    const type = 'probe_finished';
    publish({ at, name, account: account.name, type, cause, detail, startedAt, seconds, latenessSeconds });
    const settled = flight.settling === null && !instance.unsaved;
    if (verdict === 'healthy' && settled && listener.quietOf(instance) === null) {
      if (teachesNothing(instance.state, cause, instance.policy, at, wall.at(at))) return;
    }
    await reconciler.observe(instance, () => {
      const { state, policy } = instance;
      const mayRestart = verdict === 'unhealthy' || state.planned !== null || awaitsRestart(state, policy);
      const quiet = listener.quietOf(instance);
      const holds = mayRestart ? guards.holdsOn(instance) : NO_HOLDS;
      const { blindAfter } = guards;
      return { type: 'probe', cause: attributed, detail, startedAt, outOfTurn, holds, blindAfter, quiet };
    });
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
