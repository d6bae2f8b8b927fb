import { describe, expect, it } from 'vitest';
import { HOUR } from '../../core/time.ts';
import { policyMistakes } from './policy-checks.ts';
import { NO_OVERRIDES, PolicyResolver, type PolicyOverrides } from '../resolve-policy.ts';

function firstKeys(overrides: Partial<PolicyOverrides>): (string | undefined)[] {
  const policy = new PolicyResolver().resolve([{ ...NO_OVERRIDES, ...overrides }]);
  return policyMistakes(policy).map(({ keys }) => keys[0]);
}

describe('a policy', () => {
  it('is fine as it is built in', () => {
    expect(firstKeys({})).toEqual([]);
  });

  it('allows a timeout of exactly the interval', () => {
    expect(firstKeys({ probe: { every: 5_000, timeout: 5_000 } })).toEqual([]);
    expect(firstKeys({ probe: { every: 5_000, timeout: 5_001 } })).toEqual(['probe.timeout']);
  });

  it('allows failuresWithin to want every probe that is looked back at, and not one more', () => {
    expect(firstKeys({ probe: { failuresWithin: { failures: 20 } } })).toEqual([]);
    expect(firstKeys({ probe: { failuresWithin: { failures: 21 } } })).toEqual(['probe.failuresWithin.failures']);
    expect(firstKeys({ probe: { failuresWithin: { probes: 9 } } })).toEqual(['probe.failuresWithin.failures']);
  });

  it('allows a grace of exactly one recovery interval', () => {
    expect(firstKeys({ probe: { recoverEvery: 90_000 } })).toEqual([]);
    expect(firstKeys({ probe: { recoverEvery: 90_001 } })).toEqual(['restart.grace']);
  });

  it('needs a window longer than the first cooldowns together', () => {
    const restart = (per: number) => ({ cooldown: 10, backoff: { factor: 2, max: 25 }, budget: { restarts: 4, per } });
    // 10 + 20 + 25 + 25
    expect(firstKeys({ restart: restart(80) })).toEqual(['restart.budget.per']);
    expect(firstKeys({ restart: restart(81) })).toEqual([]);
  });

  it('has a longest cooldown that is not shorter than the first one', () => {
    expect(firstKeys({ restart: { cooldown: 3_600_000, budget: { restarts: 5, per: 18_000_001 } } })).toEqual([]);
    expect(firstKeys({ restart: { cooldown: 3_600_001 } })).toEqual(['restart.backoff.max']);
  });

  it.each<[string, NonNullable<PolicyOverrides['activity']>, (string | undefined)[]]>([
    ['hours that open once an hour', { silentAfter: HOUR, during: '30 8-20 * * 1-6' }, []],
    ['hours that open more often', { silentAfter: HOUR, during: '0,30 8-20 * * *' }, ['activity.during']],
    ['a silence that each probe could end', { silentAfter: 30_000 }, []],
    ['a silence that no probe could notice in time', { silentAfter: 29_999 }, ['activity.silentAfter']],
  ])('judges %s', (_, activity, keys) => {
    expect(firstKeys({ activity })).toEqual(keys);
  });
});
