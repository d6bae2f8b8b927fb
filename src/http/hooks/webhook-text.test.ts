import { randomBytes } from 'node:crypto';
import zlib from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { Unread } from './content-coding.ts';
import { webhookText, webhookType } from './webhook-text.ts';

const MIB = 1024 * 1024;

/** A body that comes in pieces of this size. */
async function* inPieces(content: string | Buffer, size = 64 * 1024): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(content as string);
  for (let at = 0; at < bytes.length; at += size) yield await Promise.resolve(bytes.subarray(at, at + size));
}

const picture = Buffer.alloc(6 * MIB, 0xf7).toString('base64');

/** What of a body can be read, as text. */
async function textOf(...of: Parameters<typeof webhookText>): Promise<string> {
  const text = await webhookText(...of);
  if (typeof text !== 'string') throw new TypeError(text.message);
  return text;
}

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
    const text = await textOf(inPieces(JSON.stringify({ dataType: 'media', data: picture, sessionId: 'shop-1' })));
    expect(JSON.parse(text)).toEqual({ dataType: 'media', data: picture.slice(0, 8_192), sessionId: 'shop-1' });
  });

  it('does so in a form, in which the characters of base64 are escaped', async () => {
    const json = JSON.stringify({ type: 'Message', base64: picture });
    const body = new URLSearchParams({ jsonData: json, instanceName: 'shop-1' }).toString();
    const fields = new URLSearchParams(await textOf(inPieces(body, 65_537)));
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

  // Of text there may be 1 MiB.
  it.each([
    [1, 1_000],
    [7, 1.25 * MIB],
    [64 * 1024, 3 * MIB],
  ])('has the fields of a form with files, in pieces of %i, and not the files', async (size, length) => {
    const bytes = Buffer.alloc(length, 'é\r\n--x').toString('latin1');
    const json = JSON.stringify({ type: 'Message', text: 'São 100 % & mais\r\n--x' });
    const body = multipart(field('instanceName', 'shop-1'), file + bytes, field('empty', ''), field('jsonData', json));
    const fields = new URLSearchParams(await textOf(inPieces(body, size), { type: TYPE }));
    expect(Object.fromEntries(fields)).toEqual({ instanceName: 'shop-1', empty: '', jsonData: json });
    expect([webhookType(TYPE), webhookType('application/json')]).toEqual([
      'application/x-www-form-urlencoded',
      'application/json',
    ]);
  });

  it.each([
    ['breaks off within a file', `--x-1\r\n${field('a', 'b')}\r\n--x-1\r\n${file}abc`, 'a=b'],
    ['has a head that is too long', `--x-1\r\n${'x'.repeat(9_000)}\r\n${field('a', 'b')}\r\n--x-1--`, ''],
    ['holds nothing', '--x-1--\r\n', ''],
    ['goes on after its end', `--x-1\r\n${field('a', 'b')}\r\n--x-1--\r\n${field('c', 'd')}\r\n`, 'a=b'],
    ['has another boundary', `--y\r\n${field('a', 'b')}\r\n--y--`, ''],
  ])('of a form that %s is what was there', async (_, body, text) => {
    expect(await webhookText(inPieces(body), { type: TYPE })).toBe(text);
  });

  it('stops reading a form whose head never ends', async () => {
    let read = 0;
    async function* counted(): AsyncGenerator<Uint8Array> {
      for await (const piece of inPieces(`--x-1\r\n${'x'.repeat(MIB)}`, 1_000)) {
        read += piece.length;
        yield piece;
      }
    }
    expect(await webhookText(counted(), { type: TYPE })).toBe('');
    expect(read).toBeLessThan(10_000);
  });

  it('counts the files as well', async () => {
    const body = multipart(file + 'x'.repeat(33 * MIB), field('a', 'b'));
    expect(await webhookText(inPieces(body), { type: TYPE })).toMatchObject({ status: 413 });
  });

  it.each([
    ['more than 1 MiB that is no medium', JSON.stringify('so '.repeat(MIB))],
    ['more than 32 MiB', JSON.stringify('x'.repeat(33 * MIB))],
  ])('is none for %s', async (_, body) => {
    expect(await webhookText(inPieces(body))).toMatchObject({ status: 413 });
  });
});

const CODED = [
  ['gzip', zlib.gzipSync],
  ['X-GZip', zlib.gzipSync],
  ['deflate', zlib.deflateSync],
  ['deflate', zlib.deflateRawSync],
  ['br', zlib.brotliCompressSync],
  ['identity, gzip', zlib.gzipSync],
] as const;

