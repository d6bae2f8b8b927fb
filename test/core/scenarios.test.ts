import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as groupCore from '../../src/core/group/group-step.ts';
import { replayGroup } from './group-scenario.ts';
import { parseScenario, replay } from './scenario.ts';

const KINDS = [
  { kind: 'scenarios', least: 20, replayed: (written: string) => replay(parseScenario(written)) },
  { kind: 'group-scenarios', least: 15, replayed: (written: string) => replayGroup(written, groupCore) },
];

/** The transcripts are the policy's documentation. `UPDATE=1 npx vitest run test/core/scenarios.test.ts` rewrites them. */
describe.each(KINDS)('the policy as transcripts in $kind', ({ kind, least, replayed }) => {
  const folder = join(import.meta.dirname, kind);
  const files = readdirSync(folder).filter((name) => name.endsWith('.txt'));

  it('has one for every rule', () => {
    expect(files.length).toBeGreaterThanOrEqual(least);
  });

  it.each(files)('%s', (file) => {
    const path = join(folder, file);
    const written = readFileSync(path, 'utf8');
    const found = replayed(written);
    if (process.env['UPDATE'] === '1') writeFileSync(path, found);
    else expect(found).toBe(written);
  });
});
