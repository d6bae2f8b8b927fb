import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DOCUMENTS, read, ROOT, tableOf, wordsOf } from './markdown.ts';

const metricsIn = (text: string): string[] => text.match(/\bwatchdog_[a-z_]+/g) ?? [];

/** All names that the sources of the metrics hold. */
function exposed(): Set<string> {
  const folder = 'src/telemetry';
  const files = readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' });
  const sources = files.filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'));
  return new Set(sources.flatMap((file) => metricsIn(read(`${folder}/${file}`))));
}

describe('docs/metrics.md', () => {
  it('lists every metric, and none that does not exist', () => {
    expect(new Set(wordsOf(tableOf(read('docs/metrics.md'), 'metric', 'type and labels')).filter(isMetric))).toEqual(
      exposed(),
    );
  });
});

describe.each(DOCUMENTS)('%s', (file) => {
  it('names only metrics that exist', () => {
    const names = metricsIn(read(file)).map((name) => name.replace(/_(bucket|sum|count)$/, ''));
    expect(names.filter((name) => !exposed().has(name))).toEqual([]);
  });
});

function isMetric(word: string): boolean {
  return word.startsWith('watchdog_');
}