describe('the text of a compressed webhook', () => {
  const event = JSON.stringify({ instance: 'shop-1', text: 'São 100 % 😀' });

  it.each(CODED)('is what it was before (%s)', async (coding, compress) => {
    for (const size of [1, 7, 64 * 1024]) {
      expect(await webhookText(inPieces(compress(event), size), { coding })).toBe(event);
    }
    const data = randomBytes(64 * 1024).toString('base64');
    const text = await textOf(inPieces(compress(JSON.stringify({ data, sessionId: 'shop-1' }))), { coding });
    expect(JSON.parse(text)).toEqual({ data: data.slice(0, 8_192), sessionId: 'shop-1' });
  });

  it.each(CODED)('is none where it becomes far longer than it is (%s)', async (coding, compress) => {
    const answer = await webhookText(inPieces(compress(Buffer.alloc(4 * MIB, 'x')), 1_000), { coding });
    expect(answer).toBeInstanceOf(Unread);
    expect(answer).toMatchObject({ status: 413, message: 'The body becomes too long when it is decompressed.' });
    expect(await webhookText(inPieces(compress(Buffer.alloc(4 * MIB))), { coding })).toMatchObject({ status: 413 });
  });

  it('is none where it is more than 1 MiB of text afterwards, or more than 32 MiB before', async () => {
    const words = Array.from({ length: 100_000 }, (_, index) => `text ${(index * 7_919) % 99_991}`).join('; ');
    expect(await webhookText(inPieces(zlib.gzipSync(words)), { coding: 'gzip' })).toMatchObject({ status: 413 });
    // Empty members of gzip say nothing, however many there are.
    const empty = zlib.gzipSync('');
    const many = Buffer.alloc(33 * MIB, empty);
    const answer = await webhookText(inPieces(many), { coding: 'gzip' });
    expect(answer).toMatchObject({ status: 413, message: expect.stringContaining('32 MiB') as unknown });
  });

  it.each([
    ['gzip', event],
    ['deflate', ' {"a":1}'],
    ['gzip', '\u{feff}[{"a":1}]'],
    ['utf-8', event],
    ['zstd', '[{"a":1}]'],
    ['br', ''],
    ['gzip', ''],
    ['', event],
  ])('is the body itself where that is not compressed although %s is declared', async (coding, body) => {
    expect(await webhookText(inPieces(body, 1), { coding })).toBe(body);
  });

  it.each([
    ['an unknown coding', 'zstd', Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x04]), 415],
    ['two codings', 'gzip, br', zlib.brotliCompressSync(zlib.gzipSync(event)), 415],
    ['what is no gzip', 'gzip', Buffer.from('instance=shop-1'), 400],
    ['what is no brotli', 'br', Buffer.from(event), 400],
    ['what is no deflate', 'deflate', Buffer.alloc(100, 0xff), 400],
    ['what breaks off', 'gzip', zlib.gzipSync(event).subarray(0, -9), 400],
  ])('is none for %s', async (_, coding, body, status) => {
    expect(await webhookText(inPieces(body, 3), { coding })).toMatchObject({ status });
  });

  it('is none, and leaves nothing open, where its sender goes away', async () => {
    let isOpen = true;
    async function* breaking(): AsyncGenerator<Uint8Array> {
      try {
        yield* inPieces(zlib.gzipSync(event).subarray(0, 20));
        throw new Error('ECONNRESET');
      } finally {
        isOpen = false;
      }
    }
    await expect(webhookText(breaking(), { coding: 'gzip' })).rejects.toThrow('The connection ended within the body.');
    expect(isOpen).toBe(false);
  });

  it.each([
    ['an unknown coding', 'zstd', Buffer.alloc(MIB, 0x28)],
    ['what becomes too long', 'gzip', zlib.gzipSync(Buffer.alloc(100 * MIB))],
  ])('is read no further for %s', async (_, coding, bytes) => {
    let read = 0;
    let left: () => void;
    const isLeft = new Promise<void>((resolve) => (left = resolve));
    async function* counted(): AsyncGenerator<Uint8Array> {
      try {
        for await (const piece of inPieces(bytes, 1_000)) {
          read += piece.length;
          yield piece;
        }
      } finally {
        left();
      }
    }
    expect(await webhookText(counted(), { coding })).not.toBeTypeOf('string');
    await isLeft;
    expect(read).toBeLessThan(50_000);
  });
});
