import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'vite';

const ROOT = join(import.meta.dirname, '../..');
const SOURCES = join(ROOT, 'src/page');
const BUILT = join(ROOT, 'dist/page/page.html');

/** Builds the status page before the tests, unless it is newer than all that it is made of. */
export async function setup(): Promise<void> {
  const newest = Math.max(...readdirSync(SOURCES).map((file) => statSync(join(SOURCES, file)).mtimeMs));
  if (existsSync(BUILT) && statSync(BUILT).mtimeMs > newest) return;
  await build({ configFile: join(ROOT, 'vite.config.ts'), root: SOURCES, logLevel: 'error' });
}
