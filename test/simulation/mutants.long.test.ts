import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type * as LaneModule from '../../src/runtime/fleet/request-limiter.ts';
import type * as GateModule from '../../src/runtime/fleet/restart-limiter.ts';
import type * as WatchModule from '../../src/runtime/watchdog.ts';
import { simulate, type Product } from './day.ts';
import { FLEET_MUTANTS } from './mutants-of-the-fleet.ts';
import { INSTANCE_MUTANTS, type Edit } from './mutants-of-instances.ts';
import { RULES } from './rules.ts';

/** Each takes one rule out of a copy of core and runtime; the simulated days must notice, and say which. */
const MUTANTS = [...INSTANCE_MUTANTS, ...FLEET_MUTANTS];

const folder = join(import.meta.dirname, '.mutants');
const source = join(import.meta.dirname, '../../src');
const MOST_SEEDS = 60;

describe('the simulated days notice when a rule is gone', () => {
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('has a mutant for every rule', () => {
    expect(new Set(MUTANTS.map(({ rule }) => rule))).toEqual(new Set(Object.keys(RULES)));
  });

  it.each(MUTANTS.map((mutant, index) => ({ ...mutant, index })))(
    '$gone',
    { timeout: 120_000 },
    async ({ index, rule, edits, forgive = [], says = '' }) => {
      const product = await broken(join(folder, String(index)), edits);
      let failure: string | null = null;
      for (let seed = 1; failure === null && seed <= MOST_SEEDS; seed += 1) {
        ({ failure } = await simulate(product, { seed, days: 1, instances: 30, forgive }));
      }
      const firstLine = failure?.split('\n')[0] ?? 'no rule broke';
      expect(firstLine).toContain(RULES[rule]);
      expect(firstLine).toContain(says);
    },
  );
});

/** The product with some of its source changed. */
async function broken(copy: string, edits: readonly Edit[]): Promise<Product> {
  mkdirSync(copy, { recursive: true });
  for (const part of ['core', 'runtime', 'time', 'collections', 'store/store.ts', 'gateway/gateway.ts']) {
    cpSync(join(source, part), join(copy, part), { recursive: true, filter: (path) => !path.endsWith('.test.ts') });
  }
  for (const { file, find, put } of edits) {
    const text = readFileSync(join(copy, file), 'utf8');
    expect(text.split(find), `${file} must contain the rule exactly once: ${find}`).toHaveLength(2);
    writeFileSync(join(copy, file), text.replace(find, put));
  }
  const { Watchdog: Watchdog } = (await import(join(copy, 'runtime/watchdog.ts'))) as typeof WatchModule;
  const { RequestLimiter: RequestLimiter } = (await import(
    join(copy, 'runtime/fleet/request-limiter.ts')
  )) as typeof LaneModule;
  const { RestartLimiter: RestartLimiter } = (await import(
    join(copy, 'runtime/fleet/restart-limiter.ts')
  )) as typeof GateModule;
  return { Watchdog, RequestLimiter, RestartLimiter };
}
