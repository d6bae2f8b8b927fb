import type { FleetEvent } from '../core/event.ts';
import { isoTime } from '../core/schedule/iso-time.ts';
import type { Masks } from '../redaction/masks.ts';
import type { EventBus } from './event-bus.ts';
import { lineOf, type OwnRemedies } from './log/event-line.ts';
import type { LineLevel } from './log/log-line.ts';

/** At least this many events are remembered. */
export const RECENT_LIMIT = 1_000;

/** An event as it is shown: the content of its log line. */
export interface RecentEvent {
  /** Counts the events, from 1, on from those that were stored. */
  readonly id: number;
  readonly at: string;
  readonly type: string;
  readonly level: LineLevel;
  readonly message: string;
  readonly name?: string;
  readonly account?: string;
  readonly [field: string]: unknown;
}

/** Which events to list. */
export interface EventFilter {
  /** Only events after the one with this id. */
  readonly after: number;
  readonly name: string | null;
  readonly account: string | null;
}

export type RecentListener = (event: RecentEvent) => void;

/** The last events of the fleet, without single probes, and the listeners to further ones. */
export class RecentEvents {
  private readonly events: RecentEvent[] = [];
  private listeners: readonly RecentListener[] = [];
  private count = 0;
  private readonly masks: Masks;
  private readonly own: OwnRemedies | undefined;

  constructor(bus: Pick<EventBus, 'subscribe'>, masks: Masks, own?: OwnRemedies) {
    this.masks = masks;
    this.own = own;
    bus.subscribe((event) => {
      if (event.type !== 'probe_finished' && event.type !== 'list_finished') this.add(event);
    });
  }

  /** How many events there have been: the id of the newest; 0: none yet. */
  get newest(): number {
    return this.count;
  }

  /** Events of an earlier process, oldest first: they come before its own, which are counted on from them. */
  restore(earlier: readonly RecentEvent[]): void {
    const offset = earlier.at(-1)?.id ?? 0;
    const own = this.events.map((event) => ({ ...event, id: event.id + offset }));
    this.events.splice(0, this.events.length, ...earlier.slice(-RECENT_LIMIT), ...own);
    this.count += offset;
  }

  /** The newest `limit` events that pass the filter, oldest first. */
  list({ after, name, account }: EventFilter, limit: number): readonly RecentEvent[] {
    const passes = (event: RecentEvent): boolean =>
      event.id > after && (name === null || event.name === name) && (account === null || event.account === account);
    const found = this.events.filter(passes).slice(-limit);
    // At the time of showing, because secrets may have come into the config since then.
    return found.map((event) => this.masks.data(event));
  }

  /** Delivers each further event; the returned function ends that. */
  subscribe(listener: RecentListener): () => void {
    this.listeners = [...this.listeners, listener];
    return () => {
      this.listeners = this.listeners.filter((other) => other !== listener);
    };
  }

  private add(event: FleetEvent): void {
    this.count += 1;
    const recent = shown(event, this.count, this.own);
    this.events.push(recent);
    // Cutting only from time to time keeps adding O(1).
    if (this.events.length >= 2 * RECENT_LIMIT) this.events.splice(0, this.events.length - RECENT_LIMIT);
    for (const listener of this.listeners) listener(this.masks.data(recent));
  }
}

function shown(event: FleetEvent, id: number, own: OwnRemedies | undefined): RecentEvent {
  const { level, fields, msg } = lineOf(event, own);
  // Fields that reproduce a bug are only in the log.
  const { event: type, state: _, observation: __, ...rest } = fields;
  return { ...rest, id, at: isoTime(event.at), type: String(type), level, message: msg };
}
