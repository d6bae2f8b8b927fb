import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EVERY_CAUSE } from '../core/verdict.ts';
import { EMPTY, recorded, type Bucket } from './bucket.ts';
import { decodeHistory, encodeHistory, historyOf } from './history-record.ts';
import { NO_HISTORY, type InstanceHistory } from './instance-history.ts';
import { fromFloat12, PackedWriter, toFloat12 } from './packed-bits.ts';

/** Three hours and a day, as they were written before the time zone of days could be chosen. */
const VERSION_1 = '7cf8757701692a4c980c0c0402e1002000';
const AT = 1_764_400_000_000;
const whole = (seconds: number, bucket: Partial<Bucket> = {}): Bucket => {
  const rest = { ...EMPTY, ...bucket };
  return { ...rest, healthy: seconds - recorded(rest) };
};

const probes = EVERY_CAUSE.map((cause, index) => ({ at: AT + index * 30_000, cause, seconds: index / 100 }));

function history(changes: Partial<InstanceHistory>): InstanceHistory {
  return { ...NO_HISTORY, until: AT / 1_000, left: false, ...changes };
}

describe('the stored form of a history', () => {
  it('gives back what was written', () => {
    const hours = [
      whole(3_600),
      whole(3_600, { failing: 3_599, restarts: 3, healings: 2, healSeconds: 95, latency: 120 }),
      { ...EMPTY, healthy: 17, paused: 4 },
      EMPTY,
    ];
    const days = [whole(86_400, { unknown: 86_016 }), whole(86_400, { needsHuman: 500, latency: 33 })];
    const written = history({ hours, open: 3, days, lastDay: 20_421, probes, left: true });
    expect(decodeHistory(encodeHistory(written))).toEqual(written);
  });

  it('knows a number for every cause, each another one', () => {
    const found = decodeHistory(encodeHistory(history({ probes })))?.probes;
    expect(found?.map(({ cause }) => cause)).toEqual(EVERY_CAUSE);
  });

  it('takes 500 bytes for ninety quiet days, and at most 1.5 KiB for the worst', () => {
    const steady = Array.from({ length: 60 }, (_, index) => ({ ...probes[0]!, at: AT + index * 30_000 }));
    const days = Array<Bucket>(89).fill(whole(86_400, { latency: 87 }));
    const quiet = history({
      hours: Array<Bucket>(25).fill(whole(3_600, { latency: 87 })),
      open: 25,
      lastDay: 20_421,
      days,
      probes: steady,
    });
    expect(encodeHistory(quiet).length).toBeLessThan(500);
    const bad = {
      failing: 901,
      needsHuman: 701,
      unknown: 601,
      paused: 55,
      restarts: 60,
      healings: 50,
      healSeconds: 999,
      latency: 9_999,
    };
    const restless = Array.from({ length: 60 }, (_, index) => ({ ...probes[0]!, at: AT + index * index * 1_000 }));
    const sizes = [(seconds: number) => whole(seconds, bad), () => ({ ...EMPTY, healthy: 1, ...bad })].map(
      (bucketOf) => {
        const hours = Array<Bucket>(25).fill(bucketOf(3_600));
        const bytes = encodeHistory(
          history({ hours, days: Array<Bucket>(89).fill(bucketOf(86_400)), probes: restless }),
        );
        const { days, probes: kept } = historyOf(bytes);
        return { fits: bytes.length <= 1_450, days: days.length, probes: kept.length };
      },
    );
    expect(sizes).toEqual([
      { fits: true, days: 89, probes: expect.toSatisfy((count: number) => count >= 30) as number },
      {
        fits: true,
        days: expect.toSatisfy((count: number) => count > 75) as number,
        probes: expect.any(Number) as number,
      },
    ]);
  });

  it('reads version 1, whose days were those of UTC', () => {
    const bytes = Buffer.from(VERSION_1, 'hex');
    const { hours, days, ...others } = historyOf(bytes);
    expect(others).toEqual({ until: 1_764_379_800, left: false, open: 2, lastDay: 20_420, probes: [] });
    expect([hours, days].map((buckets) => buckets.map(recorded))).toEqual([[3_600, 3_600, 1_800], [86_400]]);
  });

  it('reads a young one of version 1, which has fewer hours than its day', () => {
    const writer = new PackedWriter(16);
    writer.bits(1, 8);
    writer.bits(1_764_379_800 + 10 * 3_600, 32);
    writer.flag(false);
    writer.bits(0, 5 + 7);
    const packed = writer.finish();
    const bytes = new Uint8Array(4 + packed.length);
    new DataView(bytes.buffer).setUint32(0, crc32(packed));
    bytes.set(packed, 4);
    expect(decodeHistory(bytes)).toMatchObject({ hours: [], open: 0, days: [], lastDay: 0 });
  });

  it('takes damage, and a newer version, for no history', () => {
    const bytes = encodeHistory(history({ hours: [whole(3_600)], probes }));
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (place, change) => {
        const damaged = bytes.map((byte, index) => (index === place ? byte ^ change : byte));
        expect(historyOf(damaged)).toBe(NO_HISTORY);
      }),
      { numRuns: 50 },
    );
    for (const length of [0, 3, 4, 5, bytes.length - 1]) expect(historyOf(bytes.slice(0, length))).toBe(NO_HISTORY);
    expect(historyOf(null)).toBe(NO_HISTORY);
  });

  it.each([0, 1, 511, 512, 1_023, 3_601, 86_400, 8_372_224])('keeps the number %i within 0.2 %%', (value) => {
    expect(Math.abs(fromFloat12(toFloat12(value)) - value)).toBeLessThanOrEqual(value < 512 ? 0 : value * 0.002);
  });
});
