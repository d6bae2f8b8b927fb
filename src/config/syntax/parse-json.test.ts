import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatProblems } from '../../core/problem.ts';
import { checkFile } from '../read/checked-file.ts';
import { parseJson } from './parse-json.ts';
import { parseYaml } from './parse-yaml.ts';
import type { ConfigPath } from '../problems.ts';
import { includedFile } from '../schema/config-schema.ts';

const problemsOf = (text: string, env = {}): string =>
  formatProblems(checkFile(parseJson('list.json', text, env), includedFile).problems);

describe('a file in JSON', () => {
  it('holds the same as the same file read as YAML', () => {
    const text = '{"accounts":{"a":{"token":"${T}"}},"instances":[{"phoneNumberId":42,"labels":{"x":"$${"}}]}';
    const json = parseJson('list.json', text, { T: 'secret' });
    expect(json.data).toEqual(parseYaml('list.json', text, { T: 'secret' }).data);
    expect(json.written(['accounts', 'a', 'token'])).toBe('${T}');
  });

  it('may be a bare list of instances', () => {
    const text = '[{"account":"acme","phoneNumberId":"007"}]';
    expect(parseJson('list.json', text, {}).data).toEqual({
      instances: [{ account: 'acme', phoneNumberId: '007' }],
    });
  });

  it('that is a bare list has mistakes with their places', () => {
    const text =
      '[\n  {"account": "acme", "phoneNumberId": "1"},\n  {"account": "acme", "phoneNumberId": "2", "name": "b d"}\n]';
    expect(problemsOf(text)).toMatch(/^list\.json:3:53 instances\[1\]\.name: "b d" is not a name/);
  });

  it.each([
    ['[{"account":"a","phoneNumberId":"1","account":"b"}]', 'list.json:1:37 instances[0].account: key is there twice'],
    ['[{"account":"${NOT_SET}","phoneNumberId":"1"}]', '1:13 instances[0].account: environment variable NOT_SET'],
    ['[{"account":"a" "phoneNumberId":"1"}]', 'list.json:1:17: is not YAML'],
    ['[{"account":"a","phoneNumberId":"1","__proto__":{}}]', 'holds a key that is not plain text'],
    ['7', 'list.json:1:1: the file must hold a mapping'],
  ])('leaves what JSON.parse would accept in silence to the YAML parser: %s', (text, expected) => {
    expect(problemsOf(text)).toContain(expected);
  });

  it.each(['1.0', '1e3', '12345678901234567890', '-1'])('keeps the digits of a number as written: %s', (digits) => {
    const { data } = parseJson('list.json', `[{"phoneNumberId": ${digits}}]`, {});
    expect(data).toEqual({ instances: [{ phoneNumberId: digits }] });
  });

  it('finds the places that the YAML parser finds', () => {
    const pathsOf = (value: unknown, path: ConfigPath = []): ConfigPath[] => {
      if (typeof value !== 'object' || value === null) return [path];
      const parts = Array.isArray(value) ? [...value.keys()] : Object.keys(value);
      return [path, ...parts.flatMap((part) => pathsOf((value as Record<string, unknown>)[part], [...path, part]))];
    };
    const key = fc.string().filter((name) => name !== '__proto__' && name !== '<<' && !name.includes('${'));
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof({ depthSize: 'small' }, fc.string(), fc.integer(), fc.boolean(), tie('list'), tie('mapping')),
      list: fc.array(tie('value'), { maxLength: 4 }),
      mapping: fc.dictionary(key, tie('value'), { maxKeys: 4 }),
    }));
    fc.assert(
      fc.property(fc.record({ instances: fc.array(value) }), fc.constantFrom(0, 1, 2), (data, indent) => {
        const text = JSON.stringify(data, null, indent).replaceAll('${', '$${');
        const json = parseJson('x', text, {});
        const yaml = parseYaml('x', text, {});
        fc.pre(yaml.problems.length === 0);
        for (const path of pathsOf(data)) {
          expect(json.problemAt(path, '', '')).toEqual(yaml.problemAt(path, '', ''));
          expect(json.problemAtKey(path, '', '')).toEqual(yaml.problemAtKey(path, '', ''));
        }
      }),
      { numRuns: 50 },
    );
  });
});
