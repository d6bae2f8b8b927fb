// Runs the checks: lint, types, format and layout one after the other, and the tests beside them. Tests wait for other
// processes now and then, and lint takes one processor only, so together they leave none idle. Says what is done and how
// long it took; a failure shows its output.
import { spawn } from 'node:child_process';

const BESIDE_THE_TESTS = ['lint', 'types', 'format', 'layout'];
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

async function checkSources() {
  for (const name of BESIDE_THE_TESTS) await check(name, 'pipe');
}

await Promise.all([check('tests', 'inherit'), checkSources()]);
console.log(`check: ${failed ? 'FAILED' : 'all passed'} after ${since(began)}`);
process.exitCode = failed ? 1 : 0;
