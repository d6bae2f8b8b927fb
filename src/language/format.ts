import { DAY, HOUR, MINUTE, SECOND, type EpochMs } from '../core/time.ts';
import type { Language } from './language.ts';

/** English with the day before the month in words, which nobody in any country takes for another date. */
export const LOCALES: Readonly<Record<Language, { readonly tag: string; readonly month: 'short' | '2-digit' }>> = {
  en: { tag: 'en-GB', month: 'short' },
  'pt-BR': { tag: 'pt-BR', month: '2-digit' },
};

/** Numbers, lengths of time and times of day as people of a language write them, in their time zone. */
export class Formats {
  readonly language: Language;
  private readonly numbers: Intl.NumberFormat;
  private readonly percents: Intl.NumberFormat;
  private readonly times: Intl.DateTimeFormat;
  private readonly days: Intl.DateTimeFormat;
  private readonly clockTimes: Intl.DateTimeFormat;

  /**
   * @param timezone IANA; null: that of this machine, or of the browser
   * @throws RangeError when there is no such zone
   */
  constructor(language: Language, timezone: string | null = null) {
    const { tag, month } = LOCALES[language];
    const zone = timezone === null ? {} : { timeZone: timezone };
    const clock = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;
    const day = { year: 'numeric', month, day: '2-digit' } as const;
    this.language = language;
    this.numbers = new Intl.NumberFormat(tag, { maximumFractionDigits: 1 });
    this.percents = new Intl.NumberFormat(tag, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
    this.times = new Intl.DateTimeFormat(tag, { ...zone, ...day, ...clock, timeZoneName: 'short' });
    this.days = new Intl.DateTimeFormat(tag, { ...zone, ...day });
    this.clockTimes = new Intl.DateTimeFormat(tag, { ...zone, ...clock });
  }

  /** `1,234.5`, `1.234,5`. */
  number(value: number): string {
    return this.numbers.format(value);
  }

  /** A day with time and zone: `29 Nov 2026, 10:03 GMT-3`. */
  time(at: EpochMs): string {
    return this.times.format(at);
  }

  /** Only the day. */
  day(at: EpochMs): string {
    return this.days.format(at);
  }

  /** The time alone where it is of the same day as `now`, else with its day. */
  shortTime(at: EpochMs, now: EpochMs): string {
    const time = this.clockTimes.format(at);
    return this.day(at) === this.day(now) ? time : `${this.day(at)} ${time}`;
  }

  /** A part of a whole, from 0 to 1, in percent; never rounded up to all of it. */
  percent(part: number): string {
    return this.percents.format(Math.floor(part * 10_000) / 100);
  }

  /** A length of time: `12 ms`, `1.5 s`, `12 min`, `3.2 h`, `4 d`. Their signs are the same in all languages. */
  amount(seconds: number): string {
    const ms = Math.max(0, seconds * SECOND);
    if (ms < SECOND) return `${Math.round(ms)} ms`;
    if (ms < 2 * MINUTE) return `${this.number(seconds)} s`;
    if (ms < 2 * HOUR) return `${Math.round(ms / MINUTE)} min`;
    if (ms < 3 * DAY) return `${this.number(ms / HOUR)} h`;
    return `${this.number(ms / DAY)} d`;
  }
}
