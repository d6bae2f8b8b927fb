import { describe, expect, it } from 'vitest';
import { webhookText, webhookType } from './webhook-text.ts';

const MIB = 1024 * 1024;

/** A body that comes in pieces of this size. */
async function* inPieces(text: string, size = 64 * 1024): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield await Promise.resolve(bytes.subarray(at, at + size));
}

const picture = Buffer.alloc(6 * MIB, 0xf7).toString('base64');

describe('the text of a webhook', () => {
  it.each([
    ['nothing', ''],
    ['a small one', JSON.stringify({ instance: 'shop-1', text: 'São 100 % 😀 %2B %' })],
    ['what ends within a character of a form', 'a=%2'],
    ['many short texts', JSON.stringify(Array.from({ length: 20_000 }, (_, index) => `text ${index}`))],
  ])('is the whole body where that is %s', async (_, body) => {
    expect(await webhookText(inPieces(body))).toBe(body);
    expect(await webhookText(inPieces(body, 7))).toBe(body);
  });

  it('says the same without the rest of its media, also behind them', async () => {
    const text = await webhookText(inPieces(JSON.stringify({ dataType: 'media', data: picture, sessionId: 'shop-1' })));
    expect(JSON.parse(text ?? '')).toEqual({ dataType: 'media', data: picture.slice(0, 8_192), sessionId: 'shop-1' });
  });

  it('does so in a form, in which the characters of base64 are escaped', async () => {
    const json = JSON.stringify({ type: 'Message', base64: picture });
    const body = new URLSearchParams({ jsonData: json, instanceName: 'shop-1' }).toString();
    const fields = new URLSearchParams((await webhookText(inPieces(body, 65_537))) ?? '');
    expect(JSON.parse(fields.get('jsonData') ?? '')).toEqual({ type: 'Message', base64: picture.slice(0, 8_192) });
    expect(fields.get('instanceName')).toBe('shop-1');
  });

  /** As resty writes it, for WuzAPI: a message with a file. */
  const multipart = (...parts: readonly string[]): string =>
    [...parts.map((part) => `--x-1\r\n${part}`), '--x-1--', ''].join('\r\n');
  const field = (name: string, value: string): string =>
    `Content-Disposition: form-data; name="${name}"\r\n\r\n${value}`;
  const file = `Content-Disposition: form-data; name="file"; filename="a.jpg"\r\nContent-Type: image/jpeg\r\n\r\n`;
  const TYPE = 'multipart/form-data; boundary=x-1';

  it.each([1, 7, 64 * 1024])(
    'has the fields of a form with files, in pieces of %i, and not the files',
    async (size) => {
      const bytes = Buffer.alloc(size === 1 ? 1_000 : 3 * MIB, 'é\r\n--x').toString('latin1');
      const json = JSON.stringify({ type: 'Message', text: 'São 100 % & mais\r\n--x' });
      const body = multipart(
        field('instanceName', 'shop-1'),
        file + bytes,
        field('empty', ''),
        field('jsonData', json),
      );
      const fields = new URLSearchParams((await webhookText(inPieces(body, size), TYPE)) ?? '');
      expect(Object.fromEntries(fields)).toEqual({ instanceName: 'shop-1', empty: '', jsonData: json });
      expect([webhookType(TYPE), webhookType('application/json')]).toEqual([
        'application/x-www-form-urlencoded',
        'application/json',
      ]);
    },
  );

  it.each([
    ['breaks off within a file', `--x-1\r\n${field('a', 'b')}\r\n--x-1\r\n${file}abc`, 'a=b'],
    ['has a head that is too long', `--x-1\r\n${'x'.repeat(9_000)}\r\n${field('a', 'b')}\r\n--x-1--`, ''],
    ['holds nothing', '--x-1--\r\n', ''],
    ['goes on after its end', `--x-1\r\n${field('a', 'b')}\r\n--x-1--\r\n${field('c', 'd')}\r\n`, 'a=b'],
    ['has another boundary', `--y\r\n${field('a', 'b')}\r\n--y--`, ''],
  ])('of a form that %s is what was there', async (_, body, text) => {
    expect(await webhookText(inPieces(body), TYPE)).toBe(text);
  });

  it('stops reading a form whose head never ends', async () => {
    let read = 0;
    async function* counted(): AsyncGenerator<Uint8Array> {
      for await (const piece of inPieces(`--x-1\r\n${'x'.repeat(MIB)}`, 1_000)) {
        read += piece.length;
        yield piece;
      }
    }
    expect(await webhookText(counted(), TYPE)).toBe('');
    expect(read).toBeLessThan(10_000);
  });

  it('counts the files as well', async () => {
    const body = multipart(file + 'x'.repeat(33 * MIB), field('a', 'b'));
    expect(await webhookText(inPieces(body), TYPE)).toBeNull();
  });

  it.each([
    ['more than 1 MiB that is no medium', JSON.stringify('so '.repeat(MIB))],
    ['more than 32 MiB', JSON.stringify('x'.repeat(33 * MIB))],
  ])('is none for %s', async (_, body) => {
    expect(await webhookText(inPieces(body))).toBeNull();
  });
});
