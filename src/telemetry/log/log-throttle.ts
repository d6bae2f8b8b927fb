import type { AboutInstance, InstanceTrouble } from '../../core/event.ts';
import { MINUTE, type EpochMs } from '../../core/time.ts';
import { lineOf } from './event-line.ts';
import type { EventLine } from './log-line.ts';

type Saving = AboutInstance & Extract<InstanceTrouble, { type: 'state_not_saved' | 'state_saved_again' }>;

interface Logged {
  readonly at: EpochMs;
  /** Events since then that were left out. */
  leftOut: number;
}

/** Names of accounts come and go with reloads; at most this many are remembered. */
const MOST_REMEMBERED = 3_000;

/**
 * The log lines of states that cannot be saved, and that can be saved again. A full disk affects all instances at once,
 * so each account has at most one line per minute of each kind. It counts those left out since the previous one.
 */
export class LogThrottle {
  private readonly logged = new Map<string, Logged>();

  /** The line to write; null: there was one like it less than a minute ago. */
  lineOf(event: Saving): EventLine | null {
    const givenUp = event.type === 'state_not_saved' && event.restartGivenUp;
    const kind = `${event.type} ${givenUp ? 'restart' : ''} ${event.account}`;
    const before = this.logged.get(kind);
    if (before !== undefined && event.at - before.at < MINUTE) {
      before.leftOut += 1;
      return null;
    }
    if (this.logged.size >= MOST_REMEMBERED) this.logged.clear();
    this.logged.set(kind, { at: event.at, leftOut: 0 });
    const { level, fields, msg } = lineOf(event);
    const others = before?.leftOut ?? 0;
    if (others === 0) return { level, fields, msg };
    return { level, fields: { ...fields, others }, msg: `${msg} (${others} more like this since the last such line)` };
  }
}
