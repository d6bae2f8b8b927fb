import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { configurationPage } from './config-reference.ts';
import { withGenerated, WITH_SECTIONS } from './generated-sections.ts';

// Writes what the docs take from the code: docs/configuration.md, and sections of other pages.
//   npm run docs

const root = join(import.meta.dirname, '..');
writeFileSync(join(root, 'docs', 'configuration.md'), configurationPage());
for (const name of WITH_SECTIONS) {
  const file = join(root, name);
  writeFileSync(file, withGenerated(name, readFileSync(file, 'utf8')));
}
