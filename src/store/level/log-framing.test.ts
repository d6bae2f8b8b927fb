import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { impossibleHeader } from './log-framing.ts';

function header(length: number, type: number): Buffer {
  return Buffer.from([1, 2, 3, 4, length & 0xff, length >> 8, type]);
}

function record(length: number, type = 1): Buffer {
  return Buffer.concat([header(length, type), Buffer.alloc(length, 0xee)]);
}

describe('the framing of a LevelDB log', () => {
  it('is possible for records that follow each other', () => {
    expect(impossibleHeader(Buffer.alloc(0))).toBeNull();
    expect(impossibleHeader(Buffer.concat([record(0), record(300), record(5, 4)]))).toBeNull();
  });

  it('is possible for a record that was cut off at any place', () => {
    const log = Buffer.concat([record(20), record(300)]);
    for (let length = 0; length < log.length; length += 1) {
      expect(impossibleHeader(log.subarray(0, length))).toBeNull();
    }
  });

  it('is possible across blocks, trailers included', () => {
    const full = record(32_768 - 7, 2);
    const almostFull = Buffer.concat([record(32_768 - 7 - 6), Buffer.alloc(6)]);
    expect(impossibleHeader(Buffer.concat([full, almostFull, record(1, 4)]))).toBeNull();
  });

  it('is possible where a file system left zeros', () => {
    expect(impossibleHeader(Buffer.concat([record(9), Buffer.alloc(70_000)]))).toBeNull();
  });

  it('is invalid when a type is none of the four', () => {
    expect(impossibleHeader(Buffer.concat([record(9), record(9, 5)]))).toBe(16);
    expect(impossibleHeader(Buffer.concat([record(9), record(9, 0)]))).toBe(16);
  });

  it('is impossible where a record would cross the end of its block, even behind the end of the file', () => {
    expect(impossibleHeader(Buffer.concat([record(9), header(32_768 - 16 - 7 + 1, 1)]))).toBe(16);
    expect(impossibleHeader(Buffer.concat([record(9), header(32_768 - 16 - 7, 1)]))).toBeNull();
  });

  it('is looked at to the end, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2_000 }), (bytes) => {
        const found = impossibleHeader(Buffer.from(bytes));
        expect(found === null || (found >= 0 && found + 7 <= bytes.length)).toBe(true);
      }),
    );
  });
});
