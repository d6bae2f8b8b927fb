import { Formats } from '../../language/format.ts';
import type { Language } from '../../language/language.ts';
import { PUBLIC_WORDS } from '../../language/public-words.ts';

const FORMATS: Readonly<Record<Language, Formats>> = {
  en: new Formats('en', 'UTC'),
  'pt-BR': new Formats('pt-BR', 'UTC'),
};

/** What a badge says, and how it looks. */
export interface Badge {
  readonly label: string;
  readonly value: string;
  readonly color: string;
}

const HEIGHT = 20;
/** Mean width of a character at 11 pixels; the text is fitted to what is computed. */
const CHARACTER = 6.6;
const PADDING = 6;
const LONGEST = 60;

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text as content or attribute of XML and HTML. */
export function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}

/** The color of an availability from 0 to 1; null: unknown. */
export function colorOf(availability: number | null): string {
  if (availability === null) return '#6b7280';
  if (availability >= 0.999) return '#1a7f37';
  if (availability >= 0.99) return '#4d7c0f';
  return availability >= 0.95 ? '#b45309' : '#b91c1c';
}

/** A percentage that is never rounded up to 100. */
export function percent(availability: number | null, language: Language): string {
  if (availability === null) return PUBLIC_WORDS[language].badge.unknown;
  return `${availability >= 1 ? '100' : FORMATS[language].percent(availability)} %`;
}

/** A badge as an image (SVG). */
export function badgeSvg({ label, value, color }: Badge): string {
  const [left, right] = [widthOf(label), widthOf(value)];
  const width = left + right;
  const whole = escaped(`${shortened(label)}: ${shortened(value)}`);
  const text = (content: string, from: number, size: number): string =>
    `<text x="${from + size / 2}" y="14" textLength="${size - 2 * PADDING}" lengthAdjust="spacingAndGlyphs">${escaped(shortened(content))}</text>`;
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${HEIGHT}" role="img" aria-label="${whole}">` +
    `<title>${whole}</title>` +
    `<rect width="${width}" height="${HEIGHT}" rx="3" fill="${color}"/>` +
    `<path d="M3 0h${left - 3}v${HEIGHT}H3a3 3 0 0 1-3-3V3a3 3 0 0 1 3-3z" fill="#374151"/>` +
    `<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11" text-anchor="middle">` +
    `${text(label, 0, left)}${text(value, left, right)}</g></svg>`
  );
}

/** By code points: a character is never cut in two. */
function shortened(text: string): string {
  const characters = Array.from(text);
  return characters.length > LONGEST ? `${characters.slice(0, LONGEST - 1).join('')}…` : text;
}

function widthOf(text: string): number {
  return Math.round(Array.from(shortened(text)).length * CHARACTER) + 2 * PADDING;
}
