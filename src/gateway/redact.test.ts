import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Masks } from '../redaction/masks.ts';
import { redactJson } from './redact.ts';

const SECRET = 'tok"en/é+1';
const NONE = new Masks(() => []);
const masksOf = (...secrets: string[]): Masks => new Masks(() => secrets);

describe('JSON from a gateway', () => {
  it('is kept as it is where it is small and harmless', () => {
    const body = { status: 'success', message: 'done', instanceId: '5511987654321', count: 0, ok: true, none: null };
    expect(redactJson(body, masksOf(SECRET))).toEqual(body);
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
    expect(redactJson({ deep: [{ [key]: 'value' }] }, NONE)).toEqual({ deep: [{ [key]: '***' }] });
  });

  it('shows whether there is a secret', () => {
    expect(redactJson({ qrcode: null, hasToken: true }, NONE)).toEqual({ qrcode: null, hasToken: true });
  });

  it('has everything below a secret key masked', () => {
    expect(redactJson({ qrcode: { text: '2@abc' }, tokens: ['a'] }, NONE)).toEqual({ qrcode: '***', tokens: '***' });
  });

  it('distinguishes the code of an error from the content of a QR code', () => {
    const body = { code: 'E_TIMEOUT', other: { code: 404 }, qr: { code: 'x' } };
    expect(redactJson(body, NONE)).toEqual({ code: 'E_TIMEOUT', other: { code: 404 }, qr: '***' });
    expect(redactJson({ code: '2@lyR4pCXz0mWqkGzS9w==' }, NONE)).toEqual({ code: '***' });
  });

  it('has embedded files masked wherever they stand', () => {
    expect(redactJson(['data:image/png;base64,iVBORw0KGgo='], NONE)).toEqual(['***']);
  });

  it('has the secret masked in values, in keys and as a number', () => {
    expect(redactJson({ echo: 'x 123456 y', '123456': 1, id: 123456 }, masksOf('123456'))).toEqual({
      echo: 'x *** y',
      '***': 1,
      id: '***',
    });
  });

  it('cannot reach a prototype', () => {
    const body = redactJson(
      JSON.parse('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"a":1}'),
      NONE,
    );
    expect(Object.getPrototypeOf(body)).toBe(Object.prototype);
    expect(Object.hasOwn(body as object, '__proto__')).toBe(false);
    expect((body as { polluted?: unknown }).polluted).toBeUndefined();
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  it('is bounded in depth, in entries, in length and as a whole', () => {
    const deep = JSON.parse('['.repeat(30_000) + ']'.repeat(30_000)) as unknown;
    expect(redactJson(deep, NONE)).toEqual([[[[[[[['…']]]]]]]]);
    expect(
      redactJson(
        Array.from({ length: 1_000 }, () => 1),
        NONE,
      ),
    ).toHaveLength(65);
    expect(
      Object.keys(redactJson(Object.fromEntries(Array.from({ length: 999 }, (_, n) => [`k${n}`, n])), NONE) as object),
    ).toHaveLength(65);
    expect(redactJson('x'.repeat(5_000), NONE)).toHaveLength(1_024);
    const wide = Array.from({ length: 50 }, () => Array.from({ length: 50 }, () => 'y'.repeat(1_000)));
    expect(JSON.stringify(redactJson(wide, NONE)).length).toBeLessThan(5_000);
  });

  it('never holds the secret and never grows beyond its bound, whatever it was', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.stringMatching(/^[a-z0-9]{8,20}$/u), (value, secret) => {
        const kept = JSON.stringify(
          redactJson({ value, echo: [secret, { [secret]: `<${secret}>` }] }, masksOf(secret)),
        );
        expect(kept).not.toContain(secret);
        expect(kept.length).toBeLessThan(12_000);
      }),
    );
  });
});
