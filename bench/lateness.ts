import type { Daemon } from '../src/daemon.ts';
import { wait } from './measure.ts';

export interface Lateness {
  readonly probes: number;
  /** Different instances among them. */
  readonly instances: number;
  readonly p50: number;
  readonly p99: number;
  readonly worst: number;
}

const BINS_PER_MS = 10;
const BINS = 60_000 * BINS_PER_MS;

/**
 * Counts how late the probes of some instances begin. It allocates everything in advance: a list or a set that grows to
 * the size of a large fleet would stall the measured loop.
 */
export class LatenessLog {
  private readonly places: ReadonlyMap<string, number>;
  private readonly probed: Uint8Array;
  private readonly bins = new Uint32Array(BINS);
  private worst = 0;

  constructor(names: readonly string[]) {
    this.places = new Map(names.map((name, index) => [name, index]));
    this.probed = new Uint8Array(names.length);
  }

  /** Counts from zero, for `seconds` from now on; times in milliseconds. */
  async during({ events }: Daemon, seconds: number): Promise<Lateness> {
    this.bins.fill(0);
    this.probed.fill(0);
    this.worst = 0;
    const unsubscribe = events.subscribe((event) => {
      if (event.type === 'probe_finished') this.note(event.name, event.latenessSeconds * 1_000);
    });
    await wait(seconds * 1_000);
    unsubscribe();
    const probes = this.bins.reduce((sum, count) => sum + count, 0);
    const instances = this.probed.reduce((sum, each) => sum + each, 0);
    return { probes, instances, p50: this.share(probes, 0.5), p99: this.share(probes, 0.99), worst: this.worst };
  }

  private note(name: string, late: number): void {
    const place = this.places.get(name);
    if (place === undefined) return;
    this.probed[place] = 1;
    const bin = Math.min(BINS - 1, Math.max(0, Math.floor(late * BINS_PER_MS)));
    this.bins[bin] = (this.bins[bin] ?? 0) + 1;
    this.worst = Math.max(this.worst, late);
  }

  private share(probes: number, share: number): number {
    let seen = 0;
    const bin = this.bins.findIndex((count) => (seen += count) > share * probes);
    return bin < 0 ? Number.NaN : bin / BINS_PER_MS;
  }
}
