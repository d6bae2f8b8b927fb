import { describe, expect, it } from 'vitest';
import { HeadMender } from './head-mender.ts';

const BODY = '{"state":"open"}';

/** What the parser gets of this text, which comes in pieces of this length. */
function mended(text: string, length = text.length): string {
  const mender = new HeadMender();
  let out = '';
  for (let at = 0; at < text.length; at += length) {
    out += mender.next(Buffer.from(text.slice(at, at + length), 'latin1')).toString('latin1');
  }
  return out;
}

const head = (...lines: string[]): string => ['HTTP/1.1 200 OK', ...lines, '', BODY].join('\r\n');
const UNASKED = 'HTTP/1.1 102 Processing\r\n\r\n';
const PLAIN = head('a: b', 'content-length: 16');

describe('the head of an answer', () => {
  it.each([
    ['is as it was', PLAIN, PLAIN],
    [
      'loses what comes before it unasked',
      `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\na: b\r\n\r\n${PLAIN}`,
      PLAIN,
    ],
    ['loses as many as 32 of those', UNASKED.repeat(32) + PLAIN, PLAIN],
    ['is that of the 33rd, which the parser refuses', UNASKED.repeat(34) + PLAIN, UNASKED.repeat(2) + PLAIN],
    ['has one length, of several that are equal', head('Content-Length: 16', 'a: b', 'content-length:16, 16'), PLAIN],
    ['keeps lengths that differ', head('content-length: 16', 'content-length: 7'), null],
    [
      'has no length beside chunks',
      head('Content-Length: 9', 'Transfer-Encoding: gzip, Chunked'),
      head('Transfer-Encoding: gzip, Chunked'),
    ],
    [
      'has a length alone beside a coding without chunks',
      head('a: b', 'transfer-encoding: identity', 'content-length: 16'),
      PLAIN,
    ],
    ['ends its lines as it should', PLAIN.replaceAll('\r\n', '\n'), PLAIN],
    ['is left alone where it is none', 'SSH-2.0-OpenSSH_9.2\r\n', null],
    ['is left alone where it is too long', `HTTP/1.1 200 OK\r\n${'a: b\r\n'.repeat(4_000)}`, null],
  ])('%s', (_what, text, expected) => {
    expect(mended(text)).toBe(expected ?? text);
    expect(mended(text, 3)).toBe(expected ?? text);
  });
});
