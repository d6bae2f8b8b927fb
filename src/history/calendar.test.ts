import { describe, expect, it } from 'vitest';
import { Calendar } from './calendar.ts';

const hour = (iso: string): number => Math.floor(Date.parse(iso) / 3_600_000);
const day = (date: string): number => Date.parse(date) / 86_400_000;

describe('the days of a time zone', () => {
  it.each([
    ['UTC', '2026-11-30T00:00:00Z', '2026-11-30'],
    ['America/Sao_Paulo', '2026-12-01T02:00:00Z', '2026-11-30'],
    ['America/Sao_Paulo', '2026-12-01T03:00:00Z', '2026-12-01'],
    ['Asia/Tokyo', '2026-11-30T15:00:00Z', '2026-12-01'],
    // Clocks went forward at 01:00 UTC.
    ['Europe/Berlin', '2026-03-29T21:00:00Z', '2026-03-29'],
    ['Europe/Berlin', '2026-03-29T22:00:00Z', '2026-03-30'],
    // Midnight is at 18:30 UTC; that hour begins on the day before.
    ['Asia/Kolkata', '2026-11-30T18:00:00Z', '2026-11-30'],
    ['Asia/Kolkata', '2026-11-30T19:00:00Z', '2026-12-01'],
    ['America/St_Johns', '2026-11-30T03:00:00Z', '2026-11-29'],
    ['America/St_Johns', '2026-11-30T04:00:00Z', '2026-11-30'],
    // At 18:15 UTC.
    ['Asia/Kathmandu', '2026-11-30T18:00:00Z', '2026-11-30'],
    ['Asia/Kathmandu', '2026-11-30T19:00:00Z', '2026-12-01'],
    // Clocks went forward at 04:00 UTC, from midnight to one.
    ['America/Santiago', '2026-09-06T03:00:00Z', '2026-09-05'],
    ['America/Santiago', '2026-09-06T04:00:00Z', '2026-09-06'],
  ])('in %s the hour of %s belongs to %s', (timezone, at, date) => {
    const calendar = new Calendar(timezone);
    expect([calendar.dayOf(hour(at)), calendar.dayOf(hour(at))]).toEqual([day(date), day(date)]);
  });

  it.each([
    ['America/Sao_Paulo', '2026-11-01', 24],
    ['America/New_York', '2026-03-08', 23],
    ['America/New_York', '2026-11-01', 25],
    ['America/St_Johns', '2026-03-08', 23],
    ['America/St_Johns', '2026-11-01', 25],
    ['Asia/Kolkata', '2026-11-01', 24],
    // Its clocks go by half an hour, which is counted to one of two days.
    ['Australia/Lord_Howe', '2026-04-05', 25],
    ['Australia/Lord_Howe', '2026-10-04', 23],
  ])('in %s %s has %d hours', (timezone, date, hours) => {
    const calendar = new Calendar(timezone);
    const around = Array.from({ length: 96 }, (_, index) => (day(date) - 2) * 24 + index);
    const own = around.filter((each) => calendar.dayOf(each) === day(date));
    expect(own).toHaveLength(hours);
    expect(own.at(-1)! - own[0]!).toBe(hours - 1);
  });

  it('names the zone of this machine where none is given', () => {
    expect(new Calendar(null).timezone).toBe(new Intl.DateTimeFormat().resolvedOptions().timeZone);
    expect(() => new Calendar('Nowhere/Else')).toThrow(RangeError);
  });
});
