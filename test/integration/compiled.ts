import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');

/**
 * Compiles the sources once for all tests of a file, into a folder that goes with them, because starting from source
 * takes several times as long. Gives what Node.js is to run.
 */
export function compiledProgram(): readonly [string] {
  const folder = mkdtempSync(join(tmpdir(), 'smileapi-watchdog-compiled-'));
  beforeAll(() => {
    const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
    const args = ['-p', join(ROOT, 'tsconfig.build.json'), '--outDir', join(folder, 'dist')];
    execFileSync(process.execPath, [tsc, ...args], { stdio: 'inherit' });
    copyFileSync(join(ROOT, 'package.json'), join(folder, 'package.json'));
    symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'), 'junction');
  }, 120_000);
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  return [join(folder, 'dist/main.js')];
}
