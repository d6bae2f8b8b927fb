import { HOUR, type DurationMs } from '../../core/time.ts';
import { sleep, type Clock } from '../../time/clock.ts';
import type { FleetRegistry } from '../fleet/fleet-registry.ts';
import type { Reconciler } from './reconciler.ts';
import type { StateWriter } from './state-writer.ts';

const EVERY: DurationMs = HOUR;

export interface RemovedStatesParts {
  readonly clock: Clock;
  readonly registry: FleetRegistry;
  readonly writer: StateWriter;
  readonly reconciler: Pick<Reconciler, 'isCalling'>;
  readonly keepRemoved: DurationMs;
}

/**
 * Forgets the states of instances that have not been configured for `keepRemoved`, on disk and in memory. Until then
 * they are kept, because an instance that comes back must find its cooldown and its spent budget.
 */
export class RemovedStates {
  /** How long the state of an instance is kept after it was removed. */
  keepRemoved: DurationMs;
  private readonly parts: RemovedStatesParts;

  constructor(parts: RemovedStatesParts) {
    this.parts = parts;
    this.keepRemoved = parts.keepRemoved;
  }

  /** Sweeps now, and every hour until `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.sweep();
      await sleep(this.parts.clock, EVERY, signal);
    }
  }

  /** A state that cannot be saved or removed now is tried again by the next sweep. */
  private async sweep(): Promise<void> {
    const { clock, registry, writer, reconciler } = this.parts;
    const now = clock.now();
    for (const [key, stored] of [...registry.unclaimed]) {
      if (stored.state.removedAt === null) await this.attempt(() => writer.markRemoved(key, registry, now));
    }
    for (const key of [...registry.removedBy(now - this.keepRemoved)]) {
      const instance = registry.instanceOf(key);
      // It may have come back while another one was forgotten.
      if (instance !== undefined && (!instance.removed || reconciler.isCalling(instance))) continue;
      await this.attempt(async () => {
        await writer.remove(key, registry);
        registry.forget(key);
      });
    }
  }

  private async attempt(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch {
      // The store reports the reason with the other states that it cannot save.
    }
  }
}
