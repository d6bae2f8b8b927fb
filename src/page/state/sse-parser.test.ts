import { describe, expect, it } from 'vitest';
import { SseParser } from './sse-parser.ts';

const STREAM = ': ping\n\nevent: hello\ndata: {"a":1}\n\nid: 7\nevent: event\ndata: one\ndata: two\n\ndata:bare\n\n';
const MESSAGES = [
  { event: 'hello', data: '{"a":1}' },
  { event: 'event', data: 'one\ntwo' },
  { event: 'message', data: 'bare' },
];

describe('SseParser', () => {
  it('reads messages, their names and lines, and passes over comments and ids', () => {
    expect(new SseParser().push(STREAM)).toEqual(MESSAGES);
  });

  it.each(['\n', '\r\n', '\r'])('reads the same however the network cuts it, with lines that end in %j', (end) => {
    const text = STREAM.replaceAll('\n', end);
    for (const size of [1, 2, 3, 7]) {
      const parser = new SseParser();
      const chunks = Array.from({ length: Math.ceil(text.length / size) }, (_, i) =>
        text.slice(i * size, (i + 1) * size),
      );
      // The last CR of all might still be followed by its LF.
      const found = [...chunks, ': end\n'].flatMap((chunk) => parser.push(chunk));
      expect(found).toEqual(MESSAGES);
    }
  });

  it('returns no message that has not ended', () => {
    const parser = new SseParser();
    expect(parser.push('event: status\ndata: {')).toEqual([]);
    expect(parser.push('}\n\n')).toEqual([{ event: 'status', data: '{}' }]);
  });

  it('refuses a line without end', () => {
    const parser = new SseParser();
    expect(() => parser.push('x'.repeat(17 * 1024 * 1024))).toThrow(RangeError);
  });
});
