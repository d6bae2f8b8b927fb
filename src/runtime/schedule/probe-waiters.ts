import type { DurationMs, EpochMs } from '../../core/time.ts';
import { sleep, type Clock } from '../../time/clock.ts';
import type { LastProbe, Instance } from '../fleet/instance.ts';

interface Waiter {
  readonly since: EpochMs;
  readonly resolve: (probe: LastProbe) => void;
}

/** Callers that wait for the next probe of an instance. Only a probe that began after their request counts. */
export class ProbeWaiters {
  private readonly clock: Clock;
  private readonly waiters = new Map<Instance, Set<Waiter>>();

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** Resolves with the first probe that begins from now on; null: none in time, or `signal` came first. */
  async wait(instance: Instance, atMost: DurationMs, signal: AbortSignal): Promise<LastProbe | null> {
    const enough = new AbortController();
    const stop = (): void => enough.abort();
    signal.addEventListener('abort', stop, { once: true });
    let probe: LastProbe | null = null;
    const waiter: Waiter = {
      since: this.clock.now(),
      resolve: (answer) => {
        probe = answer;
        stop();
      },
    };
    const all = this.waiters.get(instance) ?? new Set();
    this.waiters.set(instance, all.add(waiter));
    try {
      await sleep(this.clock, atMost, enough.signal);
    } finally {
      signal.removeEventListener('abort', stop);
      all.delete(waiter);
      if (all.size === 0 && this.waiters.get(instance) === all) this.waiters.delete(instance);
    }
    return probe;
  }

  /** A probe of the instance has ended. */
  answer(instance: Instance): void {
    const { lastProbe } = instance;
    const all = this.waiters.size === 0 ? undefined : this.waiters.get(instance);
    if (all === undefined || lastProbe === null) return;
    for (const asker of all) if (lastProbe.at >= asker.since) asker.resolve(lastProbe);
  }
}
