import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Problem } from '../core/problem.ts';
import { problemIn } from '../language/problem-sentences.ts';
import { PROBLEM_SENTENCES } from '../language/pt-br/problems/problem-sentences.ts';
import { loadConfig } from './load.ts';
import { ConfigError } from './problems.ts';

const FOLDER = join(import.meta.dirname, '../../test/testdata/config');
/** Words of most English sentences, and of no Portuguese one. */
const ENGLISH = /\b(the|of|and|is|are|not|its|with|until|this|must|write|add|has|or)\b/i;
/** What is quoted, lists of keys, and what stands in the file itself, is in no language. */
const QUOTED = /"[^"]*"|conhecem: .*|`[^`]*`|\{[^}]*\}|\S+[./_:]\S+/g;

async function problemsOf(name: string): Promise<readonly Problem[]> {
  const env = { SMILEAPI_TOKEN: 'x0123456789', EMPTY: '', NUMBER: '7', YES: 'true', NO: 'false' };
  const error = await loadConfig(join(FOLDER, name), env).catch((caught: unknown) => caught);
  return error instanceof ConfigError ? error.problems : [];
}

const problem = (message: string, remedy: string): Problem => {
  return { file: 'config.yaml', line: 1, column: 1, path: 'listen', message, remedy };
};

describe('what is wrong with a config, in Portuguese', () => {
  it('leaves no problem of the mistakes that are known in English', async () => {
    const names = readdirSync(FOLDER).filter((name) => /^invalid-.*\.yaml$/.test(name));
    const left = new Set<string>();
    for (const name of names) {
      for (const found of await problemsOf(name)) {
        const { message, remedy } = problemIn('pt-BR', found);
        for (const [text, english] of [
          [message, found.message],
          [remedy, found.remedy],
        ] as const) {
          if (text === english || ENGLISH.test(text.replaceAll(QUOTED, ''))) left.add(text);
        }
      }
    }
    expect([...left]).toEqual([]);
  });

  it('keeps what differs, in its place', () => {
    const found = problem('timeout (20s) is longer than every (15s)', 'Did you mean "caFile"?');
    expect(problemIn('pt-BR', found)).toEqual(
      problem('timeout (20s) é mais longo que every (15s)', 'Você quis dizer "caFile"?'),
    );
    expect(problemIn('pt-BR', problem('must be a number, not a list', 'Set it to a number.'))).toEqual(
      problem('precisa ser um número, e não uma lista', 'Defina como um número.'),
    );
    expect(problemIn('en', found)).toBe(found);
  });

  it('says what it has no sentence for in English, so that nothing is lost', () => {
    const odd = problem('has the hiccups', 'Hold your breath. $& <>');
    expect(problemIn('pt-BR', odd)).toEqual(odd);
  });

  it('has as many parts in each sentence as in English', () => {
    const parts = (text: string): number => text.split(/<\d?>/).length;
    for (const [english, portuguese] of Object.entries(PROBLEM_SENTENCES)) {
      // Descriptions of keys stand in the reference.
      if (/^(Choose another value|Add it)\. <>$/.test(english)) continue;
      expect(parts(portuguese), english).toBe(parts(english));
    }
  });
});
