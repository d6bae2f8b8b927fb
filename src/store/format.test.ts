import { describe, expect, it } from 'vitest';
import { FORMAT_VERSION, UPGRADES, upgraded } from './format.ts';

const upgrades = new Map([
  [1, (state: unknown) => `${String(state)} then 2`],
  [2, (state: unknown) => `${String(state)} then 3`],
]);

describe('the upgrade of an older record', () => {
  it('takes every step between the two versions, in order', () => {
    expect(upgraded('from 1', 1, 3, upgrades)).toBe('from 1 then 2 then 3');
    expect(upgraded('from 2', 2, 3, upgrades)).toBe('from 2 then 3');
  });

  it('leaves a record of the current version alone', () => {
    expect(upgraded('from 3', 3, 3, upgrades)).toBe('from 3');
  });

  it('fails rather than skips when a step is missing', () => {
    expect(() => upgraded('from 1', 1, 4, upgrades)).toThrow('no step leads from format 3 to 4');
  });

  it('is known for every version that was ever written', () => {
    const older = Array.from({ length: FORMAT_VERSION - 1 }, (_, index) => index + 1);
    expect([...UPGRADES.keys()].sort((a, b) => a - b)).toEqual(older);
  });
});
