/** Longer words are not written by people. */
const LONGEST_WORD = 20;

/** A word, a few words in camel case, a number, a number with its unit, or a word with a small number or a year. */
const PIECE = new RegExp(
  [
    ...[String.raw`[a-z]+`, String.raw`[A-Z]+`, String.raw`\p{Lu}?\p{Ll}+`],
    ...[String.raw`[A-Z]?[a-z]{2,}(?:[A-Z][a-z]+){1,5}`, String.raw`\d{1,15}`, String.raw`\d{1,4}[a-z]{1,8}`],
    String.raw`(?:[A-Za-z][a-z]{0,11}|[A-Z]{1,12})(?:\d{1,3}|(?:19|20)\d\d)`,
  ]
    .map((form) => `^${form}$`)
    .join('|'),
  'u',
);

/** Odd pieces of fewer characters, such as "n8n", count only where there are more of them. */
const SHORT_PIECE = 6;

/**
 * Whether a part of `text` may be a token, a password or a key: whatever is neither a word nor a number as people write
 * them. It rather finds too many than too few.
 */
export function looksSecret(text: string): boolean {
  const odd = text.split(/[^\p{L}\p{N}]+/u).filter((piece) => piece.length > LONGEST_WORD || !PIECE.test(piece));
  return odd.filter((piece) => piece !== '').length > 1 || odd.some((piece) => piece.length >= SHORT_PIECE);
}
