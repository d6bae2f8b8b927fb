import type { NextStep } from '../../core/next-step.ts';
import { SECOND } from '../../core/time.ts';
import { isCause, verdictOf, type Cause } from '../../core/verdict.ts';
import { CATALOGUES, detailIn, remedyIn, type Catalogue } from '../../language/catalogue.ts';
import { Formats } from '../../language/format.ts';
import type { Language } from '../../language/language.ts';
import type { News } from '../../language/news.ts';
import type { Message, Notice } from '../notice.ts';
import { severityOf } from '../severity.ts';
import { bounded } from './escape.ts';

/** What follows it, the remedy above all, must not be cut off. */
const LONGEST_DETAIL = 500;

/** How people are spoken to. */
export interface Style {
  readonly language: Language;
  /** Address of the status page; null: messages link to nothing. */
  readonly pageUrl: string | null;
}

/** All that a message may say of one notice, in words; null: nothing. Parts of it come from outside. */
export interface Facts {
  /** The instance, the account or the gateway, as people call it. */
  readonly subject: string | null;
  readonly name: string | null;
  readonly displayName: string | null;
  readonly number: string | null;
  readonly account: string | null;
  readonly labels: string | null;
  readonly happened: string;
  readonly cause: string | null;
  readonly causeWord: string | null;
  readonly detail: string | null;
  readonly remedy: string | null;
  readonly next: string | null;
  readonly since: string | null;
  readonly time: string;
}

/** A message in words. */
export interface InWords {
  readonly title: string;
  /** One piece of information each. */
  readonly lines: readonly string[];
  /** Where to read more; null: nowhere. It is ours, and may be a link. */
  readonly link: string | null;
  /** Of each notice that is shown. */
  readonly facts: readonly [Facts, ...Facts[]];
}

/** Topics whose message names the cause of the instance, its remedy, and what follows. */
const OF_TROUBLE: ReadonlySet<Notice['topic']> = new Set<Notice['topic']>([
  'down',
  'exhausted',
  'needs_human',
  'restart',
  'not_healed',
  'escalated',
  'restart_harmed',
]);

/** A message in the words of a language. */
export function inWords(message: Message, style: Style, timezone: string | null): InWords {
  const catalogue = CATALOGUES[style.language];
  const formats = formatsOf(style.language, timezone);
  const { notices, count } = message;
  const [first, ...others] = notices;
  const speech = { catalogue, formats };
  const facts = [factsOf(first, speech), ...others.map((notice) => factsOf(notice, speech))] as const;
  return {
    title: titleOf(message, speech),
    lines: count === 1 ? linesOfOne(facts[0], catalogue) : linesOfMany(facts, count, speech),
    link: linkOf(count === 1 ? first.name : null, style.pageUrl),
    facts,
  };
}

interface Speech {
  readonly catalogue: Catalogue;
  readonly formats: Formats;
}

const known = new Map<string, Formats>();

/** Making one takes a millisecond, so each is made once. */
function formatsOf(language: Language, timezone: string | null): Formats {
  const key = `${language} ${timezone ?? ''}`;
  const formats = known.get(key) ?? new Formats(language, timezone);
  known.set(key, formats);
  return formats;
}

/** `Down: Reception`, or `Down: 50 instances`. */
export function titleOf(
  { notices: [first], count }: Message,
  { catalogue: { sentences }, formats }: Speech = { catalogue: CATALOGUES.en, formats: formatsOf('en', null) },
): string {
  const { parts } = sentences;
  const heading = headingOf(first, sentences);
  const many = formats.number(count);
  if (count > 1) return `${heading}: ${first.name === null ? parts.times(many) : parts.instances(many)}`;
  const subject = subjectOf(first);
  return subject === null ? heading : `${heading}: ${subject}`;
}

function headingOf({ topic, stage }: Notice, { headings, parts }: Catalogue['sentences']): string {
  if (topic === 'test') return parts.test.heading;
  const heading = headings[topic];
  if (typeof heading === 'string') return heading;
  return heading[stage === 'happened' ? 'began' : stage];
}

/** A gateway whose accounts are affected together stands among the fields. */
function subjectOf({ name, account, facts, fields: { gateway } }: Notice): string | null {
  return facts?.displayName ?? name ?? account ?? (typeof gateway === 'string' ? gateway : null);
}

function factsOf(notice: Notice, { catalogue, formats }: Speech): Facts {
  const { name, account, facts, stage, since, at, topic } = notice;
  const { sentences, words } = catalogue;
  const cause = stage === 'ended' ? null : causeOf(notice);
  const detail = cause === null ? null : detailOf(notice, cause);
  return {
    subject: subjectOf(notice),
    name,
    displayName: facts?.displayName ?? null,
    number: facts?.phoneNumberId ?? null,
    account,
    labels: facts === null ? null : labelsOf(facts.labels),
    happened: happenedOf(notice, { catalogue, formats }),
    cause: cause === null ? null : words.causes[cause],
    causeWord: cause,
    detail: detail === null ? null : bounded(detailIn(catalogue, detail), LONGEST_DETAIL),
    remedy: cause === null ? null : (notice.remedyTexts?.[cause] ?? remedyIn(catalogue, cause, detail)),
    next: topic === 'test' || stage === 'ended' ? null : nextOf(topic, facts?.next ?? null, sentences, formats),
    since: since === null ? null : formats.time(since),
    time: formats.time(at),
  };
}

