import { describe, expect, it } from 'vitest';
import { CLAIMS } from '../../src/simulation/language/expectation.ts';
import { OCCURRENCES } from '../../src/simulation/language/happening.ts';
import { parseScenario, SENTENCES } from '../../src/simulation/language/scenario.ts';
import { blocksOf, read } from './markdown.ts';

const blocks = blocksOf(read('docs/scenarios.md'));

describe('docs/scenarios.md', () => {
  it('has every sentence that a scenario can say, and no other', () => {
    const lines = blocks.filter(({ language }) => language === 'text').flatMap(({ text }) => text.split('\n'));
    const shown = lines.map((line) => line.replace(/ *#.*/, '')).filter((line) => line !== '' && !line.endsWith('…'));
    const forms = [...SENTENCES, ...OCCURRENCES, ...CLAIMS].map(({ text }) => text);
    expect(shown.toSorted()).toEqual(forms.toSorted());
  });

  it('begins with an example that is understood', () => {
    expect(parseScenario(blocks[0]?.text ?? '')).toMatchObject({
      expectations: [{ line: 7 }, { line: 8 }, { line: 9 }],
    });
  });
});
