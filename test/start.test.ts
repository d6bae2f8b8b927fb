import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { blocksOf, read, ROOT, sectionOf } from './docs/markdown.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** The most that a busy machine may take for what normally takes milliseconds. */
const PATIENCE = { timeout: 20_000 };

/** Stands for the daemon: writes down its arguments and signals, and ends on SIGTERM with a code of its own. */
const DAEMON = `
import { appendFileSync } from 'node:fs';
const note = (text) => appendFileSync('log', text + '\\n');
note('daemon ' + JSON.stringify(process.argv.slice(2)));
process.on('SIGINT', () => note('SIGINT'));
process.on('SIGHUP', () => note('SIGHUP'));
process.on('SIGTERM', () => process.exit(7));
console.log('running');
setInterval(() => {}, 1000);
`;
const SETUP = `
import { appendFileSync } from 'node:fs';
appendFileSync('log', 'setup ' + JSON.stringify(process.argv.slice(2)) + '\\n');
`;

/** A checkout whose set-up and daemon only write down what they are called for. */
function checkout(config: string | null): string {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'scripts'));
  mkdirSync(join(folder, 'dist'));
  copyFileSync(join(ROOT, 'scripts/start.mjs'), join(folder, 'scripts/start.mjs'));
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  writeFileSync(join(folder, 'scripts/setup.mjs'), SETUP);
  writeFileSync(join(folder, 'dist/main.js'), DAEMON);
  if (config !== null) writeFileSync(join(folder, 'config.yaml'), config);
  return folder;
}

function start(folder: string, args: readonly string[] = [], ofNode: readonly string[] = []): ChildProcess {
  const child = spawn(process.execPath, [...ofNode, 'scripts/start.mjs', ...args], { cwd: folder, stdio: 'pipe' });
  onTestFinished(() => {
    child.kill('SIGTERM');
  });
  return child;
}

async function exitOf(child: ChildProcess): Promise<unknown> {
  const [code] = (await once(child, 'exit')) as [number | null];
  return code;
}

const logOf = (folder: string): string[] => readFileSync(join(folder, 'log'), 'utf8').trimEnd().split('\n');

describe('npm start', () => {
  it('is the script', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    expect(scripts['start']).toBe('node scripts/start.mjs');
  });

  it('without a config says how to get one, and exits with 2 before any set-up', async () => {
    const folder = checkout(null);
    const child = start(folder);
    let said = '';
    child.stderr?.on('data', (part: Buffer) => (said += part.toString()));
    expect(await exitOf(child)).toBe(2);
    expect(() => logOf(folder)).toThrow();
    const smallest = blocksOf(sectionOf(read('README.md'), 'The smallest config'))[0]?.text ?? 'none';
    expect(said).toContain(smallest.replace(/^/gm, '  ').trimEnd());
    expect(said).toContain('config.example.yaml');
  });

  it('sets up, runs the daemon with the arguments, and ends with its exit code', async () => {
    const folder = checkout('');
    const child = start(folder, ['--dry-run']);
    await once(child.stdout!, 'data');
    child.kill('SIGTERM');
    expect(await exitOf(child)).toBe(7);
    expect(logOf(folder)).toEqual(['setup ["--build"]', 'daemon ["run","--dry-run"]']);
  });

  it.each([['-c', 'other.yaml'], ['--config', 'other.yaml'], ['--config=other.yaml'], ['--help']])(
    'needs no config.yaml where another one is named: %s',
    async (...args) => {
      const folder = checkout(null);
      const child = start(folder, args);
      await once(child.stdout!, 'data');
      expect(logOf(folder)[1]).toBe(`daemon ${JSON.stringify(['run', ...args])}`);
    },
  );

  it('passes on once what Ctrl-C sends twice, because a second signal ends the daemon at once', async () => {
    const { folder, child } = await interruptedOnce({ millisecondsBetweenSignals: 0 });
    child.kill('SIGINT');
    child.kill('SIGHUP');
    await expect.poll(() => logOf(folder), PATIENCE).toContain('SIGHUP');
    child.kill('SIGTERM');
    await exitOf(child);
    expect(logOf(folder).filter((line) => line === 'SIGINT')).toEqual(['SIGINT']);
  });

  it('passes on what is sent again later', async () => {
    const { folder, child } = await interruptedOnce({ millisecondsBetweenSignals: 1000 });
    child.kill('SIGINT');
    await expect.poll(() => logOf(folder).filter((line) => line === 'SIGINT'), PATIENCE).toEqual(['SIGINT', 'SIGINT']);
  });
});

/** A daemon that has had one SIGINT by way of npm start, which takes the time from a clock of the test. */
async function interruptedOnce({ millisecondsBetweenSignals }: { millisecondsBetweenSignals: number }) {
  const folder = checkout('');
  const clock = `let now = 0; performance.now = () => (now += ${millisecondsBetweenSignals});`;
  const child = start(folder, [], ['--import', `data:text/javascript,${encodeURIComponent(clock)}`]);
  await once(child.stdout!, 'data');
  child.kill('SIGINT');
  await expect.poll(() => logOf(folder), PATIENCE).toContain('SIGINT');
  return { folder, child };
}
