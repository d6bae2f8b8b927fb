import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '..');
const DEPCRUISE = join(ROOT, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');

const importing = (...paths: readonly string[]): string =>
  `${paths.map((path) => `import '${path}';\n`).join('')}export const x = 1;\n`;
const LEAF = importing();

/** A source tree that breaks every rule. */
const TREE: Readonly<Record<string, string>> = {
  'core/group/group.ts': importing('../../time/clock.ts'),
  'gateway/gateway.ts': `import '../runtime/watchdog.ts';\nexport type Reach = (target: string) => Promise<boolean>;\n`,
  'simulator/simulator.ts': importing('../runtime/watchdog.ts'),
  'runtime/watchdog.ts': LEAF,
  'runtime/schedule/scheduler.ts': importing('../reconcile/reconciler.ts'),
  'runtime/reconcile/reconciler.ts': LEAF,
  'runtime/guards/guards.ts': `import '../schedule/scheduler.ts';
    import type { Reach } from '../../gateway/gateway.ts';
    export interface GuardsParts { readonly reach: Reach; readonly probeNow: (name: string) => void }
    type Judge = () => void;
    export class Guards { constructor(judge: Judge) { judge(); } private own(each: () => void) { each(); } }\n`,
  'config/a.ts': importing('./b.ts'),
  'config/b.ts': importing('./a.ts'),
  'time/clock.ts': LEAF,
  'store/utils.ts': LEAF,
  ...Object.fromEntries(Array.from({ length: 16 }, (_, index) => [`page/part-${index}.ts`, LEAF])),
};

describe('the layout check refuses', () => {
  let said = '';

  beforeAll(() => {
    const root = mkdtempSync(join(ROOT, 'node_modules/.layout-'));
    for (const file of ['.dependency-cruiser.json', 'tsconfig.json', 'package.json']) {
      cpSync(join(ROOT, file), join(root, file));
    }
    symlinkSync(join(ROOT, 'node_modules'), join(root, 'node_modules'));
    for (const [path, text] of Object.entries(TREE)) {
      mkdirSync(dirname(join(root, 'src', path)), { recursive: true });
      writeFileSync(join(root, 'src', path), text);
    }
    const runs = [
      spawnSync(process.execPath, [DEPCRUISE, '--config', '.dependency-cruiser.json', 'src'], { cwd: root }),
      spawnSync(process.execPath, [join(ROOT, 'scripts/check-layout.mjs'), root]),
    ];
    said = runs.flatMap(({ stdout, stderr }) => [String(stdout), String(stderr)]).join('\n');
    rmSync(root, { recursive: true, force: true });
  }, 120_000);

  it.each([
    ['an arrow up from the core', 'core-is-pure: src/core/group/group.ts → src/time/clock.ts'],
    ['an arrow up from a gateway', 'gateway-and-store-below-runtime: src/gateway/gateway.ts → src/runtime/watchdog.ts'],
    ['an arrow up from the simulator', 'simulator-stands-alone: src/simulator/simulator.ts → src/runtime/watchdog.ts'],
    [
      'an arrow up from the guards',
      'guards-above-fleet: src/runtime/guards/guards.ts → src/runtime/schedule/scheduler.ts',
    ],
    ['an arrow up from the scheduler', 'schedule-above-fleet: src/runtime/schedule/scheduler.ts'],
    ['a circle', 'no-circles: src/config/a.ts'],
    ['a folder over its size', 'src/page: 16 files, and 15 at most'],
    ['a folder with one file', 'src/time: a folder with one file'],
    ['a grab bag', 'src/store/utils.ts: name it after what it does'],
    ['a callback in the parts of the guards', 'guards.ts:3: probeNow is a callback'],
    ['a callback in a constructor of the guards', 'guards.ts:5: judge is a callback'],
  ])('%s', (_, words) => {
    expect(said).toContain(words);
  });

  it('neither a port nor what is private', () => {
    expect(said).not.toMatch(/(reach|each) is a callback/);
  });
});
