import { parseCron } from '../../src/config/values/cron.ts';
import type { ParsedCron } from '../../src/core/schedule/cron.ts';
import type { Policy } from '../../src/core/policy.ts';
import { DAY, HOUR, MINUTE, SECOND, type DurationMs } from '../../src/core/time.ts';
import type { GuardSettings, MaintenanceWindow } from '../../src/core/settings.ts';
import type { Chance } from '../../src/simulation/chance.ts';
import type { AccountLimits } from './account-book.ts';

/** The accounts of a simulated fleet. */
export const ACCOUNTS = ['acme', 'beta'] as const;
/** A schedule in the simulation fires on the hour, and so often, from an hour of the day on. */
export const FIRES_EVERY: DurationMs = 6 * HOUR;
/** One address that answers while our own network is up. */
export const TARGET = 'tcp://reference:53';

export interface FleetPlan {
  readonly policies: ReadonlyMap<string, Policy>;
  readonly limits: ReadonlyMap<string, AccountLimits>;
  readonly guards: GuardSettings;
  /** All accounts are on one gateway, and so one group as well. */
  readonly shared: boolean;
  /** The maintenance window, in words that need no calendar. */
  readonly window: { readonly account: string; readonly hour: number; readonly duration: DurationMs } | null;
}

/** Draws what somebody could have written into a config: one policy per account, limits and guards. */
export function drawPlan(chance: Chance): FleetPlan {
  const limits = new Map(ACCOUNTS.map((name) => [name, drawLimits(chance)]));
  const window = chance.happens(0.5)
    ? { account: chance.pick(ACCOUNTS), hour: chance.whole(0, 23), duration: chance.whole(20, 120) * MINUTE }
    : null;
  return {
    policies: new Map(ACCOUNTS.map((name) => [name, drawPolicy(chance)])),
    limits,
    shared: chance.happens(0.25),
    window,
    guards: {
      guard: {
        maxUnhealthy: { type: 'percent', percent: chance.pick([25, 40, 60, 100]) },
        alwaysAllow: chance.whole(1, 3),
        stormCooldown: chance.pick([0, 2, 5]) * MINUTE,
        startup: chance.pick([0, 30, 120]) * SECOND,
        maxHarmed: chance.whole(1, 3),
        deadAfter: chance.pick([30, 60, 120]) * MINUTE,
        blindAfter: chance.pick([5, 10, 30]) * MINUTE,
        perGateway: { requestsPerSecond: null, concurrency: null, ...drawLimits(chance) },
      },
      connectivity: {
        targets: chance.happens(0.7) ? [TARGET] : [],
        quorum: 1,
        every: 30 * SECOND,
        timeout: 5 * SECOND,
      },
      maintenance: window === null ? [] : [maintenance(window)],
      dryRun: chance.happens(0.1),
    },
  };
}

function maintenance({ account, hour, duration }: NonNullable<FleetPlan['window']>): MaintenanceWindow {
  return { name: 'works', cron: daily(hour), duration, accounts: [account], instances: [] };
}

export function drawLimits(chance: Chance): AccountLimits {
  return { concurrentRestarts: chance.whole(1, 4), restartsPerMinute: chance.pick([2, 6, 20]) };
}

function drawPolicy(chance: Chance): Policy {
  const minutes = (low: number, high: number): DurationMs => chance.whole(low, high) * MINUTE;
  const seconds = (...choices: readonly number[]): DurationMs => chance.pick(choices) * SECOND;
  const cooldown = chance.pick([1, 5, 10]) * MINUTE;
  const every = minutes(2, 8);
  return {
    probe: {
      // Drawn by nothing of its own, so that the days of all seeds stay as they are.
      bulk: every % (3 * MINUTE) === 0,
      cadence: { type: 'every', every },
      retryEvery: seconds(20, 30, 60),
      recoverEvery: seconds(5, 10),
      timeout: seconds(5, 10),
      failureThreshold: chance.whole(1, 4),
      successThreshold: chance.whole(1, 3),
      connectingGrace: minutes(1, 3),
      pairingGrace: minutes(5, 10),
      failuresWithin: { failures: chance.whole(6, 10), probes: chance.whole(10, 20) },
    },
    restart: {
      escalate: null,
      enabled: true,
      grace: seconds(45, 90, 120),
      cooldown,
      backoff: { factor: chance.pick([1, 2]), max: Math.max(cooldown, minutes(10, 40)), jitter: chance.pick([0, 0.2]) },
      stableFor: minutes(10, 30),
      budget: { restarts: chance.whole(2, 6), per: chance.whole(1, 4) * HOUR },
      timeout: seconds(10, 30),
      retries: 2,
      schedule: chance.happens(0.3) ? fourTimes(chance.whole(0, 23)) : null,
    },
    activity: { silentAfter: null, during: null, restart: false, echo: null },
  };
}

/** What somebody could have changed in a policy. What an outage has been judged by so far stays as it is. */
export function redrawn(policy: Policy, chance: Chance): Policy {
  const fresh = drawPolicy(chance);
  const { restarts } = fresh.restart.budget;
  const { cooldown, backoff, grace, timeout } = fresh.restart;
  const { cadence, retryEvery, recoverEvery } = fresh.probe;
  const budget = { ...policy.restart.budget, restarts };
  return {
    probe: { ...policy.probe, cadence, retryEvery, recoverEvery },
    restart: { ...policy.restart, cooldown, backoff, grace, timeout, budget },
    activity: policy.activity,
  };
}

/** Every six hours of the day, UTC, of which this is one. */
function fourTimes(hour: number): ParsedCron {
  const hours = Array.from({ length: DAY / FIRES_EVERY }, (_, index) => (hour % 6) + index * (FIRES_EVERY / HOUR));
  return at(hours.join(','));
}

/** Every day at this hour, UTC. */
function daily(hour: number): ParsedCron {
  return at(String(hour));
}

function at(hours: string): ParsedCron {
  const reading = parseCron(`0 ${hours} * * *`, 'UTC');
  if (!('cron' in reading)) throw new Error(reading.mistake);
  return reading.cron;
}
