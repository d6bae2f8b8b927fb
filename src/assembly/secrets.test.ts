import { describe, expect, it } from 'vitest';
import { urlSecrets } from './secrets.ts';

describe('the secrets of a URL', () => {
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
    expect(new Set(urlSecrets(url))).toEqual(new Set([url, pathname + search, ...secrets]));
  });
});
