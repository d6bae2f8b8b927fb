import { describe, expect, it } from 'vitest';
import { probeDelay } from '../../src/core/instance/cadence.ts';
import { decide, judge } from '../../src/core/instance/decide.ts';
import { volume } from '../volume.ts';
import { worstRun } from './random-runs.ts';

/** `SEED=n` draws other runs; the same seed always gives the same ones. */
const seed = Number(process.env['SEED'] ?? 2026);
const runs = volume(500, 10_000);

describe('every rule of the core', () => {
  it(`holds in ${runs} random runs`, { timeout: 240_000 }, () => {
    expect(worstRun({ decide, judge, probeDelay }, { runs, seed })).toBeNull();
  });
});
