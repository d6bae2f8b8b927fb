// Compiles the benchmarks with what they measure, and runs one of them. They run compiled because the loader that runs
// TypeScript directly wraps every function, which costs a good part of what is to be measured.
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const [name = 'main', ...args] = process.argv.slice(2);
const run = (...command) => execFileSync(process.execPath, command, { cwd: root, stdio: 'inherit' });
rmSync(join(root, '.bench'), { recursive: true, force: true });
run(join(root, 'node_modules/typescript/bin/tsc'), '-p', 'tsconfig.bench.json');
// The version is read from it.
copyFileSync(join(root, 'package.json'), join(root, '.bench/package.json'));
cpSync(join(root, 'gateways'), join(root, '.bench/gateways'), { recursive: true });
const migrations = 'src/store/postgres/migrations';
cpSync(join(root, migrations), join(root, '.bench', migrations), { recursive: true });
run(join(root, 'scripts/build.mjs'));
// As the image starts the daemon.
const [entrypoint] = /^ENTRYPOINT.*$/m.exec(readFileSync(join(root, 'Dockerfile'), 'utf8')) ?? [''];
const flags = [...entrypoint.matchAll(/"(--[a-z][^"]*)"/g)].map(([, flag]) => flag);
const program = ['--expose-gc', ...flags, join(root, '.bench/bench', `${name}.js`), ...args];
process.exitCode = spawnSync(process.execPath, program, { cwd: root, stdio: 'inherit' }).status ?? 1;
