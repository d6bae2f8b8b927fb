import { describe, expect, it } from 'vitest';
import { Account } from '../../src/runtime/fleet/account.ts';
import { RequestLimiter } from '../../src/runtime/fleet/request-limiter.ts';
import { Watchdog } from '../../src/runtime/watchdog.ts';
import { volume } from '../volume.ts';
import { simulate } from './day.ts';

const SEEDS = Array.from({ length: volume(1, 200) }, (_, index) => index + 1);

describe('the watchdog breaks no rule', () => {
  it.each(SEEDS)('on the simulated day of seed %i', { timeout: 120_000 }, async (seed) => {
    const product = { Watchdog, Account, RequestLimiter };
    const { failure, probes } = await simulate(product, { seed, days: 1, instances: 30 });
    expect(failure ?? 'every rule held').toBe('every rule held');
    expect(probes).toBeGreaterThan(0);
  });
});
