/** Of a longer text only this many characters are looked at. */
const LOOKED_AT = 400;

/** What HTML writes for a letter with a mark: `&atilde;` is an a with a tilde. The mark does not matter here. */
const MARKED_LETTER = /&([a-z])(?:acute|cedil|circ|grave|ring|tilde|uml);/giu;
const NUMBERED_CHARACTER = /&#(?:x([0-9a-f]{1,6})|(\d{1,7}));/giu;
const NAMED_CHARACTER = /&(quot|apos|amp|nbsp|lt|gt);/giu;
const NAMED: Readonly<Record<string, string>> = { quot: '"', apos: "'", amp: '&', nbsp: ' ', lt: '<', gt: '>' };

/** A name within a text: what stands in quotes. An apostrophe within a word quotes nothing. */
const QUOTED = /["`“”«»][^"`“”«»]*["`“”«»]|(?<![\p{L}\p{N}])['‘’][^'‘’]*['‘’](?![\p{L}\p{N}])/gu;

/** Lower case, without accents, and with what HTML escapes as it is meant: `N&atilde;o` and `não` are both `nao`. */
export function withoutAccents(text: string): string {
  const meant = text.includes('&') ? unescaped(text) : text;
  return meant
    .normalize('NFD')
    .replace(/\p{Mark}+/gu, '')
    .toLowerCase();
}

function unescaped(text: string): string {
  return text
    .replace(MARKED_LETTER, '$1')
    .replace(NUMBERED_CHARACTER, (_all, hex: string | undefined, decimal: string | undefined) => {
      const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
      return code <= 0x10ffff ? String.fromCodePoint(code) : ' ';
    })
    .replace(NAMED_CHARACTER, (_all, name: string) => NAMED[name.toLowerCase()] ?? ' ');
}

/**
 * The words of a text in the form in which phrases are searched for: without accents and punctuation, in lower case, one
 * blank between them, `instanceNotFound` and `INSTANCE_NOT_FOUND` taken apart. Names and numbers are left out: what
 * stands in quotes, unless that is all there is, and words with three digits in a row.
 */
export function plainWords(text: string): string {
  const looked = unescaped(text.slice(0, LOOKED_AT)).replace(/<[^>]*>/gu, ' ');
  const unnamed = looked.replace(QUOTED, ' ');
  const apart = (/\p{L}/u.test(unnamed) ? unnamed : looked).replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2');
  return withoutAccents(apart)
    .replace(/['‘’]/gu, '')
    .replace(/[^a-z0-9]+/gu, ' ')
    .replace(/\b\w*\d{3}\w*\b/gu, ' ')
    .replace(/\s+/gu, ' ')
    .trim();
}
