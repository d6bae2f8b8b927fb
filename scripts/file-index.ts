import { readdirSync } from 'node:fs';
import { basename, join, relative } from 'node:path';

const ROOT = join(import.meta.dirname, '..');

/** A row for each folder of the source, with the names of its files; tests lie beside them and are not named. */
export function fileIndex(): string {
  const files = readdirSync(join(ROOT, 'src'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !/\.test\./.test(entry.name))
    .map(({ parentPath, name }) => ({ folder: relative(ROOT, parentPath).replaceAll('\\', '/'), name }));
  const rows = [...new Set(files.map(({ folder }) => folder))].toSorted().map((folder) => {
    const names = files.filter((file) => file.folder === folder).map(({ name }) => basename(name, '.ts'));
    return `| \`${folder}/\` | ${names.toSorted().join(', ')} |`;
  });
  return ['| folder | files |', '|---|---|', ...rows].join('\n');
}
