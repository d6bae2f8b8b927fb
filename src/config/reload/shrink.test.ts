import { expect, it } from 'vitest';
import type { Config } from '../config.ts';
import { shrinkage } from './shrink.ts';

const PATTERN = 'fleet.d/*.csv';

/** What there is to say of a config here. */
function configOf(instances: number, more: Partial<Config> = {}, enabled = instances): Config {
  const list = Array.from({ length: instances }, (_, index) => ({
    ...{ account: 'acme', phoneNumberId: String(index), enabled: index < enabled },
  }));
  const includes = [{ folder: '.', pattern: PATTERN }];
  return { files: [], includes, instances: list, missingFolders: [], allowShrink: false, ...more } as unknown as Config;
}

const fleetOf = (size: number) =>
  Array.from({ length: size }, (_, index) => ({
    ...{ account: { name: 'acme' }, phoneNumberId: String(index), isWatched: true },
  }));

it.each([
  ['more than half of ten is gone', 10, configOf(4), /6 of the 10 instances/],
  ['more than half of ten is disabled', 10, configOf(10, {}, 4), /6 of the 10 instances/],
  ['some are gone and others disabled', 10, configOf(8, {}, 4), /6 of the 10 instances/],
  ['half of ten is disabled', 10, configOf(10, {}, 5), null],
  ['half of ten is gone', 10, configOf(5), null],
  ['most of nine are gone', 9, configOf(1), null],
  ['as many come as go', 10, configOf(10, { instances: [] }), /10 of the 10/],
  ['it is allowed', 10, configOf(0, { allowShrink: true }), null],
  ['it grows', 10, configOf(1000), null],
  [
    'a folder of a pattern is gone',
    2,
    configOf(1, { missingFolders: [PATTERN] }),
    /the folder of fleet\.d.* no longer/,
  ],
  ['a folder may go', 2, configOf(1, { missingFolders: [PATTERN], allowShrink: true }), null],
])('when %s', (_, size, next, problem) => {
  const found = shrinkage(fleetOf(size), configOf(size), next)?.message ?? null;
  if (problem === null) expect(found).toBe(null);
  else expect(found).toMatch(problem);
});

it('a folder that was not there, or belongs to a new pattern, is not missed', () => {
  const next = configOf(1, { missingFolders: [PATTERN] });
  expect(shrinkage([], configOf(1, { missingFolders: [PATTERN] }), next)).toBe(null);
  expect(shrinkage([], configOf(1, { includes: [] }), next)).toBe(null);
});

it('what was disabled before is no loss', () => {
  const fleet = fleetOf(10).map((member, index) => ({ ...member, isWatched: index < 5 }));
  expect(shrinkage(fleet, configOf(10), configOf(10, {}, 0))).toBe(null);
  expect(shrinkage(fleet, configOf(10), configOf(4))?.message).toMatch(/6 of the 10/);
});
