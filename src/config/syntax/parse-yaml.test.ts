import { describe, expect, it } from 'vitest';
import { expandVariables } from './environment.ts';
import { parseYaml } from './parse-yaml.ts';

function parse(text: string, env: Record<string, string> = {}) {
  return parseYaml('fleet.yaml', text, env);
}

describe('a YAML file', () => {
  it('knows the places of values, mappings and keys', () => {
    const file = parse('a:\n  b: 1\n  list:\n    - x\n    - { c: 2 }\n');
    const placeOf = (path: (string | number)[]) => {
      const { line, column } = file.problemAt(path, '', '');
      return [line, column];
    };
    expect(placeOf(['a', 'b'])).toEqual([2, 6]);
    expect(placeOf(['a', 'list'])).toEqual([3, 3]);
    expect(placeOf(['a', 'list', 1])).toEqual([5, 7]);
    expect(placeOf(['a', 'list', 1, 'c'])).toEqual([5, 12]);
    const { line, column } = file.problemAtKey(['a', 'b'], '', '');
    expect([line, column]).toEqual([2, 3]);
  });

  it('points at the nearest place above one that is missing', () => {
    expect(parse('a:\n  b: {}\n').problemAt(['a', 'b', 'c', 'd'], 'm', 'r')).toEqual({
      file: 'fleet.yaml',
      line: 2,
      column: 3,
      path: 'a.b.c.d',
      message: 'm',
      remedy: 'r',
    });
  });

  it('points into an anchor for what was merged or aliased from there', () => {
    const file = parse('base: &base\n  every: 5s\nx: { <<: *base, y: 1 }\nz: *base\nw: { <<: [{ q: 1 }, *base] }\n');
    for (const key of ['x', 'z', 'w'])
      expect(file.problemAt([key, 'every'], '', '')).toMatchObject({ line: 2, column: 10 });
  });

  it('lets own keys win over merged ones, and the first merged mapping over the next', () => {
    const { data } = parse('a: &a { p: 1, q: 1 }\nb: &b { q: 2, r: 2 }\nc: { <<: [*a, *b], p: 3 }\n');
    expect(data).toMatchObject({ c: { p: 3, q: 1, r: 2 } });
  });

  it('stays small with nested aliases, however often they multiply', () => {
    const levels = Array.from(
      { length: 30 },
      (_, n) => `l${n + 1}: &l${n + 1} [${Array(9).fill(`*l${n}`).join(', ')}]`,
    );
    const file = parse(['l0: &l0 [lol]', ...levels].join('\n'));
    expect(file.problems).toEqual([]);
    const data = file.data as Record<string, unknown[]>;
    expect(data['l30']?.[0]).toBe(data['l29']);
  });

  it.each([
    [
      'a: { b: ${X:-hunter2} }\nc: [${Y}]\n',
      '1:9 : a variable between braces or brackets is not in quotes. Write "${NAME}".',
    ],
    ['a: 1\nb: 2\na: 3\n', '3:1 a: key is there twice. Remove one; the first is on line 1.'],
    ['1: a\n"1": b\n', '2:1 ["1"]: key is there twice. Remove one; the first is on line 1.'],
    ['? [1]\n: x\n', '1:3 : holds a key that is not plain text. Write the key as text, or remove it.'],
    ['{ __proto__: { a: 1 } }', '1:3 : holds a key that is not plain text. Write the key as text, or remove it.'],
  ])('with %j has the problem %s', (text, expected) => {
    const { problems } = parse(text);
    expect(problems.map((p) => `${p.line}:${p.column} ${p.path}: ${p.message}. ${p.remedy}`)).toEqual([expected]);
  });

  it('keeps the digits of a phoneNumberId only', () => {
    const { data } = parse('n: &n 007\na: { phoneNumberId: 007, other: 007 }\nb: { phoneNumberId: *n }\n');
    expect(data).toEqual({ n: 7, a: { phoneNumberId: '007', other: 7 }, b: { phoneNumberId: '007' } });
  });

  it('fills variables into values, never into keys, and after parsing', () => {
    const { data, problems } = parse('${KEY}: "${VALUE}"\n', { VALUE: 'a: "b"\n- c # d' });
    expect(problems).toEqual([]);
    expect(data).toEqual({ '${KEY}': 'a: "b"\n- c # d' });
  });

  it('shows what was written, not what came from the environment', () => {
    const file = parse('token: ${SECRET}\n', { SECRET: 'hunter2' });
    expect(file.data).toEqual({ token: 'hunter2' });
    expect(file.written(['token'])).toBe('${SECRET}');
  });

  it('remembers which value could not be filled in', () => {
    const file = parse('a: ${ABSENT}\nb: c\n');
    expect(file.isUnresolved(['a'])).toBe(true);
    expect(file.isUnresolved(['b'])).toBe(false);
    expect(file.problems[0]).toMatchObject({ line: 1, column: 4, path: 'a' });
  });
});

describe('a variable', () => {
  const env = { A: 'one', EMPTY: '', LOOKS: '${A}' };

  it.each([
    ['${A}', 'one'],
    ['x-${A}-${A}', 'x-one-one'],
    ['${B:-x}, ${EMPTY:-y}, ${A:-z}, ${B:-}', 'x, y, one, '],
    ['${LOOKS}', '${A}'],
    ['$${A}', '${A}'],
    ['$$${A}', '$${A}'],
    ['$A and $ and {}', '$A and $ and {}'],
  ])('in %j gives %j', (text, value) => {
    expect(expandVariables(text, env)).toEqual({ value });
  });

  it.each(['${B}', '${}', '${A', '${A-x}', '${A:x}', '${EMPTY}', '${ A }', '${toString}', '${__proto__}'])(
    'is not there in %j',
    (text) => {
      expect(expandVariables(text, env)).toHaveProperty('mistakes');
    },
  );

  it('that is missing is named, and so is every other one', () => {
    const expansion = expandVariables('${B} ${C}', env);
    expect(JSON.stringify(expansion)).toMatch(/variable B is not set.*variable C is not set/);
  });
});
