import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { redactJson, redactText } from './redact.ts';

const SECRET = 'tok"en/é+1';

describe('text from a gateway', () => {
  it.each([
    ['as it is', SECRET],
    ['percent-encoded', encodeURIComponent(SECRET)],
    ['percent-encoded in lower case', encodeURIComponent(SECRET).toLowerCase()],
    ['escaped as in JSON', JSON.stringify(SECRET).slice(1, -1)],
    ['escaped as PHP does', JSON.stringify(SECRET).slice(1, -1).replaceAll('/', '\\/')],
    ['in base64', Buffer.from(SECRET).toString('base64')],
    ['in base64url', Buffer.from(SECRET).toString('base64url')],
  ])('has the secret masked %s, every time', (_how, written) => {
    expect(redactText(`a ${written} b ${written}`, [SECRET], 200)).toBe('a *** b ***');
  });

  it('has every secret masked, and the longer one whole when one begins with another', () => {
    expect(redactText('abcdef abc', ['abc', 'abcdef'], 100)).toBe('*** ***');
  });

  it('has no half of a secret left where it is cut', () => {
    for (let limit = 1; limit < 40; limit += 1) {
      expect(redactText('before 0123456789 after', ['0123456789'], limit)).not.toMatch(/\d/u);
    }
  });

  it('does not gain the secret by being cleaned', () => {
    expect(redactText('se\u{0}cret', ['se cret'], 100)).toBe('***');
  });

  it('stays one line and cannot steer a terminal', () => {
    expect(redactText('a\r\nb\u{1b}[31mc\u{202e}d\u{0}\u{2028}e', [], 100)).toBe('a b [31mc d e');
  });

  it('is bounded, and says so', () => {
    expect(redactText('x'.repeat(1_000_000), [], 10)).toBe('xxxxxxxxx…');
    expect(redactText('x'.repeat(10), [], 10)).toBe('xxxxxxxxxx');
  });

  it('does not end in half a character', () => {
    expect(redactText('ab😀😀', [], 4)).toBe('ab…');
  });

  it('is left alone by an empty secret', () => {
    expect(redactText('abc', [''], 10)).toBe('abc');
  });

  it('never holds the secret, never exceeds its bound, never breaks the line', () => {
    const secret = fc.string({ minLength: 4, maxLength: 20 }).filter((text) => !text.includes('*'));
    fc.assert(
      fc.property(secret, fc.string(), fc.string(), fc.integer({ min: 1, max: 80 }), (token, before, after, limit) => {
        const clean = redactText(`${before}${token}${after}`, [token], limit);
        expect(clean).not.toContain(token);
        expect(clean.length).toBeLessThanOrEqual(limit);
        expect(clean).not.toMatch(/\p{Cc}/u);
      }),
    );
  });
});

describe('JSON from a gateway', () => {
  it('is kept as it is where it is small and harmless', () => {
    const body = { status: 'success', message: 'done', instanceId: '5511987654321', count: 0, ok: true, none: null };
    expect(redactJson(body, [SECRET])).toEqual(body);
  });

  it.each([
    'token',
    'accessToken',
    'apikey',
    'api-key',
    'API_KEY',
    'Authorization',
    'client_secret',
    'password',
    'qr',
    'qrcode',
    'qrCode',
    'urlcode',
    'base64',
    'pairingCode',
    'phone_code',
    'key',
  ])('has the value of "%s" masked', (key) => {
    expect(redactJson({ deep: [{ [key]: 'value' }] }, [])).toEqual({ deep: [{ [key]: '***' }] });
  });

  it('shows whether there is a secret', () => {
    expect(redactJson({ qrcode: null, hasToken: true }, [])).toEqual({ qrcode: null, hasToken: true });
  });

  it('has everything below a secret key masked', () => {
    expect(redactJson({ qrcode: { text: '2@abc' }, tokens: ['a'] }, [])).toEqual({ qrcode: '***', tokens: '***' });
  });

  it('distinguishes the code of an error from the content of a QR code', () => {
    const body = { code: 'E_TIMEOUT', other: { code: 404 }, qr: { code: 'x' } };
    expect(redactJson(body, [])).toEqual({ code: 'E_TIMEOUT', other: { code: 404 }, qr: '***' });
    expect(redactJson({ code: '2@lyR4pCXz0mWqkGzS9w==' }, [])).toEqual({ code: '***' });
  });

  it('has embedded files masked wherever they stand', () => {
    expect(redactJson(['data:image/png;base64,iVBORw0KGgo='], [])).toEqual(['***']);
  });

  it('has the secret masked in values, in keys and as a number', () => {
    expect(redactJson({ echo: 'x 123456 y', '123456': 1, id: 123456 }, ['123456'])).toEqual({
      echo: 'x *** y',
      '***': 1,
      id: '***',
    });
  });

  it('cannot reach a prototype', () => {
    const body = redactJson(
      JSON.parse('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"a":1}'),
      [],
    );
    expect(Object.getPrototypeOf(body)).toBe(Object.prototype);
    expect(Object.hasOwn(body as object, '__proto__')).toBe(false);
    expect((body as { polluted?: unknown }).polluted).toBeUndefined();
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  it('is bounded in depth, in entries, in length and as a whole', () => {
    const deep = JSON.parse('['.repeat(30_000) + ']'.repeat(30_000)) as unknown;
    expect(redactJson(deep, [])).toEqual([[[[[[[['…']]]]]]]]);
    expect(
      redactJson(
        Array.from({ length: 1_000 }, () => 1),
        [],
      ),
    ).toHaveLength(65);
    expect(
      Object.keys(redactJson(Object.fromEntries(Array.from({ length: 999 }, (_, n) => [`k${n}`, n])), []) as object),
    ).toHaveLength(65);
    expect(redactJson('x'.repeat(5_000), [])).toHaveLength(1_024);
    const wide = Array.from({ length: 50 }, () => Array.from({ length: 50 }, () => 'y'.repeat(1_000)));
    expect(JSON.stringify(redactJson(wide, [])).length).toBeLessThan(5_000);
  });

  it('never holds the secret and never grows beyond its bound, whatever it was', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.stringMatching(/^[a-z0-9]{8,20}$/u), (value, secret) => {
        const kept = JSON.stringify(redactJson({ value, echo: [secret, { [secret]: `<${secret}>` }] }, [secret]));
        expect(kept).not.toContain(secret);
        expect(kept.length).toBeLessThan(12_000);
      }),
    );
  });
});
