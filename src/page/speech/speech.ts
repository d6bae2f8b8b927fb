import type { EventView } from '../../http/views/schemas.ts';
import { detailIn, translateRemedy } from '../../language/catalogue.ts';
import { Formats, LOCALES } from '../../language/format.ts';
import { happenedIn } from '../../language/happened.ts';
import type { Language } from '../../language/language.ts';
import type { PageCatalogue } from '../../language/page-catalogue.ts';
import type { PageWords } from '../../language/page-words.ts';
import type { Words } from '../../language/words.ts';
import { spellSince, spell } from './lengths.ts';

/** What the page says, in one language, with numbers and times as its people write them. */
export class Speech {
  readonly language: Language;
  readonly words: Words;
  readonly page: PageWords;
  /** Phases and marks. */
  readonly kinds: Words['phases'] & PageWords['fleet']['marks'];
  readonly catalogue: PageCatalogue;
  private readonly formats: Formats;
  private readonly decimals: Intl.NumberFormat;
  private readonly times: Intl.DateTimeFormat;
  private readonly days: Intl.DateTimeFormat;
  private readonly clockTimes: Intl.DateTimeFormat;

  /** @param timezone IANA; null: that of the browser */
  constructor(language: Language, catalogue: PageCatalogue, timezone: string | null = null) {
    const { tag } = LOCALES[language];
    const zone = timezone === null ? {} : { timeZone: timezone };
    this.language = language;
    this.catalogue = catalogue;
    this.words = catalogue.words;
    this.page = catalogue.page;
    this.kinds = { ...catalogue.words.phases, ...catalogue.page.fleet.marks };
    this.formats = new Formats(language, timezone);
    this.decimals = new Intl.NumberFormat(tag, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
    this.times = new Intl.DateTimeFormat(tag, { ...zone, dateStyle: 'medium', timeStyle: 'medium' });
    this.days = new Intl.DateTimeFormat(tag, { timeZone: 'UTC', dateStyle: 'medium' });
    this.clockTimes = new Intl.DateTimeFormat(tag, { ...zone, timeStyle: 'medium', hourCycle: 'h23' });
  }

  /** `1,234.5`, `1.234,5`. */
  number(value: number): string {
    return this.formats.number(value);
  }

  /** A part of a whole, from 0 to 1, never rounded up to all of it; null: nothing is known. */
  percent(part: number | null): string {
    return part === null ? '–' : `${this.formats.percent(part)} %`;
  }

  /** Seconds of a probe: `12 ms`, `1.24 s`. */
  latency(seconds: number): string {
    return seconds < 1 ? `${Math.round(seconds * 1_000)} ms` : `${this.decimals.format(seconds)} s`;
  }

  /** How long ago an ISO time is, seen at `now` (epoch in ms). */
  ago(iso: string, now: number): string {
    return this.page.times.ago(spellSince(iso, now));
  }

  /** How long until an ISO time; `due now` once it has come. */
  until(iso: string, now: number): string {
    const seconds = (Date.parse(iso) - now) / 1_000;
    return seconds <= 0 ? this.page.times.dueNow : this.page.times.in(spell(Math.ceil(seconds)));
  }

  /** An ISO time with its day, where the user is. */
  localTime(iso: string): string {
    return this.times.format(Date.parse(iso));
  }

  /** When an hour of the history begins, where the user is; with the zone, because an hour comes twice when clocks go back. */
  hour(iso: string): string {
    return this.formats.time(Date.parse(iso));
  }

  /** A day of the history: `2026-01-02`. */
  day(date: string): string {
    return this.days.format(Date.parse(date));
  }

  /** Seconds since 1970 as the time of day where the user is: `07:05:09`. */
  clockTime(seconds: number): string {
    return this.clockTimes.format(seconds * 1_000);
  }

  /** A remedy of the API, which has it in English; those of a config or a gateway's own stay as they are. */
  remedy(remedy: string | null): string | null {
    return remedy === null ? null : translateRemedy(this.catalogue, remedy);
  }

  /** The detail of a probe; what comes from outside stays as it is. */
  detail(detail: string | null): string | null {
    return detail === null ? null : detailIn(this.catalogue, detail);
  }

  /**
   * What happened to an instance, as a sentence without its name. Events that the page does not know are said in the words of
   * the log, which are English.
   */
  happened(event: EventView): string {
    const said = happenedIn(this.page.happened, event, {
      words: this.words,
      length: spell,
      number: (value) => this.number(value),
      time: (iso) => this.localTime(iso),
      detail: (detail) => detailIn(this.catalogue, detail),
    });
    return said ?? event.message;
  }
}
