import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseScenario, replay } from './scenario.ts';

const folder = join(import.meta.dirname, 'scenarios');
const files = readdirSync(folder).filter((name) => name.endsWith('.txt'));

/** The transcripts are the policy's documentation. `UPDATE=1 npx vitest run test/core/scenarios.test.ts` rewrites them. */
describe('the policy, told as transcripts', () => {
  it('has one for every rule', () => {
    expect(files.length).toBeGreaterThanOrEqual(20);
  });

  it.each(files)('%s', (file) => {
    const path = join(folder, file);
    const written = readFileSync(path, 'utf8');
    const told = replay(parseScenario(written));
    if (process.env['UPDATE'] === '1') writeFileSync(path, told);
    else expect(told).toBe(written);
  });
});
