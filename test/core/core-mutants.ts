import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { breakCopy, requirePlaces, type Mutation } from '../mutation/mutation.ts';
import { LONG, volume } from '../volume.ts';

/** A rule, the mutation that takes it out, and the transcript or the words that must notice. */
export type Mutant = readonly [rule: string, mutation: Mutation, found: RegExp];

interface Noticing<Core> {
  /** The folder of the transcripts. */
  readonly transcripts: string;
  /** Imports what decides from a copy of the core. */
  readonly load: (copy: string) => Promise<Core>;
  /** Plays a transcript again. */
  readonly replay: (written: string, core: Core) => string;
  /** The words of the worst of many random runs. */
  readonly worst: (core: Core) => string | null;
}

/** Takes one rule after the other out of a copy of the core: a transcript must notice, or else the random runs. */
export function describeMutants<Core>(
  title: string,
  mutants: readonly Mutant[],
  { transcripts, load, replay, worst }: Noticing<Core>,
): void {
  const copies = join(import.meta.dirname, '.mutants', transcripts);
  const folder = join(import.meta.dirname, transcripts);
  const isUnchanged = (name: string, core: Core): boolean => {
    const written = readFileSync(join(folder, name), 'utf8');
    try {
      return replay(written, core) === written;
    } catch {
      return false;
    }
  };

  describe(title, () => {
    afterAll(() => rmSync(copies, { recursive: true, force: true }));

    it('each in one place', () => {
      const mutations = mutants.map(([, mutation]) => mutation);
      requirePlaces(['core'], mutations);
    });

    // A sample is every tenth of them.
    it.each(mutants.filter((_, index) => index % volume(10, 1) === 0))(
      '%s',
      { timeout: 240_000 },
      async (rule, mutation, found) => {
        const copy = join(copies, rule.replaceAll(' ', '-'));
        breakCopy(copy, ['core'], [mutation]);
        const core = await load(join(copy, 'core'));
        const noticed = readdirSync(folder).filter((name) => !isUnchanged(name, core));
        const isFound = found.test(noticed.join(' ')) || (!LONG && noticed.length > 0);
        if (!isFound) expect(worst(core)).toMatch(found);
      },
    );
  });
}
