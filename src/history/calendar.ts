import { DAY, HOUR } from '../core/time.ts';

/** Days of which the hours are remembered: all that a history keeps, and then some. */
const MOST_KNOWN = (100 * DAY) / HOUR;

/** The days of a time zone. An hour, counted from 1970, belongs to the day in which it begins. */
export class Calendar {
  /** IANA. */
  readonly timezone: string;
  private readonly format: Intl.DateTimeFormat;
  private readonly known = new Map<number, number>();

  /**
   * @param timezone IANA; null: that of this machine
   * @throws RangeError when there is no such zone
   */
  constructor(timezone: string | null) {
    this.format = new Intl.DateTimeFormat('en', {
      ...(timezone === null ? {} : { timeZone: timezone }),
      ...{ calendar: 'gregory', year: 'numeric', month: 'numeric', day: 'numeric' },
    });
    this.timezone = this.format.resolvedOptions().timeZone;
  }

  /** The day that an hour belongs to, counted from 1970. */
  dayOf(hour: number): number {
    const found = this.known.get(hour);
    if (found !== undefined) return found;
    if (this.known.size >= MOST_KNOWN) this.known.clear();
    const parts = new Map(this.format.formatToParts(hour * HOUR).map(({ type, value }) => [type, Number(value)]));
    const [year = 1970, month = 1, day = 1] = [parts.get('year'), parts.get('month'), parts.get('day')];
    const date = Date.UTC(year, month - 1, day) / DAY;
    this.known.set(hour, date);
    return date;
  }
}

/**
 * The calendar of a zone that may change.
 *
 * @param timezone IANA; null: that of this machine
 */
export function calendarOf(timezone: () => string | null): () => Calendar {
  let made = { of: timezone(), calendar: new Calendar(timezone()) };
  return () => {
    const wanted = timezone();
    if (wanted !== made.of) made = { of: wanted, calendar: new Calendar(wanted) };
    return made.calendar;
  };
}
