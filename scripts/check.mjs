// Runs the checks: types, lint, format and layout side by side, as many at a time as there are processors, and then the
// tests, which take all processors themselves. Says what is done and how long it took; a failure shows its output.
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';

/** The longest first, so that none is left to run alone. */
const BESIDE = ['lint', 'types', 'format', 'layout'];
const began = performance.now();
const since = (start) => `${((performance.now() - start) / 1000).toFixed(1)} s`;
let failed = false;

/** Resolves when `npm run check:<name>` has ended. */
function check(name, stdio) {
  const start = performance.now();
  console.log(`check: ${name} …`);
  return new Promise((resolve) => {
    const child = spawn('npm', ['run', '--silent', `check:${name}`], { stdio, shell: process.platform === 'win32' });
    const output = [];
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (data) => output.push(data));
    child.on('close', (code) => {
      failed ||= code !== 0;
      console.log(`check: ${name} ${code === 0 ? 'passed' : 'FAILED'} after ${since(start)}`);
      if (code !== 0) process.stdout.write(Buffer.concat(output));
      resolve();
    });
  });
}

async function checkWhatIsLeft() {
  for (let name = BESIDE.shift(); name !== undefined; name = BESIDE.shift()) await check(name, 'pipe');
}

await Promise.all(Array.from({ length: Math.max(2, availableParallelism()) }, checkWhatIsLeft));
await check('tests', 'inherit');
console.log(`check: ${failed ? 'FAILED' : 'all passed'} after ${since(began)}`);
process.exitCode = failed ? 1 : 0;