/** A reminder is about what is the matter now, any other notice about what it announces. */
function causeOf({ news, facts, stage, topic }: Notice): Cause | null {
  const ofNews = news !== null && 'cause' in news && news.cause !== null && isCause(news.cause) ? news.cause : null;
  const now = OF_TROUBLE.has(topic) ? (facts?.cause ?? null) : null;
  // The first good answer does not end an outage yet.
  const ofInstance = now !== null && ofNews !== null && verdictOf(now) === 'healthy' ? null : now;
  return stage === 'lasts' ? (ofInstance ?? ofNews) : (ofNews ?? ofInstance);
}

function detailOf({ news, facts }: Notice, cause: Cause): string | null {
  const ofNews = news !== null && 'detail' in news && 'cause' in news && news.cause === cause ? news.detail : null;
  return ofNews ?? (facts?.cause === cause ? facts.detail : null);
}

function happenedOf({ news, stage, since, at }: Notice, { catalogue: { sentences }, formats }: Speech): string {
  if (news === null) return sentences.parts.test.text;
  // The compiler cannot see that the sentence found by a type takes the news of that type.
  const said = (sentences.news[news.type] as (news: News, formats: Formats) => string)(news, formats);
  // The sentences of healing and recovery name the time themselves.
  if (since === null || news.type === 'healed' || news.type === 'recovered') return said;
  const amount = formats.amount((at - since) / SECOND);
  if (stage === 'lasts') return `${said} ${sentences.parts.lasts(amount)}`;
  return stage === 'ended' ? `${said} ${sentences.parts.lasted(amount)}` : said;
}

function nextOf(
  topic: Exclude<Notice['topic'], 'test'>,
  step: NextStep | null,
  { next, nextOf: ofTopic }: Catalogue['sentences'],
  formats: Formats,
): string | null {
  const words = OF_TROUBLE.has(topic) && step !== null ? next(step, formats) : (ofTopic[topic] ?? '');
  return words === '' ? null : words;
}

function labelsOf(labels: Readonly<Record<string, string>>): string | null {
  const texts = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
  return texts.length === 0 ? null : texts.join(', ');
}

function linesOfOne(facts: Facts, { sentences: { parts } }: Catalogue): readonly string[] {
  const { name, displayName, number, account, labels, happened, cause, causeWord, detail, remedy, next, time } = facts;
  const who = [
    displayName === null ? null : labelled(parts.name, name),
    number === name ? null : labelled(parts.number, number),
    labelled(parts.account, account),
  ].filter((text) => text !== null);
  const why = cause === null ? null : `${cause} (${causeWord ?? ''})${detail === null ? '' : `: ${detail}`}`;
  return [
    happened,
    who.length === 0 ? null : who.join(' · '),
    labelled(parts.labels, labels),
    labelled(parts.cause, why),
    labelled(parts.remedy, remedy),
    next === null ? null : `${parts.next} ${next}.`,
    time,
  ].filter((line) => line !== null);
}

/** One line for each, and once what is the same of all. */
function linesOfMany(
  facts: readonly [Facts, ...Facts[]],
  count: number,
  { catalogue: { sentences }, formats }: Speech,
): readonly string[] {
  const [first] = facts;
  const { parts } = sentences;
  const ofEach = facts.map(({ subject, number, cause }) => {
    const who = subject ?? '';
    const known = number === null || number === who ? who : `${who} (${number})`;
    return cause === null ? known : `${known}: ${cause}`;
  });
  const more = count - facts.length;
  const same = (key: 'remedy' | 'next'): string | null =>
    facts.every((each) => each[key] === first[key]) ? first[key] : null;
  const next = same('next');
  return [
    ...ofEach,
    more > 0 ? parts.more(formats.number(more)) : null,
    labelled(parts.remedy, same('remedy')),
    next === null ? null : `${parts.next} ${next}.`,
    first.time,
  ].filter((line) => line !== null);
}

function labelled(label: string, text: string | null): string | null {
  return text === null ? null : `${label}: ${text}`;
}

function linkOf(name: string | null, pageUrl: string | null): string | null {
  if (pageUrl === null) return null;
  const page = `${pageUrl.replace(/\/+$/, '')}/`;
  return name === null ? page : `${page}#/instance/${encodeURIComponent(name)}`;
}

/** What a template of a user may name. Empty where there is nothing, so that a section of it is left out. */
export function viewOf({ title, lines, link, facts }: InWords, { notices: [first], count }: Message): object {
  const [own] = facts;
  const text = (value: string | null): string => value ?? '';
  const texts = (of: Facts): Record<string, string> =>
    Object.fromEntries(Object.entries(of).map(([key, value]) => [key, text(value as string | null)]));
  return {
    ...texts(own),
    title,
    text: lines.join('\n'),
    link: text(link),
    topic: first.topic,
    severity: severityOf(first),
    count: String(count),
    began: first.stage === 'began' || first.stage === 'happened',
    lasts: first.stage === 'lasts',
    ended: first.stage === 'ended',
    instances: facts.map(texts),
  };
}
