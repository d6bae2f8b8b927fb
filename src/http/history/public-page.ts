import { createHash } from 'node:crypto';
import { sumOf } from '../../collections/sum.ts';
import { DAY } from '../../core/time.ts';
import { Formats } from '../../language/format.ts';
import type { Language } from '../../language/language.ts';
import { PUBLIC_WORDS, type PublicWords } from '../../language/public-words.ts';
import { cleanText } from '../../redaction/clean-text.ts';
import type { HttpParts } from '../http-parts.ts';
import { colorOf, escaped } from './badge.ts';
import { availabilityIn, SHOWN_DAYS, type PublicDay, type PublicGroup, type PublicPart } from './public-part.ts';

/** Maintenance is announced this long before. */
const AHEAD = 7 * DAY;

const STYLE = `:root{color-scheme:light dark}body{max-width:860px;margin:0 auto;padding:24px 16px;font:16px/1.5 system-ui,sans-serif;overflow-wrap:anywhere;background:#fff;color:#18202a}a{color:inherit}
h1{font-size:26px}section{margin:18px 0;padding:14px 16px;border:1px solid #8a94a1;border-radius:10px}h2{display:flex;flex-wrap:wrap;gap:4px 16px;justify-content:space-between;margin:0 0 8px;font-size:18px}
.well{color:#1a7f37}.ill{color:#b91c1c}.calm{color:#1b5cb8}@media(prefers-color-scheme:dark){body{background:#0e1217;color:#e3e8ee}.well{color:#72d29a}.ill{color:#ff9590}.calm{color:#8fbff8}}
svg{display:block;width:100%;height:34px}ul{padding-left:20px}.note{padding:10px 14px;border-left:4px solid #1b5cb8}small{opacity:.85}`;

/** Nothing but its own style: no script, no other host, not in a foreign form. It may be framed by others' pages. */
export const PUBLIC_POLICY = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; base-uri 'none'; form-action 'none'`;

type Parts = Pick<HttpParts, 'guards' | 'wall' | 'history'>;

/** How the page is wanted. */
export interface PublicReader {
  readonly language: Language;
  /** Shown in the address again; null: none. */
  readonly token: string | null;
  /** Whether it is loaded again each minute, as on a screen on a wall. By itself it is not: that disturbs screen readers. */
  readonly renews: boolean;
}

/** What the page shows. */
export interface PublicContent extends PublicPart {
  /** The replicas whose part is missing. */
  readonly missing: readonly string[];
  /** Whether a part is missing because accounts change their owner. */
  readonly isChanging: boolean;
  /** Whether names of instances and replicas are left out. */
  readonly hideNumbers: boolean;
}

/** The page for everybody, as HTML: how each group is, and how it was. It holds no script and no data of calls. */
export function publicPage(
  { guards, wall, history }: Parts,
  { groups, missing, isChanging, hideNumbers }: PublicContent,
  reader: PublicReader,
): string {
  const { language, renews } = reader;
  const words = PUBLIC_WORDS[language];
  const formats = new Formats(language, history.timezone);
  const [total, sick] = [sumOf(groups, (group) => group.total), sumOf(groups, (group) => group.sick)];
  const unknown = sumOf(groups, (group) => group.unknown);
  const isWhole = missing.length === 0 && !isChanging && unknown === 0;
  const notes = [
    ...(missing.length === 0
      ? []
      : [hideNumbers ? words.incomplete : words.incompleteWithout(cleanText(missing.join(', ')))]),
    ...(isChanging ? [words.changing] : []),
    ...guards()
      .openMaintenance()
      .map(({ name }) => words.open(cleanText(name))),
    ...guards()
      .maintenanceAhead(AHEAD)
      .map(({ window, opensAt }) => words.planned(cleanText(window.name), formats.time(opensAt))),
  ];
  const [kind, headline] =
    sick > 0
      ? ['ill', words.someTrouble(formats.number(sick), formats.number(total))]
      : isWhole
        ? ['well', words.allWell]
        : ['calm', unknown > 0 && unknown === total ? words.nothingIsKnown : words.knownWell];
  return page(reader, words, [
    `<h1 class="${kind}">${escaped(headline)}</h1>`,
    ...notes.map((note) => `<p class="note">${escaped(note)}</p>`),
    ...groups.map((group) => section(group, formats, hideNumbers)),
    `<p><small>${escaped(words.asOf(formats.time(wall.now())))} · <a href="${escaped(hrefOf({ ...reader, renews: !renews }))}">${escaped(renews ? words.stay : words.renew)}</a></small></p>`,
  ]);
}

const KINDS = { well: 'well', sick: 'ill', unknown: 'calm' } as const;

function section(group: PublicGroup, formats: Formats, hideNumbers: boolean): string {
  const { total, sick, unknown, inMaintenance, days } = group;
  const words = PUBLIC_WORDS[formats.language];
  const of = formats.number(total);
  const [kind, state] = inMaintenance
    ? ['calm', words.maintenance]
    : sick > 0
      ? ['ill', words.partly(formats.number(sick), of)]
      : unknown > 0
        ? ['calm', words.unknownOf(formats.number(unknown), of)]
        : ['well', words.well];
  const availability = availabilityIn(days);
  const whole = availability === null ? words.nothingKnown : words.available(formats.percent(availability));
  const name = group.name === '' ? words.others : cleanText(group.name);
  return `<section><h2><span>${escaped(name)}</span><span class="${kind}">${escaped(state)}</span></h2>${bars(days, words, new Formats(formats.language, 'UTC'))}<small>${escaped(whole)}</small>${hideNumbers ? '' : list(group, words)}</section>`;
}

/** A bar for each of 90 days. */
function bars(days: readonly PublicDay[], words: PublicWords, formats: Formats): string {
  const rects = days.map((day, index) => {
    const date = formats.day(Date.parse(day.date));
    const availability = availabilityIn([day]);
    const text = availability === null ? words.nothingKnown : formats.percent(availability);
    const title = availability === null ? `${date}: ${text}` : words.days(text, date);
    const x = (SHOWN_DAYS - days.length + index) * 10;
    return `<rect x="${x}" width="8" height="34" rx="2" fill="${colorOf(availability)}"><title>${escaped(title)}</title></rect>`;
  });
  return `<svg viewBox="0 0 900 34" preserveAspectRatio="none" role="img" aria-label="${escaped(words.byDay)}">${rects.join('')}</svg>`;
}

/** Colour is never the only sign. */
function list({ instances }: PublicGroup, words: PublicWords): string {
  const items = instances.map(({ text, state }) => {
    const said = { well: '', sick: ` — ${words.sick}`, unknown: ` — ${words.nothingKnown}` }[state];
    return `<li class="${KINDS[state]}">${escaped(`${cleanText(text)}${said}`)}</li>`;
  });
  return `<ul>${items.join('')}</ul>`;
}

/** The same page for another reader. */
function hrefOf({ token, renews }: PublicReader): string {
  const parameters = new URLSearchParams({
    ...(token === null ? {} : { token }),
    ...(renews ? { renew: 'true' } : {}),
  });
  return `?${parameters.toString()}`;
}

function page({ language, renews }: PublicReader, words: PublicWords, body: readonly string[]): string {
  return `<!doctype html><html lang="${language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">${renews ? '<meta http-equiv="refresh" content="60">' : ''}<title>${escaped(words.title)}</title><style>${STYLE}</style></head><body><main>${body.join('')}</main></body></html>`;
}
