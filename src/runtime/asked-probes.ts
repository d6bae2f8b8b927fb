import type { DurationMs, EpochMs } from '../core/time.ts';
import { sleep, type Clock } from './clock.ts';
import type { LastProbe, Watched } from './fleet.ts';

interface Asker {
  readonly since: EpochMs;
  readonly tell: (probe: LastProbe) => void;
}

/** Those who wait for the next probe of an instance. Only a probe that began after they asked is an answer. */
export class AskedProbes {
  private readonly clock: Clock;
  private readonly askers = new Map<Watched, Set<Asker>>();

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** Resolves with the first probe that begins from now on; null when there is none in time, or `signal` comes first. */
  async wait(watched: Watched, atMost: DurationMs, signal: AbortSignal): Promise<LastProbe | null> {
    const enough = new AbortController();
    const stop = (): void => {
      enough.abort();
    };
    signal.addEventListener('abort', stop, { once: true });
    let probe: LastProbe | null = null;
    const asker: Asker = {
      since: this.clock.now(),
      tell: (answer) => {
        probe = answer;
        stop();
      },
    };
    const all = this.askers.get(watched) ?? new Set();
    this.askers.set(watched, all.add(asker));
    try {
      await sleep(this.clock, atMost, enough.signal);
    } finally {
      signal.removeEventListener('abort', stop);
      all.delete(asker);
      if (all.size === 0 && this.askers.get(watched) === all) this.askers.delete(watched);
    }
    return probe;
  }

  /** A probe of the instance has ended. */
  answer(watched: Watched): void {
    const { lastProbe } = watched;
    const all = this.askers.size === 0 ? undefined : this.askers.get(watched);
    if (all === undefined || lastProbe === null) return;
    for (const asker of all) if (lastProbe.at >= asker.since) asker.tell(lastProbe);
  }
}
