import { createHash } from 'node:crypto';
import { DAY } from '../../core/time.ts';
import { availabilityOf } from '../../history/bucket.ts';
import { groupsOf, type Group } from '../../history/group-history.ts';
import type { Past } from '../../history/instance-history.ts';
import { datedDays, spanOf } from '../../history/spans.ts';
import { Formats } from '../../language/format.ts';
import type { Language } from '../../language/language.ts';
import { PUBLIC_WORDS, type PublicWords } from '../../language/public-words.ts';
import type { Instance } from '../../runtime/fleet/instance.ts';
import { cleanText } from '../../redaction/clean-text.ts';
import type { HttpParts, PublicSettings } from '../http-parts.ts';
import { colorOf, escaped } from './badge.ts';
import type { GroupPasts } from './group-pasts.ts';

/** Maintenance is announced this long before. */
const AHEAD = 7 * DAY;

const STYLE = `:root{color-scheme:light dark}body{max-width:860px;margin:0 auto;padding:24px 16px;font:16px/1.5 system-ui,sans-serif;background:#fff;color:#18202a}a{color:inherit}
h1{font-size:26px}section{margin:18px 0;padding:14px 16px;border:1px solid #8a94a1;border-radius:10px}h2{display:flex;flex-wrap:wrap;gap:4px 16px;justify-content:space-between;margin:0 0 8px;font-size:18px}
.well{color:#1a7f37}.ill{color:#b91c1c}.calm{color:#1b5cb8}@media(prefers-color-scheme:dark){body{background:#0e1217;color:#e3e8ee}.well{color:#72d29a}.ill{color:#ff9590}.calm{color:#8fbff8}}
svg{display:block;width:100%;height:34px}ul{padding-left:20px}.note{padding:10px 14px;border-left:4px solid #1b5cb8}small{opacity:.85}`;

/** Nothing but its own style: no script, no other host, not in a foreign form. It may be framed by others' pages. */
export const PUBLIC_POLICY = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; base-uri 'none'; form-action 'none'`;

const SICK: ReadonlySet<Instance['state']['phase']> = new Set([
  'down',
  'restarting',
  'recovering',
  'exhausted',
  'needs_human',
]);

type Parts = Pick<HttpParts, 'fleet' | 'guards' | 'wall'>;

/** How the page is wanted. */
export interface PublicReader {
  readonly language: Language;
  /** Shown in the address again; null: none. */
  readonly token: string | null;
  /** Whether it is loaded again each minute, as on a screen on a wall. By itself it is not: that disturbs screen readers. */
  readonly renews: boolean;
}

/** The page for everybody, as HTML: how each group is, and how it was. It holds no script and no data of calls. */
export async function publicPage(
  { fleet, guards, wall }: Parts,
  pasts: GroupPasts,
  { groupBy, hideNumbers }: PublicSettings,
  reader: PublicReader,
): Promise<string> {
  const { language, renews } = reader;
  const words = PUBLIC_WORDS[language];
  const formats = new Formats(language);
  const open = guards().openMaintenance();
  const groups = groupsOf(fleet().instances.values(), groupBy);
  const sections: string[] = [];
  for (const group of groups) {
    const past = await pasts.of(JSON.stringify([groupBy, group.name, null, null]), group);
    const inMaintenance = group.instances.some(({ name, account }) =>
      open.some(
        ({ accounts, instances }) =>
          accounts.length + instances.length === 0 || accounts.includes(account.name) || instances.includes(name),
      ),
    );
    sections.push(section(group, past, { words, formats, inMaintenance, hideNumbers }));
  }
  const all = groups.flatMap(({ instances }) => instances);
  const sick = all.filter(isSick).length;
  const notes = [
    ...open.map(({ name }) => words.open(cleanText(name))),
    ...guards()
      .maintenanceAhead(AHEAD)
      .map(({ window, opensAt }) => words.planned(cleanText(window.name), formats.time(opensAt))),
  ];
  const headline = sick === 0 ? words.allWell : words.someTrouble(formats.number(sick), formats.number(all.length));
  return page(reader, words, [
    `<h1 class="${sick === 0 ? 'well' : 'ill'}">${escaped(headline)}</h1>`,
    ...notes.map((note) => `<p class="note">${escaped(note)}</p>`),
    ...sections,
    `<p><small>${escaped(words.asOf(formats.time(wall.now())))} · <a href="${escaped(hrefOf({ ...reader, renews: !renews }))}">${escaped(renews ? words.stay : words.renew)}</a></small></p>`,
  ]);
}

interface SectionParts {
  readonly words: PublicWords;
  readonly formats: Formats;
  readonly inMaintenance: boolean;
  readonly hideNumbers: boolean;
}

function section(group: Group, past: Past, { words, formats, inMaintenance, hideNumbers }: SectionParts): string {
  const sick = group.instances.filter(isSick).length;
  const [kind, state] = inMaintenance
    ? ['calm', words.maintenance]
    : sick === 0
      ? ['well', words.well]
      : ['ill', words.partly(formats.number(sick), formats.number(group.instances.length))];
  const availability = availabilityOf(spanOf(past, '90d'));
  const whole = availability === null ? words.nothingKnown : words.available(formats.percent(availability));
  const name = group.name === '' ? words.others : cleanText(group.name);
  return `<section><h2><span>${escaped(name)}</span><span class="${kind}">${escaped(state)}</span></h2>${bars(past, words, new Formats(formats.language, 'UTC'))}<small>${escaped(whole)}</small>${hideNumbers ? '' : list(group.instances)}</section>`;
}

/** A bar for each of 90 days, which are those of UTC. */
function bars(past: Past, words: PublicWords, formats: Formats): string {
  const days = datedDays(past);
  const rects = days.map(({ date: utcDate, bucket }, index) => {
    const date = formats.day(Date.parse(utcDate));
    const availability = availabilityOf(bucket);
    const text = availability === null ? words.nothingKnown : formats.percent(availability);
    const title = availability === null ? `${date}: ${text}` : words.days(text, date);
    const x = (90 - days.length + index) * 10;
    return `<rect x="${x}" width="8" height="34" rx="2" fill="${colorOf(availability)}"><title>${escaped(title)}</title></rect>`;
  });
  return `<svg viewBox="0 0 900 34" preserveAspectRatio="none" role="img" aria-label="${escaped(words.byDay)}">${rects.join('')}</svg>`;
}

function list(instances: readonly Instance[]): string {
  const items = instances.map((instance) => {
    const { displayName, phoneNumberId } = instance.definition;
    const text = `${displayName ?? instance.name} · ${phoneNumberId}`;
    return `<li class="${isSick(instance) ? 'ill' : 'well'}">${escaped(cleanText(text))}</li>`;
  });
  return `<ul>${items.join('')}</ul>`;
}

function isSick({ state }: Instance): boolean {
  return SICK.has(state.phase);
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
