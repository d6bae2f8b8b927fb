import { expect, test } from 'vitest';
import { isoTime, isoTimeOrNull } from './iso-time.ts';

test('a time is written in UTC, to the millisecond', () => {
  expect(isoTime(Date.UTC(2026, 10, 22, 19, 0, 0, 7))).toBe('2026-11-22T19:00:00.007Z');
});

test('fractions of a millisecond are cut', () => {
  expect(isoTime(1.9)).toBe('1970-01-01T00:00:00.001Z');
});

test('a missing time is null', () => {
  expect(isoTimeOrNull(null)).toBeNull();
  expect(isoTimeOrNull(0)).toBe('1970-01-01T00:00:00.000Z');
});
