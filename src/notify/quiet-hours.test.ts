import { expect, it } from 'vitest';
import { HOUR, MINUTE, SECOND } from '../core/time.ts';
import { quietFor } from './quiet-hours.ts';

const night = { from: 22 * 60, to: 7 * 60, severities: [] };
const lunch = { from: 12 * 60, to: 13 * 60 + 30, severities: [] };

it.each([
  ['22:00:00', night, 9 * HOUR],
  ['21:59:59', night, null],
  ['06:59:30', night, 30 * SECOND],
  ['07:00:00', night, null],
  ['12:15:00', lunch, HOUR + 15 * MINUTE],
  ['13:30:00', lunch, null],
])('at %s in São Paulo they last', (time, hours, lasts) => {
  expect(quietFor(hours, 'America/Sao_Paulo', Date.parse(`2026-11-29T${time}-03:00`))).toBe(lasts);
});
