import { describe, expect, it } from 'vitest';
import { configurationPage } from '../../scripts/config-reference.ts';
import { withGenerated, WITH_SECTIONS } from '../../scripts/generated-sections.ts';
import { configJsonSchema } from '../../src/config/json-schema.ts';
import { read, spansOf } from './markdown.ts';

/** Keys under which accounts, gateways and instances repeat what is listed under `defaults`. */
const INHERITED = /^(accounts\.<name>|gateways\.<name>\.defaults|instances\[\])\.(probe|restart|activity)\./;

/** The paths of all keys, by walking through whatever the schema holds. */
function keysOf(schema: unknown, path: string): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  return Object.entries(schema).flatMap(([word, child]) => {
    if (word === 'properties') {
      return Object.entries(child as object).flatMap(([key, below]) => {
        const own = path === '' ? key : `${path}.${key}`;
        return [own, ...keysOf(below, own)];
      });
    }
    if (word === 'items') return keysOf(child, `${path}[]`);
    if (word === 'additionalProperties') return keysOf(child, `${path}.<name>`);
    return Array.isArray(child) ? child.flatMap((choice) => keysOf(choice, path)) : [];
  });
}

describe('docs/configuration.md', () => {
  const page = read('docs/configuration.md');

  it('is what the generator prints', () => {
    expect(page, 'run: npm run docs').toBe(configurationPage());
  });

  it('has a row for every key of the schema, and for no other', () => {
    const rows = [...page.matchAll(/^\| `([^`]+)` \| .* \| .* \| .*\|$/gm)].map(([, key = '']) => key);
    const keys = keysOf(configJsonSchema(), '').filter((key) => !INHERITED.test(key));
    expect(keys).toContain('heartbeat.url');
    expect(rows.toSorted()).toEqual(keys.toSorted());
  });

  it('says of every key what it means', () => {
    const rows = [...page.matchAll(/^\| `([^`]+)` \|.*\| ([^|]*) \|$/gm)];
    expect(rows.filter(([, , meaning = '']) => meaning.trim() === '').map(([, key]) => key)).toEqual([]);
  });
});

describe.each(WITH_SECTIONS)('%s', (name) => {
  it('has in its generated sections what the code says', () => {
    const page = read(name);
    expect(page, 'run: npm run docs').toBe(withGenerated(name, page));
  });
});

describe('docs/troubleshooting.md', () => {
  it('has the remedies that log and API show', () => {
    expect(spansOf(read('docs/troubleshooting.md'))).toContain('pairing_required');
  });
});
