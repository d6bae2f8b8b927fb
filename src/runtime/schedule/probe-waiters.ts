import type { DurationMs, EpochMs } from '../../core/time.ts';
import { sleep, type Clock } from '../../time/clock.ts';
import type { LastProbe, Instance } from '../fleet/fleet.ts';

interface Waiter {
  readonly since: EpochMs;
  readonly tell: (probe: LastProbe) => void;
}

/** Callers that wait for the next probe of an instance. Only a probe that began after their request counts. */
export class ProbeWaiters {
  private readonly clock: Clock;
  private readonly askers = new Map<Instance, Set<Waiter>>();

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /**
   * Resolves with the first probe that begins from now on; null when there is none in time, or `signal` comes first.
   */
  async wait(instance: Instance, atMost: DurationMs, signal: AbortSignal): Promise<LastProbe | null> {
    const enough = new AbortController();
    const stop = (): void => {
      enough.abort();
    };
    signal.addEventListener('abort', stop, { once: true });
    let probe: LastProbe | null = null;
    const asker: Waiter = {
      since: this.clock.now(),
      tell: (answer) => {
        probe = answer;
        stop();
      },
    };
    const all = this.askers.get(instance) ?? new Set();
    this.askers.set(instance, all.add(asker));
    try {
      await sleep(this.clock, atMost, enough.signal);
    } finally {
      signal.removeEventListener('abort', stop);
      all.delete(asker);
      if (all.size === 0 && this.askers.get(instance) === all) this.askers.delete(instance);
    }
    return probe;
  }

  /** A probe of the instance has ended. */
  answer(instance: Instance): void {
    const { lastProbe } = instance;
    const all = this.askers.size === 0 ? undefined : this.askers.get(instance);
    if (all === undefined || lastProbe === null) return;
    for (const asker of all) if (lastProbe.at >= asker.since) asker.tell(lastProbe);
  }
}
