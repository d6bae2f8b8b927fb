import { VERDICTS, type Verdict } from '../core/verdict.ts';

/** How many verdicts of one instance are remembered for display. */
export const HEARTBEATS = 60;

/** The last verdicts of one instance, a byte each. */
export class Heartbeats {
  private readonly ring = new Uint8Array(HEARTBEATS);
  private count = 0;

  push(verdict: Verdict): void {
    this.ring[this.count % HEARTBEATS] = VERDICTS.indexOf(verdict);
    this.count += 1;
  }

  /** Oldest first, at most HEARTBEATS. */
  list(): readonly Verdict[] {
    const length = Math.min(this.count, HEARTBEATS);
    return Array.from({ length }, (_, index) => {
      const code = this.ring[(this.count - length + index) % HEARTBEATS] ?? 0;
      return VERDICTS[code] ?? 'inconclusive';
    });
  }
}
