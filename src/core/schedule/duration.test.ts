import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatDuration, LONGEST_DURATION, parseDuration } from './duration.ts';

describe('a duration', () => {
  it.each([
    ['500ms', 500],
    ['30s', 30_000],
    ['5m', 300_000],
    ['1h30m', 5_400_000],
    ['7d', 604_800_000],
    ['1d2h3m4s5ms', 93_784_005],
    ['90s', 90_000],
    ['0s', 0],
  ])('%s is %d ms', (text, expected) => expect(parseDuration(text)).toBe(expected));

  it.each(['', '5', 's', '5 s', ' 5s', '5s ', '-5s', '+5s', '1.5h', '30s5m', '5m5m', '1H', '1w', '5sec', '5s\n', '٣s'])(
    'is not %j',
    (text) => expect(parseDuration(text)).toBeNull(),
  );

  it('has an upper bound, beyond which times would lose their milliseconds', () => {
    expect(parseDuration('36500d')).toBe(LONGEST_DURATION);
    expect(parseDuration('36500d1ms')).toBeNull();
    expect(parseDuration(`${'9'.repeat(400)}d`)).toBeNull();
  });

  it('is read back as it was written', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: LONGEST_DURATION }), (duration) => {
        expect(parseDuration(formatDuration(duration))).toBe(duration);
      }),
    );
  });

  it('is written in the largest units that fit', () => {
    expect(formatDuration(5_400_000)).toBe('1h30m');
    expect(formatDuration(0)).toBe('0s');
    expect(formatDuration(61_001)).toBe('1m1s1ms');
  });
});
