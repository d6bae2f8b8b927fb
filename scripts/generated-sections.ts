import { alertSections } from './alerts-section.ts';
import { fileIndex } from './file-index.ts';
import { remediesTable } from './remedies-table.ts';

/** By page, what stands between which of its markers. */
const SECTIONS: Readonly<Record<string, Readonly<Record<string, () => string>>>> = {
  'ARCHITECTURE.md': { files: fileIndex },
  'docs/troubleshooting.md': { remedies: remediesTable, alerts: alertSections },
};

/** The pages of which a part is generated, by their paths in the repository. */
export const WITH_SECTIONS: readonly string[] = Object.keys(SECTIONS);

/**
 * The text of a page with what is generated, in place of what stood between its markers.
 *
 * @throws Error when a marker is missing
 */
export function withGenerated(name: string, page: string): string {
  return Object.entries(SECTIONS[name] ?? {}).reduce(
    (text, [section, contentOf]) => withSection(text, section, contentOf()),
    page,
  );
}

function withSection(page: string, name: string, content: string): string {
  const [first, last] = [`<!-- ${name}:begin -->`, `<!-- ${name}:end -->`];
  const [begin, end] = [page.indexOf(first), page.indexOf(last)];
  if (begin === -1 || end < begin) throw new Error(`put ${first} and ${last} where the ${name} belong`);
  return `${page.slice(0, begin + first.length)}\n\n${content}\n\n${page.slice(end)}`;
}
