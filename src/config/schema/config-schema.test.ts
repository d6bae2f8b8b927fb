import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { baseUrlMistake, connectivityTargetMistake, parseListen } from '../values/addresses.ts';
import { configJsonSchema } from '../json-schema.ts';
import { closestWord } from '../syntax/spelling.ts';

interface JsonSchema {
  readonly description?: string;
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: JsonSchema | boolean;
  readonly items?: JsonSchema;
}

/** Every key with its path, through lists and named entries. */
function keysOf(schema: JsonSchema, path = ''): [path: string, schema: JsonSchema][] {
  const named = typeof schema.additionalProperties === 'object' ? [schema.additionalProperties] : [];
  return [
    ...Object.entries(schema.properties ?? {}).flatMap(([key, child]): [string, JsonSchema][] => {
      const place = path === '' ? key : `${path}.${key}`;
      return [[place, child], ...keysOf(child, place)];
    }),
    ...named.flatMap((child) => keysOf(child, `${path}.*`)),
    ...(schema.items === undefined ? [] : keysOf(schema.items, `${path}[]`)),
  ];
}

describe('the JSON Schema', () => {
  const keys = keysOf(configJsonSchema());
  const at = new Map(keys);

  it('describes every key', () => {
    expect(keys.length).toBeGreaterThan(120);
    expect(keys.filter(([, schema]) => (schema.description ?? '') === '').map(([path]) => path)).toEqual([]);
  });

  it('shows the defaults, inherited ones too', () => {
    expect(at.get('listen')?.default).toBe('0.0.0.0:9847');
    expect(at.get('defaults.probe.every')?.default).toBe('30s');
    expect(at.get('defaults.restart.budget.restarts')?.default).toBe(5);
    expect(at.get('defaults.restart.schedule')?.default).toBeNull();
    expect(at.get('accounts.*.restartMethod')?.default).toBe('auto');
    expect(at.get('guard.maxUnhealthy')?.default).toBe('40%');
    expect(JSON.stringify(configJsonSchema())).not.toContain('builtIn');
  });

  it('admits no unknown key anywhere', () => {
    const open = keys.filter(([, schema]) => schema.properties !== undefined && schema.additionalProperties !== false);
    expect(open).toEqual([]);
  });

  it('admits a phoneNumberId without quotes, as the program does', () => {
    expect(at.get('instances[].phoneNumberId')).toMatchObject({ type: ['string', 'integer'] });
  });

  it.each([
    ['config.example.yaml', (path: string) => !path.startsWith('gateways.')],
    ['docs/gateways.md', (path: string) => /^gateways\.(?!\*\.defaults\.)/.test(path)],
  ])('has no key that %s does not show', (file, isShown) => {
    const example = readFileSync(join(import.meta.dirname, '../../..', file), 'utf8');
    const shown = keys.map(([path]) => path).filter(isShown);
    const names = new Set(shown.map((path) => path.replace(/^.*\./, '')));
    expect([...names].filter((name) => !new RegExp(`\\b${name}\\b`).test(example))).toEqual([]);
  });
});

describe('an address to listen on', () => {
  it.each([
    ['0.0.0.0:9847', '0.0.0.0', 9847],
    ['localhost:0', 'localhost', 0],
    ['[::1]:65535', '::1', 65_535],
    ['[::ffff:127.0.0.1]:80', '::ffff:127.0.0.1', 80],
  ])('is %s', (text, host, port) => {
    expect(parseListen(text)).toEqual({ host, port });
  });

  it.each(['9847', ':9847', 'host', 'host:', 'host:65536', '::1:80', '[::1]', '[1.2.3.4]:80', 'http://a:80', 'a b:80'])(
    'is not %s',
    (text) => {
      expect(parseListen(text)).toBeNull();
    },
  );
});

describe('the URL of a gateway', () => {
  it.each(['https://api.smileapi.com.br', 'http://127.0.0.1:8080/base/', 'http://[::1]:1'])('is %s', (text) => {
    expect(baseUrlMistake(text)).toBeNull();
  });

  it.each([
    '',
    'api.example.org',
    'ftp://example.org',
    'https://',
    'https://a b',
    'https://u:p@h',
    'https://h/?',
    'https://h/#',
  ])('is not %j', (text) => {
    expect(baseUrlMistake(text)).not.toBeNull();
  });
});

describe('a target of the connectivity check', () => {
  it('is a TCP address or an https URL', () => {
    expect(['tcp://1.1.1.1:53', 'tcp://[::1]:53', 'https://example.org/x'].map(connectivityTargetMistake)).toEqual([
      null,
      null,
      null,
    ]);
    for (const text of [
      'tcp://1.1.1.1',
      'tcp://1.1.1.1:0',
      'http://example.org',
      'https://u:p@example.org',
      'udp://a:1',
    ]) {
      expect(connectivityTargetMistake(text)).not.toBeNull();
    }
  });
});

describe('a misspelt word', () => {
  const known = ['phoneNumberId', 'account', 'name', 'labels'];

  it.each([
    ['phoneNumberID', 'phoneNumberId'],
    ['phone_number_id', 'phoneNumberId'],
    ['acount', 'account'],
    ['nmae', null],
    ['label', 'labels'],
    ['colour', null],
    ['x'.repeat(100_000), null],
  ])('is close to the right one', (word, expected) => {
    expect(closestWord(word, known)).toBe(expected);
  });
});
