import { MACHINE_FORMATS, type ReceiverSettings } from '../core/notification.ts';
import type { Cancel, Clock } from '../time/clock.ts';
import type { WallClock } from '../time/wall-clock.ts';
import type { Notice } from './notice.ts';
import { quietFor } from './quiet-hours.ts';
import { severityOf } from './severity.ts';

/** More than this do not wait; the oldest are sent. */
const MOST_HELD = 10_000;

export interface QuietQueueParts {
  readonly clock: Clock;
  readonly wall: Pick<WallClock, 'now'>;
  readonly settings: () => ReceiverSettings;
  readonly send: (notice: Notice) => void;
}

/**
 * What waits for the end of the quiet hours of a receiver. What ends before that is never sent, neither its beginning nor
 * its end. The end of what was sent is not held back: somebody may be awake because of it.
 */
export class QuietQueue {
  private readonly parts: QuietQueueParts;
  /** By incident, or by their own id. */
  private readonly held = new Map<string, Notice>();
  private cancel: Cancel | null = null;

  constructor(parts: QuietQueueParts) {
    this.parts = parts;
  }

  /** Whether this notice is not to be sent now. */
  holds(notice: Notice): boolean {
    const { incident, stage, id } = notice;
    const wasHeld = incident !== null && this.held.delete(incident);
    if (stage === 'ended') return wasHeld;
    const { quiet, format, timezone } = this.parts.settings();
    if (quiet === null || MACHINE_FORMATS.has(format) || !quiet.severities.includes(severityOf(notice))) return false;
    const lasts = quietFor(quiet, timezone, this.parts.wall.now());
    if (lasts === null) return false;
    // Another reminder follows; one that stands for a beginning that waits is that beginning.
    if (stage === 'lasts' && !wasHeld) return true;
    this.held.set(incident ?? id, wasHeld && stage === 'lasts' ? { ...notice, stage: 'began' } : notice);
    const [oldest] = this.held;
    if (this.held.size > MOST_HELD && oldest !== undefined) {
      this.held.delete(oldest[0]);
      this.parts.send(oldest[1]);
    }
    this.cancel ??= this.parts.clock.after(lasts, () => {
      this.cancel = null;
      this.release();
    });
    return true;
  }

  /** Sends what waits, but for what still has to. */
  release(): void {
    const waiting = [...this.held.values()];
    this.held.clear();
    for (const notice of waiting) if (!this.holds(notice)) this.parts.send(notice);
  }

  /** Sends all, because nothing is remembered beyond the process. */
  close(): void {
    this.cancel?.();
    this.cancel = null;
    for (const notice of this.held.values()) this.parts.send(notice);
    this.held.clear();
  }
}
