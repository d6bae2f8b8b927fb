import type { FleetEvent } from '../../src/core/event.ts';
import { MINUTE, SECOND, type DurationMs, type EpochMs } from '../../src/core/time.ts';
import { longestCooldown } from '../../src/core/backoff.ts';
import type { Policy } from '../../src/core/policy.ts';
import { verdictOf } from '../../src/core/verdict.ts';
import type { Watch } from '../../src/runtime/watch.ts';
import type { Phone } from '../../src/simulation/phone.ts';
import { isPlannedFor, type Books, type Ledger } from './books.ts';
import type { SimulatedProcess } from './process.ts';
import type { WorldView } from './world-view.ts';

/** Waits only so long for what must happen: a restart of the sick, and the news that the cured are well. */
export class Patience {
  private readonly books: Books;
  private readonly view: WorldView;
  private readonly sickSince = new Map<Phone, EpochMs>();
  private readonly wellSince = new Map<Phone, EpochMs>();
  /** No restart for want of room, in a storm or after it, before this. */
  private readonly roomFrom = new Map<string, EpochMs>();

  constructor(books: Books, view: WorldView) {
    this.books = books;
    this.view = view;
  }

  /** Everything that was waited for is waited for anew. */
  disturbed(): void {
    this.sickSince.clear();
    this.wellSince.clear();
  }

  hear(event: FleetEvent): void {
    if (event.type === 'storm_ended') this.noRoomBefore(event.account, event.quietUntil ?? event.at);
    // A gateway that is back makes its instances begin again at the threshold.
    if (event.type === 'gateway_outage_ended') this.forget(event.account);
  }

  look(watch: Watch, process: SimulatedProcess, diskFull: boolean): void {
    if (!process.awake || diskFull) {
      this.disturbed();
      return;
    }
    for (const ledger of this.books.ledgers.values()) {
      this.lookAtSick(ledger, watch, process);
      this.lookAtWell(ledger, watch, process);
    }
  }

  private lookAtSick(ledger: Ledger, watch: Watch, process: SimulatedProcess): void {
    const { phone, policy } = ledger;
    const { now } = this.view;
    if (!this.isCurable(ledger) || this.isHeld(ledger, watch) || now - process.disturbedAt < MINUTE) {
      this.sickSince.delete(phone);
      return;
    }
    const since = this.sickSince.get(phone) ?? now;
    this.sickSince.set(phone, since);
    const from = Math.max(since, this.ownPaceAllows(ledger), this.accountAllows(phone.account, watch, policy));
    const bound = timeToRestart(policy);
    this.books.rule('liveness', now - from <= bound, phone, `${seconds(now - from)} s, not ${seconds(bound)} s`);
  }

  private lookAtWell({ phone, policy, calls }: Ledger, watch: Watch, process: SimulatedProcess): void {
    const { now } = this.view;
    const watched = watch.fleet.instances.get(phone.name);
    const called = calls.some(({ at }) => at > now - timeToSeeCured(policy));
    const well = this.view.truth(phone) === 'connected' && this.view.isEnabled(phone) && watched !== undefined;
    if (!well || called || isPlannedFor(policy, now) || now - process.disturbedAt < MINUTE) {
      this.wellSince.delete(phone);
      return;
    }
    const since = Math.max(this.wellSince.get(phone) ?? now, phone.since);
    this.wellSince.set(phone, since);
    if (now - since <= timeToSeeCured(policy)) return;
    this.books.rule('cured', watched.state.phase === 'healthy', phone, `but ${watched.state.phase}`);
  }

  /** Sick in a way that a restart may cure, and asked to be restarted by its policy. */
  private isCurable({ phone, policy, refused }: Ledger): boolean {
    const truth = this.view.truth(phone);
    const sick = verdictOf(truth) === 'unhealthy' || (truth === 'connecting' && this.isStuck(phone, policy));
    return sick && !refused && policy.restart.enabled && this.view.isEnabled(phone);
  }

  /** Whether anything but its own pace and its account's room may hold it. */
  private isHeld({ phone, lastAnswer }: Ledger, watch: Watch): boolean {
    const { view } = this;
    if (view.plan.guards.dryRun || view.inMaintenance(phone) || view.inStartup(phone)) return true;
    if (!view.isUndisturbed(phone.account)) return true;
    // Watch's own word for it; that it does not last is checked by what it does to those that are well.
    if (watch.guards.inGatewayOutage(phone.account) || !watch.guards.networkUp) return true;
    return lastAnswer === 'rate_limited';
  }

  /** When its cooldown, grace and budget let it be restarted again, at the latest. */
  private ownPaceAllows({ calls, policy }: Ledger): EpochMs {
    const { restart } = policy;
    const last = calls.at(-1);
    if (last === undefined) return 0;
    const { restarts, per } = restart.budget;
    const blocking = calls.at(-restarts);
    const budget = blocking === undefined ? 0 : blocking.at + per;
    return Math.max(last.at + restart.timeout + Math.max(longestCooldown(restart), restart.grace), budget);
  }

  /** When the account's limits and storms let another restart begin, at the latest. */
  private accountAllows(account: string, watch: Watch, policy: Policy): EpochMs {
    const { stormCooldown } = this.view.plan.guards.guard;
    const { timeout, grace } = policy.restart;
    const last = this.lastCalled(account);
    const lastAt = last?.calls.at(-1)?.at ?? 0;
    if (!watch.guards.inStorm(account)) return Math.max(lastAt + timeout + MINUTE, this.roomFrom.get(account) ?? 0);
    // A canary about which nothing becomes known keeps the others waiting for twice the time of a good one.
    return lastAt + 2 * (timeout * (1 + policy.restart.retries) + grace) + stormCooldown + MINUTE;
  }

  private lastCalled(account: string): Ledger | null {
    let last: Ledger | null = null;
    for (const ledger of this.books.ledgers.values()) {
      if (ledger.phone.account !== account) continue;
      if ((ledger.calls.at(-1)?.at ?? 0) > (last?.calls.at(-1)?.at ?? 0)) last = ledger;
    }
    return last;
  }

  private isStuck(phone: Phone, policy: Policy): boolean {
    return this.view.now - phone.since > policy.probe.connectingGrace + longestGap(policy);
  }

  private noRoomBefore(account: string, at: EpochMs): void {
    this.roomFrom.set(account, at);
  }

  private forget(account: string): void {
    for (const phone of this.view.phones) if (phone.account === account) this.sickSince.delete(phone);
  }
}

/** The longest time between two probes of one instance. */
function longestGap({ probe, restart }: Policy): DurationMs {
  const every = probe.cadence.type === 'every' ? probe.cadence.every : 0;
  // After a probe off the grid the first place less than half an interval away is left out.
  return Math.max(every * 1.5, probe.retryEvery, restart.backoff.max) + probe.timeout + SECOND;
}

/** A probe finds it failing, then so many more in the rhythm of suspicion, and a probe that finds nothing against it. */
export function timeToRestart(policy: Policy): DurationMs {
  const { retryEvery, timeout, failureThreshold } = policy.probe;
  return longestGap(policy) + (failureThreshold + 2) * (retryEvery + timeout) + 2 * MINUTE;
}

/** A probe finds it well, and so many more. */
export function timeToSeeCured(policy: Policy): DurationMs {
  const { recoverEvery, timeout, successThreshold } = policy.probe;
  return longestGap(policy) + (successThreshold + 1) * (recoverEvery + timeout) + 2 * MINUTE;
}

function seconds(duration: DurationMs): number {
  return Math.round(duration / SECOND);
}
