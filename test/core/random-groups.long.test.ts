import { describe, expect, it } from 'vitest';
import * as core from '../../src/core/group/group-step.ts';
import { volume } from '../volume.ts';
import { worstGroup } from './random-groups.ts';

/** `SEED=n` draws other groups; the same seed always gives the same ones. */
const seed = Number(process.env['SEED'] ?? 2026);
const runs = volume(200, 5_000);

describe('every rule of a group', () => {
  it(`holds in ${runs} random groups`, { timeout: 240_000 }, () => {
    expect(worstGroup(core, { runs, seed })).toBeNull();
  });
});
