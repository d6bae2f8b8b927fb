import type { AboutInstance, InstanceTrouble } from '../../core/event.ts';
import { MINUTE, type EpochMs } from '../../core/time.ts';
import { lineOf } from './event-line.ts';
import type { EventLine } from './fleet-line.ts';

type Saving = AboutInstance & Extract<InstanceTrouble, { type: 'state_not_saved' | 'state_saved_again' }>;

interface Said {
  readonly at: EpochMs;
  /** Events since then that were not told. */
  untold: number;
}

/** Names of accounts come and go with reloads; more than so many are not remembered. */
const MOST_REMEMBERED = 3_000;

/**
 * How the log tells of states that cannot be saved, and that can be again. A full disk befalls all instances at once,
 * so each account has one line per minute of each kind, which counts those that were left out since the one before.
 */
export class LogThrottle {
  private readonly said = new Map<string, Said>();

  /** The line to write; null: there was one like it less than a minute ago. */
  lineOf(event: Saving): EventLine | null {
    const givenUp = event.type === 'state_not_saved' && event.restartGivenUp;
    const kind = `${event.type} ${givenUp ? 'restart' : ''} ${event.account}`;
    const before = this.said.get(kind);
    if (before !== undefined && event.at - before.at < MINUTE) {
      before.untold += 1;
      return null;
    }
    if (this.said.size >= MOST_REMEMBERED) this.said.clear();
    this.said.set(kind, { at: event.at, untold: 0 });
    const { level, fields, msg } = lineOf(event);
    const others = before?.untold ?? 0;
    if (others === 0) return { level, fields, msg };
    return { level, fields: { ...fields, others }, msg: `${msg} (${others} more like this since the last such line)` };
  }
}
