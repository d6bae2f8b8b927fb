import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const ROOT = join(import.meta.dirname, '../..');

export function read(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8');
}

/** All pages for people, by their paths in the repository. */
export const DOCUMENTS: readonly string[] = ['.', '.github', 'deploy', 'docs']
  .filter((folder) => existsSync(join(ROOT, folder)))
  .flatMap((folder) =>
    readdirSync(join(ROOT, folder))
      .filter((file) => file.endsWith('.md'))
      .map((file) => (folder === '.' ? file : `${folder}/${file}`)),
  );

export interface Block {
  readonly language: string;
  readonly text: string;
}

const FENCE = /^ *```(\w*)\n([\s\S]*?)^ *```$/gm;

/** The fenced blocks of code, each with its language. */
export function blocksOf(markdown: string): Block[] {
  return [...markdown.matchAll(FENCE)].map(([, language = '', text = '']) => ({ language, text }));
}

/** What is set as code within a line. */
export function spansOf(markdown: string): string[] {
  return [...markdown.replace(FENCE, '').matchAll(/`([^`\n]+)`/g)].map(([, text = '']) => text);
}

/** Every line of code, whether in a block or within a line of text. */
export function codeLinesOf(markdown: string): string[] {
  const lines = blocksOf(markdown).flatMap(({ text }) => text.split('\n'));
  return [...lines, ...spansOf(markdown)].map((line) => line.trim());
}

/** What stands below a heading, up to the next one of the same or a higher level. */
export function sectionOf(markdown: string, title: string): string {
  const lines = markdown.split('\n');
  const start = lines.findIndex((line) => /^#+ /.test(line) && line.replace(/^#+ /, '') === title);
  if (start === -1) throw new Error(`there is no heading "${title}"`);
  const level = lines[start]!.indexOf(' ');
  const length = lines.slice(start + 1).findIndex((line) => /^#+ /.test(line) && line.indexOf(' ') <= level);
  return lines.slice(start + 1, length === -1 ? undefined : start + 1 + length).join('\n');
}

/** The cells of the table whose head begins with these columns, row by row. */
export function tableOf(markdown: string, ...columns: readonly string[]): string[][] {
  const lines = markdown.split('\n');
  const head = lines.findIndex((line) => line.startsWith(`| ${columns.join(' | ')} |`));
  if (head === -1) throw new Error(`there is no table with the columns ${columns.join(', ')}`);
  const rest = lines.slice(head + 2);
  const length = rest.findIndex((line) => !line.startsWith('|'));
  return rest.slice(0, length === -1 ? undefined : length).map((line) =>
    line
      .slice(1, -1)
      .split(/(?<!\\)\|/)
      .map((cell) => cell.trim()),
  );
}

/** The words that are set as code in the first column of a table. */
export function wordsOf(rows: readonly string[][]): string[] {
  return rows.flatMap(([first = '']) => spansOf(first));
}

/** Anchors of the headings, as GitHub makes them. */
export function anchorsOf(markdown: string): string[] {
  return [...markdown.replace(FENCE, '').matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replace(/[^\p{Letter}\p{Number}\s_-]/gu, '')
      .replace(/\s/g, '-'),
  );
}

/** Where links and pictures lead. */
export function linksOf(markdown: string): string[] {
  return [...markdown.replace(FENCE, '').matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link);
}
