import { describe, expect, it } from 'vitest';
import { secretParts } from './secret-parts.ts';

describe('the secrets in a URL', () => {
  it.each([
    ['https://hooks.slack.com/services/T000/B000/abcdefghijklmnopqrstuvwx', ['abcdefghijklmnopqrstuvwx']],
    [
      'https://discord.com/api/webhooks/123456789012345678/abc_DEF-1234567890',
      ['123456789012345678', 'abc_DEF-1234567890'],
    ],
    ['https://api.telegram.org/bot123456:AAabcdefgh/sendMessage', ['bot123456:AAabcdefgh', '123456:AAabcdefgh']],
    ['https://n8n.example.org/hook?token=abcdefgh%2Fijkl0123', ['abcdefgh/ijkl0123']],
    ['https://n8n.example.org/webhook/notifications', []],
  ])('%s', (url, secrets) => {
    const { pathname, search } = new URL(url);
    expect(new Set(secretParts(url))).toEqual(new Set([url, pathname + search, ...secrets]));
  });
});

describe('the secrets in another value', () => {
  it.each([
    ['http://user:p%40ss@proxy.example:3128', ['p%40ss', 'p@ss', 'user:p@ss']],
    ['https://hc.example/ping?key=abc', ['/ping?key=abc', 'abc']],
    ['Bearer abcdefgh', ['abcdefgh']],
    ['Basic dTpzM2NyZXQ=', ['dTpzM2NyZXQ=', 'u:s3cret', 's3cret']],
    ['whsec_c2VjcmV0', ['c2VjcmV0']],
    ['a-token', []],
  ])('%s', (value, parts) => {
    expect(new Set(secretParts(value))).toEqual(new Set([value, ...parts]));
  });
});
