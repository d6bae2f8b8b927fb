/** Where each character of a reading stands in the original: from, and up to. */
interface Places {
  readonly starts: readonly number[];
  readonly ends: readonly number[];
}

/** A text as somebody may read it. */
export interface Reading {
  readonly text: string;
  /** Blanks are gone, so what stood apart stands together. */
  readonly joined: boolean;
  /** The range of the original that a range of the text comes from. */
  readonly original: (from: number, to: number) => readonly [from: number, to: number];
}

/** From a character of ASCII to the one as wide as a Chinese one. */
const WIDER = 0xfe_e0;

/** Escapes within escapes are undone this often. */
const MOST_ROUNDS = 3;

const ESCAPE =
  /%u([0-9a-f]{4})|%([0-7][0-9a-f])|((?:%[89a-f][0-9a-f])+)|\\u\{([0-9a-f]{1,6})\}|\\u([0-9a-f]{4})|\\x([0-9a-f]{2})|((?:\\[23][0-7]{2})+)|\\([01][0-7]{2})|\\(["'/\\&])|&#x([0-9a-f]{1,6});?|&#(\d{1,7});?|&([a-z]{2,8});/gi;

/** HTML's names of what can stand in a token or a URL. */
const ENTITIES: Readonly<Record<string, string>> = {
  ...{ amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", sol: '/', bsol: '\\', plus: '+', equals: '=', colon: ':' },
  ...{ period: '.', comma: ',', semi: ';', excl: '!', quest: '?', num: '#', dollar: '$', percnt: '%', ast: '*' },
  ...{ commat: '@', lowbar: '_', hyphen: '-', dash: '-', lpar: '(', rpar: ')', lsqb: '[', lbrack: '[', rsqb: ']' },
  ...{ rbrack: ']', lcub: '{', lbrace: '{', rcub: '}', rbrace: '}', hat: '^', grave: '`', verbar: '|', vert: '|' },
};

/** Every way to read a text: as it is, with escapes (of URLs, JSON and HTML) undone, and each without its blanks. */
export function* readingsOf(text: string): Generator<Reading> {
  let reading = asItIs(text);
  for (let round = 0; round <= MOST_ROUNDS; round += 1) {
    yield reading;
    if (/\s/.test(reading.text)) yield rewritten(reading, /\s+/g, () => '', true);
    if (!/[%\\&]/.test(reading.text)) return;
    const next = rewritten(reading, ESCAPE, unescaped, false);
    if (next.text === reading.text) return;
    reading = next;
  }
}

/** What else a text may say, each way by itself: they would spoil each other. Almost no text is written so. */
export function* rarerReadings(text: string): Generator<Reading> {
  // Bytes in hexadecimal that stand apart, as in `53:6d:31` or `0x53, 0x6d`.
  if (/(?:[0-9a-f]{2}[\s:,-]+(?:0x)?){3}/i.test(text)) {
    yield rewritten(asItIs(text), /[\s:,-]+(?:0x)?/gi, () => '', true);
  }
  // Quoted-printable, which mails are written in; a line goes on after "=", which may as well end base64.
  if (/=(?:[0-9a-f]{2}|\s)/i.test(text)) {
    const unquoted: Replacement = ([, hex]) => (hex === undefined ? '' : String.fromCharCode(Number.parseInt(hex, 16)));
    yield rewritten(asItIs(text), /=([0-9a-f]{2})|=\s+/gi, unquoted, true);
  }
  if (/[\u{ff01}-\u{ff5e}]/u.test(text)) {
    const narrow: Replacement = ([wide = '']) => String.fromCharCode(wide.charCodeAt(0) - WIDER);
    yield rewritten(asItIs(text), /[\u{ff01}-\u{ff5e}]/gu, narrow, false);
  }
  // Base32, and what is written in two ways, one within the other. Short secrets would be found there by chance: as in what is joined.
  for (const [pattern, decode] of DECODED) {
    if (text.search(pattern) === -1) continue;
    const reading = rewritten(asItIs(text), pattern, ([run = '']) => decode(run), true);
    yield reading;
    if (/[%\\&]/.test(reading.text)) yield rewritten(reading, ESCAPE, unescaped, true);
  }
}

/** Each from its beginning, and long enough to hold what is written in two ways. Paths and names have no capitals; base64 has. */
const BASE64_RUN = /(?<![\w+/-])(?=[a-z\d+/_-]*[A-Z])[\w+/-]{20,}={0,2}/g;
const BASE32_RUN = /(?:(?<![A-Z2-7])[A-Z2-7]{16,}|(?<![a-z2-7])[a-z2-7]{16,})={0,6}/g;
const HEX_RUN = /(?<![0-9a-f])(?:[0-9a-f]{2}){12,}/gi;

const DECODED: readonly (readonly [RegExp, (run: string) => string])[] = [
  [BASE64_RUN, (run) => Buffer.from(run, 'base64').toString('utf8')],
  [BASE32_RUN, ofBase32],
  [HEX_RUN, (run) => Buffer.from(run, 'hex').toString('utf8')],
];

function ofBase32(run: string): string {
  const bytes: number[] = [];
  let [bits, value] = [0, 0];
  for (const character of run.toLowerCase().replace(/=+$/, '')) {
    value = ((value << 5) | 'abcdefghijklmnopqrstuvwxyz234567'.indexOf(character)) & 0x1f_ff;
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    bytes.push((value >> bits) & 0xff);
  }
  return Buffer.from(bytes).toString('utf8');
}

function asItIs(text: string): Reading {
  return { text, joined: false, original: (from, to) => [from, to] };
}

type Replacement = (found: readonly (string | undefined)[]) => string;

function rewritten(before: Reading, pattern: RegExp, replace: Replacement, joined: boolean): Reading {
  const text = before.text.replace(pattern, (...found: (string | undefined)[]) => replace(found));
  // Almost no text holds a secret, so where its characters come from is worked out only then.
  let places: Places | null = null;
  const original = (from: number, to: number): readonly [number, number] => {
    places ??= placesOf(before, pattern, replace);
    return [places.starts[from] ?? 0, places.ends[to - 1] ?? 0];
  };
  return { text, joined, original };
}

function placesOf({ text, original }: Reading, pattern: RegExp, replace: Replacement): Places {
  const places = { starts: [] as number[], ends: [] as number[] };
  const add = (from: number, to: number): void => {
    const [start, end] = original(from, to);
    places.starts.push(start);
    places.ends.push(end);
  };
  let done = 0;
  for (const found of text.matchAll(pattern)) {
    for (; done < found.index; done += 1) add(done, done + 1);
    done += found[0].length;
    for (let left = replace(found).length; left > 0; left -= 1) add(found.index, done);
  }
  for (; done < text.length; done += 1) add(done, done + 1);
  return places;
}

function unescaped(found: readonly (string | undefined)[]): string {
  const [whole = '', percentU, percent, bytes, braced, unicode, hex, octals, octal, ...others] = found;
  const [literal, entityHex, entityNumber, entity] = others;
  if (bytes !== undefined) return Buffer.from(bytes.replaceAll('%', ''), 'hex').toString('utf8');
  if (octals !== undefined) {
    const codes = octals.slice(1).split('\\');
    return Buffer.from(codes.map((code) => Number.parseInt(code, 8))).toString('utf8');
  }
  if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8));
  if (literal !== undefined) return literal;
  if (entity !== undefined) return ENTITIES[entity.toLowerCase()] ?? whole;
  const code =
    entityNumber === undefined
      ? Number.parseInt(percentU ?? percent ?? braced ?? unicode ?? hex ?? entityHex ?? '', 16)
      : Number(entityNumber);
  return code <= 0x10_ff_ff ? String.fromCodePoint(code) : whole;
}
