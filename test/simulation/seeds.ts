import { expect, it } from 'vitest';
import { RequestLimiter } from '../../src/runtime/fleet/request-limiter.ts';
import { RestartLimiter } from '../../src/runtime/fleet/restart-limiter.ts';
import { Watchdog } from '../../src/runtime/watchdog.ts';
import { simulate } from './day.ts';

/** The seeds are spread over several files, because test files run side by side and tests in one file do not. */
const SEEDS_PER_FILE = 50;

/** Declares one test per seed: a simulated day of 30 instances in which no rule may break. */
export function itHoldsEveryRule(file: number): void {
  const seeds = Array.from({ length: SEEDS_PER_FILE }, (_, index) => file * SEEDS_PER_FILE + index + 1);
  it.each(seeds)('on the day of seed %i', { timeout: 120_000 }, async (seed) => {
    const { failure, probes } = await simulate(
      { Watchdog: Watchdog, RequestLimiter: RequestLimiter, RestartLimiter: RestartLimiter },
      { seed, days: 1, instances: 30 },
    );
    expect(failure ?? 'every rule held').toBe('every rule held');
    expect(probes).toBeGreaterThan(0);
  });
}
