import { describe, expect, it } from 'vitest';
import { HOLDS, PHASES } from '../../core/instance/instance.ts';
import { ago, count, HOLD_WORDS, SHOWN_PHASES, spell, spellLatency, until } from './words.ts';

const NOW = Date.parse('2026-01-02T03:04:05.000Z');

describe('words for people', () => {
  it.each([
    [-5, '0 s'],
    [0.9, '0 s'],
    [59.9, '59 s'],
    [60, '1 min'],
    [185, '3 min 5 s'],
    [3_600, '1 h'],
    [3_661, '1 h 1 min'],
    [187_261, '2 d 4 h'],
  ])('spells %d seconds as %s', (seconds, words) => expect(spell(seconds)).toBe(words));

  it.each([
    [0.0124, '12 ms'],
    [0.9991, '999 ms'],
    [1.236, '1.24 s'],
  ])('spells a latency of %d s as %s', (seconds, words) => expect(spellLatency(seconds)).toBe(words));

  it('shows how long ago and how long until', () => {
    expect(ago('2026-01-02T03:03:05.000Z', NOW)).toBe('1 min ago');
    expect(until('2026-01-02T03:04:35.000Z', NOW)).toBe('in 30 s');
    expect(until('2026-01-02T03:04:05.000Z', NOW)).toBe('due now');
  });

  it('counts', () => {
    expect([count(1, 'instance'), count(0, 'instance'), count(10_000, 'instance')]).toEqual([
      '1 instance',
      '0 instances',
      '10,000 instances',
    ]);
  });

  it('has words for every phase and hold that there is', () => {
    expect(new Set(SHOWN_PHASES)).toEqual(new Set([...PHASES, 'disabled']));
    expect(Object.keys(HOLD_WORDS).sort()).toEqual([...HOLDS].sort());
  });
});
