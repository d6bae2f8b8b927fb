import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ParsedCron } from '../../core/schedule/cron.ts';
import { isTimezone, parseCron, shortestGap } from './cron.ts';

function cronOf(expression: string): ParsedCron {
  const reading = parseCron(expression, 'UTC');
  if ('mistake' in reading) throw new Error(reading.mistake);
  return reading.cron;
}

describe('a cron expression', () => {
  it('has five fields, or six with the seconds first', () => {
    expect(cronOf('*/15 9 1,L * MON-FRI')).toMatchObject({
      timezone: 'UTC',
      seconds: [0],
      minutes: [0, 15, 30, 45],
      hours: [9],
      daysOfMonth: [1, 'L'],
      daysOfWeek: [1, 2, 3, 4, 5],
    });
    expect(cronOf('*/30 * * * * *').seconds).toEqual([0, 30]);
  });

  it('may be a nickname', () => {
    expect(cronOf('@daily')).toMatchObject({ hours: [0], minutes: [0], seconds: [0] });
  });

  it('lists the values of a field once each and ascending, also where a range wraps around', () => {
    expect(cronOf('0 22-2,23 * * 5-1,7')).toMatchObject({ hours: [0, 1, 2, 22, 23], daysOfWeek: [0, 1, 5, 6] });
  });

  it.each([
    ['61 * * * *', 'is not a cron expression: 61 is an invalid expression for minute'],
    ['1 2 3', 'is not a cron expression: expected 5 or 6 fields but got 3'],
    ['', 'is not a cron expression: pattern includes illegal characters'],
    ['@reboot', 'is not a cron expression: pattern includes illegal characters'],
    ['*/90 * * * * *', 'has the step /90, larger than its field, second (60)'],
    ['*/90 * * * *', 'has the step /90, larger than its field, minute (60)'],
    ['0 0,5-23/25 * * *', 'has the step /25, larger than its field, hour (24)'],
    ['0 0 L-3 * *', 'days counted back from the end of a month are not supported'],
  ])('is not %j', (expression, mistake) => {
    expect(parseCron(expression, 'UTC')).toMatchObject({ mistake });
  });

  it.each(['0 0 30 2 *', '0 0 31 4,6,9,11 *', '0 0 1 * 1#5', '0 0 31 2-2 *', '0 0 20 * 5L', '0 0 30W 2 *'])(
    'is refused if it never fires: %s',
    (expression) => {
      expect(parseCron(expression, 'UTC')).toMatchObject({ mistake: 'never fires: no year has such a day' });
    },
  );

  it.each(['0 0 29 2 *', '0 0 29 2 1#5', '0 0 31 * *', '0 0 30 1-3 *'])('fires, if seldom: %s', (expression) => {
    expect(parseCron(expression, 'UTC')).toHaveProperty('cron');
  });
});

describe('a time zone', () => {
  it('is one that this machine knows', () => {
    expect(['UTC', 'America/Sao_Paulo', 'Europe/Vienna'].every(isTimezone)).toBe(true);
    expect(['', 'Mars/Olympus', 'America/Sao Paulo'].some(isTimezone)).toBe(false);
  });
});

describe('the shortest gap of a cron expression', () => {
  it.each([
    ['* * * * * *', 1],
    ['*/30 * * * * *', 30],
    ['* * * * *', 60],
    ['0 * * * *', 3600],
    ['0 0 * * *', 86_400],
    ['0,50 * * * * *', 10],
    ['59,0 * * * *', 60],
    ['0 23,0 * * *', 3600],
    ['10 0 0,12 * * *', 43_200],
  ])('of %s is %d s', (expression, seconds) => {
    expect(shortestGap(cronOf(expression))).toBe(seconds * 1000);
  });

  it('is never longer than any gap that occurs', () => {
    const values = (max: number) => fc.uniqueArray(fc.integer({ min: 0, max }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(values(59), values(59), values(23), (seconds, minutes, hours) => {
        const cron = cronOf(`${seconds.join(',')} ${minutes.join(',')} ${hours.join(',')} * * *`);
        const ofDay = cron.hours.flatMap((hour) =>
          cron.minutes.flatMap((minute) => cron.seconds.map((second) => (hour * 60 + minute) * 60 + second)),
        );
        const twoDays = [...ofDay, ...ofDay.map((second) => second + 86_400)];
        const gaps = twoDays.slice(1).map((second, index) => second - twoDays[index]!);
        expect(shortestGap(cron)).toBe(Math.min(...gaps) * 1000);
      }),
    );
  });
});
