import { TROUBLES, type Trouble as Lead } from '../../../core/trouble.ts';
import type { Cause } from '../../../core/verdict.ts';
import { keysOf, Places, valueAt, type Placed } from '../places.ts';
import { lookThrough, saysSomething, type Member } from './look-through.ts';
import {
  ACCEPTANCE,
  FAILURE,
  NEGATION,
  NO_ROUTE,
  PROXY_PHRASES,
  RESTART_UNDER_WAY,
  statedConnection,
  TROUBLE_PHRASES,
  type Trouble,
} from '../../profiles/phrases.ts';
import { plainWords } from '../../profiles/plain-words.ts';
import { CODE_PATHS, DENIALS, RESTART_DENIALS, TEXT_PATHS, type Denial } from '../../profiles/signs.ts';

/** A body that denies what its status claims. */
export interface FoundDenial {
  /** The status that the body itself names, 400 to 599. */
  readonly status: number | null;
  /** What shows it: words of ours, such as `"error"`, and what stands there; null: the words say enough. */
  readonly evidence: Evidence;
  /** Nothing shows it but what an error says in words. */
  readonly onlyInWords: boolean;
}

type Evidence = readonly [words: string, value: string | null];

/** What an answer says beside the connection state: that it failed, and why. */
export interface BodyReader {
  /** What denies that a call did what it should; `whole`: also what denies only a restart. `known` are places that deny nothing. */
  denial(json: unknown, whole?: 'restart' | null, known?: readonly string[]): FoundDenial | null;
  /** The HTTP status from 400 to 599 that the body names. */
  status(json: unknown): number | null;
  texts(json: unknown): Texts;
  /** The first explaining text, untouched: neither bounded nor masked. */
  explanation(json: unknown): string | null;
}

/** The texts of one answer, in plain words. */
export interface Texts {
  /** The trouble that one of them names. */
  readonly trouble: Trouble | null;
  /** What leads the words for people then: that the gateway wants to be paid; null: nothing of its own. */
  readonly lead: Lead | null;
  /** A status from 400 to 499 that stands anywhere in the answer. */
  readonly status: number | null;
  /** The connection state that a text names, where it says nothing else. */
  readonly stated: Cause | null;
  /** The router of the gateway answered, or something in front of it. */
  readonly namesNoRoute: boolean;
  readonly isOfProxy: boolean;
  readonly tellsOfFailure: boolean;
  readonly tellsOfRestartUnderWay: boolean;
  /** One of them reads like an acceptance, or none reads like the opposite. */
  readonly mayAccept: boolean;
}

interface Rule extends Placed {
  readonly denial: Denial;
  readonly denies: (value: unknown) => boolean;
}

/** At most this many texts of a list are read. */
const MOST_TEXTS = 8;
/** The text of an object in a list of errors. */
const TEXT_KEYS = ['message', 'msg', 'detail', 'description', 'error', 'title', 'code'];
const RULES = DENIALS.map(compileRule);
const RESTART_RULES = RESTART_DENIALS.map(compileRule);
const TEXT_PLACES = TEXT_PATHS.map(keysOf);

