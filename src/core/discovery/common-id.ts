import type { Choice } from './patterns.ts';

/** Beyond this much work it is not known. Two patterns of 250 characters take less. */
const MOST_WORK = 50_000;

/** One of them stands for all characters that make no difference. */
const ANY_OTHER = Array.from('1234567890abcdefghijklmnopqrstuvwxyz');

/** How far a text has come in a pattern. */
interface Progress {
  readonly pattern: string;
  /** Whether the id is to be like this, or must not be. */
  readonly isWanted: boolean;
  /** All places that it may be at, in their order. */
  readonly places: readonly number[];
}

interface Step {
  readonly text: string;
  /** What is not wanted, and can no longer be, is missing. */
  readonly progress: readonly Progress[];
}

/** The shortest id that both choose; null: there is none, or it takes too much work to know. */
export function commonId(one: Choice, other: Choice): string | null {
  const begin = (isWanted: boolean) => (pattern: string) => ({ pattern, isWanted, places: withStars(pattern, [0]) });
  const wanted = [one.match, other.match].map(begin(true));
  const progress = [...wanted, ...[...new Set([...one.ignore, ...other.ignore])].map(begin(false))];
  const steps: Step[] = [{ text: '', progress }];
  const known = new Set<string>();
  let work = 0;
  for (const step of steps) {
    if (step.text !== '' && step.progress.every(isAsWanted)) return step.text;
    for (const character of charactersAfter(step)) {
      work += step.progress.length;
      if (work > MOST_WORK) return null;
      const moved = step.progress.map((each) => ({ ...each, places: placesAfter(character, each) }));
      const left = moved.filter(({ isWanted, places }) => isWanted || places.length > 0);
      const key = left.map(({ pattern, isWanted, places }) => JSON.stringify([pattern, isWanted, places])).join(' ');
      if (left.some(({ places }) => places.length === 0) || known.has(key)) continue;
      known.add(key);
      steps.push({ text: step.text + character, progress: left });
    }
  }
  return null;
}

function isAsWanted({ pattern, isWanted, places }: Progress): boolean {
  return places.includes(pattern.length) === isWanted;
}

/** Those that make a difference. */
function charactersAfter({ progress }: Step): readonly string[] {
  const named = new Set(progress.flatMap(({ pattern, places }) => places.map((place) => pattern[place] ?? '')));
  for (const none of ['*', '?', '']) named.delete(none);
  const another = ANY_OTHER.find((each) => !named.has(each));
  return [...named, ...(another === undefined ? [] : [another])];
}

function placesAfter(character: string, { pattern, places }: Progress): readonly number[] {
  const reached = places.flatMap((place) => {
    if (pattern[place] === '*') return [place];
    return pattern[place] === '?' || pattern[place] === character ? [place + 1] : [];
  });
  return withStars(pattern, reached);
}

/** A `*` may stand for nothing. */
function withStars(pattern: string, places: readonly number[]): readonly number[] {
  const all = new Set(places);
  for (const place of all) if (pattern[place] === '*') all.add(place + 1);
  return [...all].sort((one, other) => one - other);
}
