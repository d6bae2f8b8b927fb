import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isoTime, isoTimeOrNull } from './iso-time.ts';

test('a time is written in UTC, to the millisecond', () => {
  expect(isoTime(Date.UTC(2026, 10, 22, 19, 0, 0, 7))).toBe('2026-11-22T19:00:00.007Z');
  expect(isoTime(0)).toBe('1970-01-01T00:00:00.000Z');
  expect(isoTime(Date.UTC(2028, 1, 29, 23, 59, 59, 999))).toBe('2028-02-29T23:59:59.999Z');
});

test('a time before 1970 is written as well as one after', () => {
  expect(isoTime(-1)).toBe('1969-12-31T23:59:59.999Z');
});

test('fractions of a millisecond are cut', () => {
  expect(isoTime(1.9)).toBe('1970-01-01T00:00:00.001Z');
});

test('no time is null', () => {
  expect(isoTimeOrNull(null)).toBeNull();
  expect(isoTimeOrNull(0)).toBe('1970-01-01T00:00:00.000Z');
});

test('every time of the years 0 to 9999 is written as the platform writes it', () => {
  const years0To9999 = fc.integer({ min: Date.parse('0000-01-01T00:00:00Z'), max: Date.parse('9999-12-31T23:59:59Z') });
  fc.assert(fc.property(years0To9999, (at) => expect(isoTime(at)).toBe(new Date(at).toISOString())));
});
