import { expect, test } from 'vitest';
import { secretMask } from './secret-mask.ts';

test('every occurrence of every secret is masked', () => {
  const mask = secretMask(() => ['hunter2', 's3cr3t']);
  expect(mask('hunter2 and s3cr3t and hunter2')).toBe('*** and *** and ***');
});

test('a secret is masked as it stands in JSON and in a URL, too', () => {
  const secret = 'a"b\\c/d+e';
  const mask = secretMask(() => [secret]);
  expect(mask(JSON.stringify({ token: secret }))).toBe('{"token":"***"}');
  expect(mask(`?token=${encodeURIComponent(secret)}`)).toBe('?token=***');
});

test('characters that mean something in patterns are taken literally', () => {
  const mask = secretMask(() => ['a.c', '$&', '[x]*']);
  expect(mask('abc a.c $& [x]*')).toBe('abc *** *** ***');
});

test('of two secrets where one begins with the other, the longer one is masked whole', () => {
  expect(secretMask(() => ['abc', 'abcdef'])('abcdef')).toBe('***');
});

test('without secrets, or with an empty one, a text stays as it is', () => {
  expect(secretMask(() => [])('abc')).toBe('abc');
  expect(secretMask(() => [''])('abc')).toBe('abc');
});

test('secrets that a reload brings are masked from then on', () => {
  let secrets: readonly string[] = ['old'];
  const mask = secretMask(() => secrets);
  expect(mask('old new')).toBe('*** new');
  secrets = ['new'];
  expect(mask('old new')).toBe('old ***');
});
