import { describe, expect, it } from 'vitest';
import { webhookText } from './webhook-text.ts';

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

  it.each([
    ['more than 1 MiB that is no medium', JSON.stringify('so '.repeat(MIB))],
    ['more than 32 MiB', JSON.stringify('x'.repeat(33 * MIB))],
  ])('is none for %s', async (_, body) => {
    expect(await webhookText(inPieces(body))).toBeNull();
  });
});
