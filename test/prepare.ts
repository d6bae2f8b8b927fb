import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');
/** What a build makes last. */
const BUILT = join(ROOT, 'dist/page/page.html');

/** Builds the program and the status page before the first test, unless they are newer than all they are made of. */
export function setup(): void {
  if (existsSync(BUILT) && statSync(BUILT).mtimeMs > newest('src', 'package.json', 'vite.config.ts')) return;
  // Types are a check of their own.
  execFileSync(process.execPath, [join(ROOT, 'scripts/build.mjs'), '--no-check'], { stdio: 'inherit' });
}

/** When any of them, or what lies in them, last changed; a folder changes when a file comes or goes. */
function newest(...names: readonly string[]): number {
  const paths = names.flatMap((name) => {
    const path = join(ROOT, name);
    if (!statSync(path).isDirectory()) return [path];
    return [path, ...readdirSync(path, { recursive: true, encoding: 'utf8' }).map((inner) => join(path, inner))];
  });
  return Math.max(...paths.map((path) => statSync(path).mtimeMs));
}
