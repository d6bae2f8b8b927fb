// The layout rules that an import graph cannot show: no grab bags, no folder with one file.
import { readdirSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const grabBag = /^(utils?|helpers?|common|misc|shared|index)(\.|$)/;
const problems = [];

function visit(folder) {
  const entries = readdirSync(folder, { withFileTypes: true });
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (grabBag.test(entry.name)) problems.push(`${relative(root, path)}: name it after what it does`);
    if (entry.isDirectory()) visit(path);
  }
  const sources = entries.filter((entry) => entry.isDirectory() || !/\.test\.ts$/.test(entry.name));
  if (sources.length < 2) problems.push(`${relative(root, folder)}: a folder with one file; move the file up`);
}

visit(join(root, 'src'));
if (problems.length > 0) {
  console.error(problems.join('\n'));
  process.exit(1);
}
console.log('layout: no grab bags, no lonely files');
