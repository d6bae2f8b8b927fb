// npm start: sets up, builds, and runs the daemon on config.yaml. Arguments go to the daemon: npm start -- --dry-run.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const args = process.argv.slice(2);

const NO_CONFIG = `There is no config.yaml in this folder. Write one, with your own account and number:

  accounts:
    acme: { username: acme, token: "\${SMILEAPI_TOKEN}" }
  instances:
    - { account: acme, phoneNumberId: "5511987654321" }

config.example.yaml shows everything else. Another file: npm start -- -c FILE. To look around first: npm run demo.`;

const namesOne = args.some((arg) => /^(-c|--config(=|$)|-h$|--help$)/.test(arg));
if (!namesOne && !existsSync('config.yaml')) {
  console.error(NO_CONFIG);
  process.exit(2);
}

execFileSync(process.execPath, [join(root, 'scripts', 'setup.mjs'), '--build'], { stdio: 'inherit' });

// A second signal ends the daemon at once, and Ctrl-C would reach it twice: from the terminal and, by way of npm, from
// here. So it runs out of reach of the terminal, and what comes twice within a moment is passed on once.
const daemon = spawn(process.execPath, [join(root, 'dist', 'main.js'), 'run', ...args], {
  stdio: 'inherit',
  detached: process.platform !== 'win32',
});
const SAME_MS = 500;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  let last = Number.NEGATIVE_INFINITY;
  process.on(signal, () => {
    const now = performance.now();
    if (now - last < SAME_MS) return;
    last = now;
    daemon.kill(signal);
  });
}
daemon.on('exit', (code) => process.exit(code ?? 1));
