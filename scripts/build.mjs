// Compiles src/ to dist/, copies the migrations of the database, bundles the status page into dist/page/, and makes dist/main.js executable.
// --no-check leaves the types unchecked, which takes a quarter of the time.
import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
// Tests have another NODE_ENV, with which the page would be one for development, larger and slower.
const env = { ...process.env, NODE_ENV: 'production' };
const run = (program, ...args) =>
  execFileSync(process.execPath, [join(root, 'node_modules', program), ...args], { cwd: root, env, stdio: 'inherit' });

rmSync(join(root, 'dist'), { recursive: true, force: true });
run('typescript/bin/tsc', '-p', 'tsconfig.build.json', ...(process.argv.includes('--no-check') ? ['--noCheck'] : []));
const migrations = 'store/postgres/migrations';
cpSync(join(root, 'src', migrations), join(root, 'dist', migrations), { recursive: true });
run('vite/bin/vite.js', 'build', '--logLevel', 'warn');
chmodSync(join(root, 'dist', 'main.js'), 0o755);
