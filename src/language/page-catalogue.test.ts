import { describe, expect, it } from 'vitest';
import { PAGE_CATALOGUE as ENGLISH } from './en/page-catalogue.ts';
import { PAGE_CATALOGUE as PORTUGUESE } from './pt-br/page-catalogue.ts';
import type { HappenedParts } from './happened.ts';
import { PUBLIC_WORDS } from './public-words.ts';

/** The same in both languages: a word that both have, and a sentence that consists of its parts. */
const ALIKE = new Set(['.page.token.label', '.page.happened.phase_changed(3)', '.public.title', '.public.days(3)']);
/** Words of every other English sentence, and of no Portuguese one. */
const ENGLISH_WORDS = /\b(the|of|and|is|are|was|not|its|with|until|by|this|that)\b/i;

const PARTS = new Proxy({}, { get: (_, key) => `<${String(key)}>` }) as HappenedParts;

/** Every text with its place; of a function what it says of one, and of three. */
function textsOf(value: unknown, place: string): readonly (readonly [string, string])[] {
  if (typeof value === 'string') return [[place, value]];
  if (typeof value === 'function') {
    const say = value as (...values: unknown[]) => string;
    const isOfParts = place.includes('.happened.');
    const said = (many: number): string => (isOfParts ? say(PARTS) : say(many, many + 1, many + 2, many + 3));
    return [1, 3].map((many) => [`${place}(${many})`, said(many)]);
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, each]) => textsOf(each, `${place}.${key}`));
}

describe('the page', () => {
  const english = new Map([...textsOf(ENGLISH.page, '.page'), ...textsOf(PUBLIC_WORDS.en, '.public')]);
  const portuguese = new Map([...textsOf(PORTUGUESE.page, '.page'), ...textsOf(PUBLIC_WORDS['pt-BR'], '.public')]);

  it('has each text in each language, and none empty', () => {
    expect([...portuguese.keys()].sort()).toEqual([...english.keys()].sort());
    for (const [place, text] of [...english, ...portuguese]) {
      expect(text.trim(), place).toMatch(/^(?!.*(undefined|NaN|\[object))./s);
    }
  });

  it('has nothing left in English', () => {
    const alike = (place: string): boolean => ALIKE.has(place) || ALIKE.has(place.replace('(1)', '(3)'));
    const left = [...portuguese].filter(([place, text]) => english.get(place) === text && !alike(place));
    expect(left).toEqual([]);
    const mixed = [...portuguese].filter(([, text]) => ENGLISH_WORDS.test(text.replaceAll(/<\w+>/g, '')));
    expect(mixed).toEqual([]);
  });
});
