import { MINUTE, SECOND, type DurationMs, type EpochMs } from '../../core/time.ts';
import { sleep, type Clock } from '../../time/clock.ts';
import { enterGateway } from '../fleet/call-room.ts';
import type { Instance, LastProbe } from '../fleet/instance.ts';
import type { RequestLimiter } from '../fleet/request-limiter.ts';
import type { Scheduler } from '../schedule/scheduler.ts';
import type { Prober } from './prober.ts';

/** Hints from outside make an instance be probed at most this often. */
export const HINT_GAP: DurationMs = 5 * SECOND;

/** What became of a probe that somebody asked for. */
export interface RequestedProbe {
  readonly probe: LastProbe | null;
  /** Why none may be made. */
  readonly refused: 'disabled' | 'restarting' | null;
}

export interface ProbeLoopParts {
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly prober: Prober;
  /** Ends the loop. */
  readonly signal: AbortSignal;
}

/** A caller that waits for the next probe of an instance. Only a probe that began after its request counts. */
interface Waiter {
  readonly since: EpochMs;
  readonly stop: () => void;
  probe: LastProbe | null;
}

/** Takes what is due from the scheduler and has it probed, as soon as its account has room. */
export class ProbeLoop {
  private readonly parts: ProbeLoopParts;
  private readonly waiters = new Map<Instance, Set<Waiter>>();

  constructor(parts: ProbeLoopParts) {
    this.parts = parts;
  }

  async run(): Promise<void> {
    const { scheduler, signal } = this.parts;
    while (!signal.aborted) {
      for (const instance of await scheduler.due()) instance.account.requests.enterAs(instance, this.enterGateway);
    }
  }

  /**
   * Probes an instance now because somebody wants to know, unless that is refused. No probe: none could be made within
   * a minute beyond its deadline.
   */
  async probeNow(instance: Instance): Promise<RequestedProbe> {
    const { clock, scheduler } = this.parts;
    if (!instance.isWatched) return { probe: null, refused: 'disabled' };
    if (instance.state.phase === 'restarting') return { probe: null, refused: 'restarting' };
    const answer = this.nextProbe(instance, instance.policy.probe.timeout + MINUTE);
    scheduler.ask(instance, clock.now());
    return { probe: await answer, refused: null };
  }

  /**
   * Something outside says that an instance may have changed, so it is probed as soon as its last probe is a moment
   * old: however many such hints come, they cause at most one probe every HINT_GAP.
   *
   * @returns when it will be
   */
  hint(instance: Instance): EpochMs {
    const { clock, scheduler } = this.parts;
    const last = instance.flight.probingSince ?? instance.seen.lastAt ?? Number.NEGATIVE_INFINITY;
    const at = Math.max(clock.now(), last + HINT_GAP);
    scheduler.ask(instance, at);
    return at;
  }

  private readonly enterGateway = (instance: Instance): void => enterGateway(instance.account, instance, this.begin);

  private readonly begin = (instance: Instance, gatewayRequests: RequestLimiter | null): void => {
    const { scheduler, prober } = this.parts;
    const { account, flight } = instance;
    flight.gatewayRequests = gatewayRequests;
    if (!scheduler.mayBegin(instance)) {
      scheduler.skipped(instance);
      account.requests.leave();
      gatewayRequests?.leave();
      return;
    }
    const { gateway } = account;
    const ended = (): void => {
      scheduler.ended(instance);
      // Its answer came over a way that was given up meanwhile, so nothing is known yet.
      if (gateway !== account.gateway) void scheduler.hasten([instance]);
      this.answer(instance);
    };
    prober.probe(instance).then(ended, ended);
  };

  /** Resolves with the first probe that begins from now on; null: none in time, or the loop has ended. */
  private async nextProbe(instance: Instance, atMost: DurationMs): Promise<LastProbe | null> {
    const { clock, signal } = this.parts;
    const enough = new AbortController();
    const stop = (): void => enough.abort();
    signal.addEventListener('abort', stop, { once: true });
    const waiter: Waiter = { since: clock.now(), stop, probe: null };
    const all = this.waiters.get(instance) ?? new Set();
    this.waiters.set(instance, all.add(waiter));
    await sleep(clock, atMost, enough.signal);
    signal.removeEventListener('abort', stop);
    all.delete(waiter);
    if (all.size === 0 && this.waiters.get(instance) === all) this.waiters.delete(instance);
    return waiter.probe;
  }

  /** A probe of the instance has ended. */
  private answer(instance: Instance): void {
    if (this.waiters.size === 0) return;
    const { lastProbe } = instance;
    for (const waiter of this.waiters.get(instance) ?? []) {
      if (lastProbe === null || lastProbe.at < waiter.since) continue;
      waiter.probe = lastProbe;
      waiter.stop();
    }
  }
}
