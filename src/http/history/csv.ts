import type { Language } from '../../language/language.ts';

type Cell = string | number | null;

/** How spreadsheets of a language read a table that is opened: those of Brazil want other signs, and a mark for UTF-8. */
const STYLES: Readonly<Record<Language, { readonly mark: string; readonly between: string; readonly point: string }>> =
  {
    en: { mark: '', between: ',', point: '.' },
    'pt-BR': { mark: '\u{feff}', between: ';', point: ',' },
  };

/** A table as CSV (RFC 4180, but for the signs of the language), with the names of its columns first. */
export function csvOf(columns: readonly string[], rows: Iterable<readonly Cell[]>, language: Language = 'en'): string {
  const { mark, between, point } = STYLES[language];
  const textOf = (cell: Cell): string =>
    typeof cell === 'number' ? String(cell).replace('.', point) : quoted(harmless(cell ?? ''), between);
  const line = (cells: readonly Cell[]): string => `${cells.map(textOf).join(between)}\r\n`;
  let text = `${mark}${line(columns)}`;
  for (const row of rows) text += line(row);
  return text;
}

/** A spreadsheet must take no text for a formula, and Excel takes the wide signs of East Asia for the others. */
function harmless(text: string): string {
  return /^[=+\-@\t\r\n＝＋－＠]/.test(text) ? `'${text}` : text;
}

function quoted(text: string, between: string): string {
  return /["\r\n]/.test(text) || text.includes(between) ? `"${text.replaceAll('"', '""')}"` : text;
}
