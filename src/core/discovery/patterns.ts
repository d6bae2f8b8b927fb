/**
 * Whether a text is of the form of a pattern, in which `*` stands for any characters and `?` for one. Takes time in
 * proportion to both lengths, whatever they are.
 */
export function matchesPattern(text: string, pattern: string): boolean {
  let at = 0;
  let place = 0;
  /** The last `*`, and the text that it stands for so far. */
  let star = -1;
  let taken = 0;
  while (at < text.length) {
    if (pattern[place] === '*') {
      star = place;
      taken = at;
      place += 1;
    } else if (place < pattern.length && (pattern[place] === '?' || pattern[place] === text[at])) {
      at += 1;
      place += 1;
    } else if (star >= 0) {
      place = star + 1;
      taken += 1;
      at = taken;
    } else return false;
  }
  while (pattern[place] === '*') place += 1;
  return place === pattern.length;
}

/** What of a gateway's list is to be watched. */
export interface Choice {
  readonly match: string;
  readonly ignore: readonly string[];
}

/** Whether an instance of this id is to be watched. */
export function isChosen(id: string, { match, ignore }: Choice): boolean {
  return matchesPattern(id, match) && !ignore.some((pattern) => matchesPattern(id, pattern));
}