/** @param ignored the place of the connection state, which is nothing else */
export function compileBodyReader(ignored: string | null): BodyReader {
  const counts = ({ denial }: Rule): boolean => denial.path !== ignored;
  const rules = RULES.filter(counts);
  const denials = new Places(rules);
  const restartDenials = new Places([...rules, ...RESTART_RULES.filter(counts)]);
  const codePlaces = CODE_PATHS.filter((path) => path !== ignored).map(keysOf);

  const explain = (json: unknown): string[] => (typeof json === 'string' ? textsOf(json) : textsAt(json, TEXT_PLACES));

  const read = (
    own: readonly string[],
    further: readonly string[],
    codes: readonly string[],
    status: number | null,
  ): Texts => {
    const texts = [...own, ...further];
    const has = (pattern: RegExp): boolean => texts.some((text) => pattern.test(text));
    const namesNoRoute = has(NO_ROUTE);
    const trouble = namesNoRoute ? null : troubleIn([...texts, ...codes]);
    return {
      trouble,
      lead: trouble?.asksToPay === true ? TROUBLES.payment : null,
      status,
      // Only where gateways are known to explain themselves: a state is nothing to be guessed.
      stated: own.map(statedConnection).find((cause) => cause !== null) ?? null,
      namesNoRoute,
      isOfProxy: has(PROXY_PHRASES),
      tellsOfFailure: has(FAILURE),
      tellsOfRestartUnderWay: has(RESTART_UNDER_WAY),
      mayAccept: texts.some(accepts) || !has(NEGATION),
    };
  };
  // A gateway that names no state says the same in nearly every answer, and reading that costs more than all else.
  let last = { key: '', says: read([], [], [], null) };

  return {
    denial(json, whole = null, known = []) {
      let evidence: Evidence | null = null;
      let status: number | null = null;
      let onlyInWords = true;
      for (const { denial, denies, keys } of (whole === 'restart' ? restartDenials : denials).in(json)) {
        const value = valueAt(json, keys);
        if (!denies(value) || known.includes(denial.path)) continue;
        evidence ??= evidenceOf(denial, value);
        if ('isErrorStatus' in denial) status ??= errorStatus(value);
        if ('isErrorStatus' in denial || 'isOneOf' in denial) onlyInWords = false;
      }
      if (whole !== 'restart') return evidence === null ? null : { status, evidence, onlyInWords };
      const { denied, error, codes } = lookThrough(json, ignored);
      const code = codes.find(({ value }) => errorStatus(value) !== null) ?? null;
      const shown = denied ?? code;
      if (shown !== null) onlyInWords = false;
      if (evidence === null && shown !== null) evidence = [`"${shown.key}"`, String(shown.value)];
      if (evidence === null && error !== null) evidence = [`"${error.key}" says something`, null];
      return evidence === null ? null : { status: status ?? errorStatus(code?.value), evidence, onlyInWords };
    },
    status(json) {
      for (const { denial, keys } of rules) {
        const status = 'isErrorStatus' in denial ? errorStatus(valueAt(json, keys)) : null;
        if (status !== null) return status;
      }
      return null;
    },
    texts(json) {
      const further = lookThrough(json, ignored);
      const own = explain(json);
      const words = further.codes.flatMap(({ value }) => (typeof value === 'string' ? [value] : []));
      const codes = [...textsAt(json, codePlaces), ...words];
      const status = statusIn(further.codes);
      const key = [...own, '', ...further.texts, '', ...codes, status ?? ''].join('\n');
      if (key !== last.key) {
        const plain = (texts: readonly string[]): string[] => texts.map(plainWords);
        last = { key, says: read(plain(own), plain(further.texts), plain(codes), status) };
      }
      // Cloudflare answers in JSON where that is accepted.
      return valueAt(json, ['cloudflare_error']) === true ? { ...last.says, isOfProxy: true } : last.says;
    },
    explanation: (json) => explain(json)[0] ?? lookThrough(json, ignored).texts[0] ?? null,
  };
}

function compileRule(denial: Denial): Rule {
  const test = testOf(denial);
  return { denial, keys: keysOf(denial.path), denies: (value) => value !== undefined && test(value) };
}

function testOf(denial: Denial): (value: unknown) => boolean {
  if ('isOneOf' in denial) {
    const { isOneOf } = denial;
    return (value) => isOneOf.includes(typeof value === 'string' ? value.toLowerCase() : (value as boolean | number));
  }
  if ('isErrorStatus' in denial) return (value) => errorStatus(value) !== null;
  if ('saysSomething' in denial) return saysSomething;
  return (value) => troubleIn(textsOf(value).map(plainWords)) !== null;
}

function troubleIn(texts: readonly string[]): Trouble | null {
  return TROUBLE_PHRASES.find(({ pattern }) => texts.some((text) => pattern.test(text))) ?? null;
}

function evidenceOf({ path, ...denial }: Denial, value: unknown): Evidence {
  if ('namesTrouble' in denial) return [`"${path}" names a trouble`, null];
  return 'saysSomething' in denial ? [`"${path}" says something`, null] : [`"${path}"`, String(value)];
}

/** Whether a text in plain words accepts a restart. */
export function accepts(words: string): boolean {
  return ACCEPTANCE.test(words) && !NEGATION.test(words);
}

/** The first one of an error of the request, which a restart does not cure; null: there is none. */
function statusIn(codes: readonly Member[]): number | null {
  return codes.map(({ value }) => errorStatus(value)).find((status) => status !== null && status < 500) ?? null;
}

/** 404, "404", "404 Not Found" or "HTTP 404". Other numbers are no HTTP status of an error. */
function errorStatus(value: unknown): number | null {
  // Nearly every answer has a number there.
  if (typeof value === 'number') return Number.isInteger(value) && value >= 400 && value < 600 ? value : null;
  if (typeof value !== 'string') return null;
  const digits = /^\s*(?:HTTP\S{0,4}\s*)?([45]\d\d)(?=\s|$)/iu.exec(value.slice(0, 80))?.[1];
  return digits === undefined ? null : Number(digits);
}

function textsAt(json: unknown, places: readonly (readonly string[])[]): string[] {
  const texts: string[] = [];
  for (const keys of places) {
    const value = valueAt(json, keys);
    if (typeof value === 'string' || typeof value === 'object') texts.push(...textsOf(value));
  }
  return texts;
}

function textsOf(value: unknown): string[] {
  const values: readonly unknown[] = Array.isArray(value) ? value.slice(0, MOST_TEXTS) : [value];
  const inLists = Array.isArray(value) ? values.map(textOfObject) : values;
  return inLists.filter((text): text is string => typeof text === 'string' && text.trim() !== '');
}

function textOfObject(item: unknown): unknown {
  if (typeof item !== 'object') return item;
  return TEXT_KEYS.map((key) => valueAt(item, [key])).find((text) => typeof text === 'string');
}
