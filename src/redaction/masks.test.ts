import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Masks } from './masks.ts';

const SECRET = 'Tok"en/With+0dd=é9';
const bytes = Buffer.from(SECRET);
const json = JSON.stringify(SECRET).slice(1, -1);
const ascii = 'Sm1leT0ken/With+0dd=9';
const escaped = (write: (code: string) => string): string =>
  Array.from(ascii)
    .map((one) => write(one.charCodeAt(0).toString(16).padStart(2, '0')))
    .join('');

const base64 = (text: string): string => Buffer.from(text).toString('base64');
/** RFC 4648 section 6, without its padding. */
const base32 = (of: Buffer): string =>
  (
    Array.from(of, (byte) => byte.toString(2).padStart(8, '0'))
      .join('')
      .match(/.{1,5}/g) ?? []
  )
    .map((bits) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.charAt(Number.parseInt(bits.padEnd(5, '0'), 2)))
    .join('');

const masksOf = (...secrets: string[]): Masks => new Masks(() => secrets);

describe('what somebody outside wrote', () => {
  it.each([
    ['as it is', SECRET],
    ['in capitals', SECRET.toUpperCase().replace('É', 'é')],
    ['in reverse', Array.from(SECRET).reverse().join('')],
    ['percent-encoded', encodeURIComponent(SECRET)],
    ['percent-encoded in lower case', encodeURIComponent(SECRET).toLowerCase()],
    ['percent-encoded twice', encodeURIComponent(encodeURIComponent(SECRET))],
    ['escaped as in JSON', json],
    ['escaped as in JSON twice', JSON.stringify(json).slice(1, -1)],
    ['escaped as PHP does', json.replaceAll('/', '\\/')],
    ['in base64', bytes.toString('base64')],
    ['in base64url', bytes.toString('base64url')],
    ['in hex', bytes.toString('hex')],
    ['in base32', base32(bytes)],
    ['in base32 with its end', `${base32(bytes)}======`],
    ['in base32 in lower case', base32(bytes).toLowerCase()],
    ['in base64 twice', base64(base64(SECRET))],
    ['in base64 of hex', base64(bytes.toString('hex'))],
    ['in hex of base64', Buffer.from(base64(SECRET)).toString('hex')],
    ['in base32 of base64', base32(Buffer.from(base64(SECRET)))],
    ['in base64 of what is percent-encoded', base64(encodeURIComponent(SECRET))],
    ['in base64 of JSON of itself in base64', base64(`{"token":"${base64(SECRET)}"}`)],
    ['in octal', Array.from(bytes, (byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('')],
    ['in hex with colons', bytes.toString('hex').replaceAll(/..(?=.)/g, '$&:')],
    ['in hex of a program', bytes.toString('hex').replaceAll(/..(?=.)/g, '$&, 0x')],
    ['over two lines', `${SECRET.slice(0, 7)}\r\n${SECRET.slice(7)}`],
    ['in colours', `${SECRET.slice(0, 7)}\u{1b}[31m${SECRET.slice(7)}`],
    ['with invisible characters', Array.from(SECRET).join('\u{200b}')],
    ['with tags', Array.from(SECRET).join('\u{e0041}\u{fe0f}\u{ad}')],
  ])('has a secret masked that is written %s, every time', (_how, written) => {
    expect(masksOf(SECRET).outside(`a ${written} b ${written}`)).toBe('a *** b ***');
  });

  it.each([
    ['every character of it percent-encoded', escaped((code) => `%${code}`)],
    ['in escapes of JavaScript', escaped((code) => `\\u00${code}`)],
    ['in escapes of C', escaped((code) => `\\x${code}`)],
    ['in entities of HTML', escaped((code) => `&#x${code};`)],
    ['as mail does', ascii.replaceAll(/[^a-z0-9]/gi, (one) => `=${one.charCodeAt(0).toString(16).toUpperCase()}`)],
    ['over two lines of a mail', `${ascii.slice(0, 9)}=\r\n${ascii.slice(9)}`],
    ['in wide letters', ascii.replaceAll(/[!-~]/g, (one) => String.fromCharCode(one.charCodeAt(0) + 0xfe_e0))],
    ['with names of HTML', ascii.replaceAll('/', '&sol;').replaceAll('+', '&plus;').replaceAll('=', '&#61;')],
  ])('has a secret masked that is written %s', (_how, written) => {
    expect(masksOf(ascii).outside(`<p>${written}</p>`)).toBe('<p>***</p>');
  });

  it.each(['', 'u', 'us', 'acme:', '{"token":"', 'Bearer '])('has a secret masked behind "%s" in base64', (before) => {
    for (const after of ['', 'x', 'xy', '"}']) {
      const text = Buffer.from(`${before}${ascii}${after}`);
      expect(masksOf(ascii).outside(`got ${text.toString('base64')} here`)).toBe('got *** here');
      expect(masksOf(ascii).outside(`got ${text.toString('base64url')} here`)).toBe('got *** here');
    }
  });

  it('has what stands around a secret in base64 left where it is something else', () => {
    expect(masksOf('abc').outside('YWJj abc abcdef')).toBe('YWJj *** ***def');
  });

  it('has runs of characters left as they are that hold a short secret by chance only', () => {
    const masks = masksOf('abc', 'q1', 'Zm9v');
    const run = base64(base64('abc q1')).replaceAll('=', '');
    for (const text of [`${run}AAAAAAAAAAAA`, base32(Buffer.from('what abc q1 is')), 'f0e1'.repeat(8)]) {
      expect(masks.outside(`run ${text} here`)).toBe(`run ${text} here`);
    }
  });

  it('has every secret masked, and the longer one whole where one begins with another', () => {
    expect(masksOf('abc', 'abcdef', 'x').outside('abcdef abc x')).toBe('*** *** ***');
  });

  it('has characters that mean something in patterns taken as they are', () => {
    expect(masksOf('a.c', '$&', '[x]*').outside('abc a.c $& [x]*')).toBe('abc *** *** ***');
  });

  it('is left as it is without secrets', () => {
    expect(masksOf().outside('abc 100% \\ & <b>')).toBe('abc 100% \\ & <b>');
    expect(masksOf('').outside('abc')).toBe('abc');
  });

  it.each([
    ['GET /hook?token=abc&x=1', 'GET /hook?token=***&x=1'],
    ['https://x.example/?apikey=abc#top', 'https://x.example/?apikey=***#top'],
    ['key=a;secret=b password=c', 'key=***;secret=*** password=***'],
    ['next=https%3A%2F%2Fx%3Ftoken%3Dabc%26y%3D1', 'next=https%3A%2F%2Fx%3Ftoken%3D***%26y%3D1'],
    ['access_token=abc client-secret=def', 'access_token=*** client-secret=***'],
    ['https://user:pass@host/x', 'https://***@host/x'],
    ['{"token": "a1b2c3d4e5"}', '{"token": "***"}'],
    ['Authorization: Bearer a1b2c3d4e5', 'Authorization: Bearer ***'],
    ['invalid token: expired; monkey=1', 'invalid token: expired; monkey=1'],
    ['Bearer token missing', 'Bearer token missing'],
  ])('has values masked that are secret by their name: %s', (text, shown) => {
    expect(masksOf().outside(text)).toBe(shown);
  });

  it('takes a time that grows with its length only, whatever it is', () => {
    const masks = masksOf(SECRET);
    for (const piece of ['%25', '\\', '&#x', 'a', 'token', 'token=', '://', 'a:', 'YWJj', '\u{1b}]', ' ', '4a ']) {
      const text = piece.repeat(Math.ceil(65_536 / piece.length));
      expect(masks.outside(text).length).toBeLessThanOrEqual(text.length + 3);
    }
  });

  it('never holds the secret, wherever it stood', () => {
    const token = fc.stringMatching(/^[a-zA-Z0-9+/=%\\&-]{8,24}$/);
    fc.assert(
      fc.property(token, fc.string(), fc.string(), (secret, before, after) => {
        expect(masksOf(secret).outside(`${before}${secret}${after}`)).not.toContain(secret);
        const encoded = Buffer.from(`${before}${secret}${after}`).toString('base64');
        expect(masksOf(secret).outside(encoded)).not.toContain(Buffer.from(secret).toString('base64').slice(0, 8));
      }),
    );
  });
});

describe('a line with words of our own', () => {
  it.each(['open', 'instance', 'inconclusive', 'gateway_outage_began', 'smileapi-watchdog', '5511987654321'])(
    'is left as it is by the secret %s',
    (secret) => {
      expect(masksOf(secret).line(`"${secret}" is ${secret}`)).toBe(`"${secret}" is ${secret}`);
    },
  );

  it.each(['s3cret', 'Tk9xSECRETvalue', 'https://hooks.example/x', 'correct-horse-battery-staple'])(
    'has the secret %s masked',
    (secret) => {
      expect(masksOf(secret).line(`sent ${secret}.`)).toBe('sent ***.');
      expect(masksOf(secret).line(JSON.stringify({ of: secret }))).toBe('{"of":"***"}');
    },
  );
});

describe('what is kept', () => {
  it('has secrets masked in texts, keys and numbers, and reads no more than once', () => {
    const masks = masksOf('123456', 'open');
    const body = { state: 'open', '123456': [123_456, true, null, { deep: 'is open' }], ok: 'open\u{202e}!' };
    const shown = { state: '***', '***': ['***', true, null, { deep: 'is ***' }], ok: '***!' };
    expect(masks.body(body)).toEqual(shown);
    expect(masks.body(body)).toBe(masks.body(body));
    expect([masks.body('open'), masks.body(123_456), masks.body(7), masks.body(null)]).toEqual(['***', '***', 7, null]);
  });

  it('has secrets masked that came after it', () => {
    let secrets: readonly string[] = ['the-old-one-1'];
    const masks = new Masks(() => secrets);
    const body = { echo: 'the-old-one-1 the-new-one-1' };
    const event = { type: 'x', detail: 'the-old-one-1 the-new-one-1', seconds: 1 };
    expect(masks.body(body)).toEqual({ echo: '*** the-new-one-1' });
    expect(masks.data(event)).toEqual({ type: 'x', detail: '*** the-new-one-1', seconds: 1 });
    secrets = ['the-new-one-1'];
    expect(masks.body(body)).toEqual({ echo: 'the-old-one-1 ***' });
    expect(masks.data(event)).toEqual({ type: 'x', detail: 'the-old-one-1 ***', seconds: 1 });
  });
});
