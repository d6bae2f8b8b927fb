import { describe, expect, it } from 'vitest';
import * as group from '../../src/core/group/group-step.ts';
import { probeDelay } from '../../src/core/instance/cadence.ts';
import { decide } from '../../src/core/instance/decide.ts';
import { judge } from '../../src/core/instance/on-probe.ts';
import { volume } from '../volume.ts';
import { worstGroup } from './random-groups.ts';
import { worstRun } from './random-runs.ts';

/** `SEED=n` draws other runs; the same seed always gives the same ones. */
const seed = Number(process.env['SEED'] ?? 2026);
const runs = volume(200, 10_000);

describe('every rule of the core', () => {
  it(`holds in ${runs} random runs`, { timeout: 900_000 }, () => {
    expect(worstRun({ decide, judge, probeDelay }, { runs, seed })).toBeNull();
  });

  it(`holds in ${runs} random groups`, { timeout: 900_000 }, () => {
    expect(worstGroup(group, { runs, seed })).toBeNull();
  });
});
