import { parseCron } from '../../src/config/values/cron.ts';
import type { Policy } from '../../src/core/policy.ts';
import type { GuardSettings } from '../../src/core/settings.ts';
import type { ParsedCron } from '../../src/core/schedule/cron.ts';
import { HOUR, MINUTE, SECOND } from '../../src/core/time.ts';

/** A cron expression, which must be right. */
export function cron(expression: string, timezone = 'UTC'): ParsedCron {
  const reading = parseCron(expression, timezone);
  if (!('cron' in reading)) throw new Error(reading.mistake);
  return reading.cron;
}

/** What a test may set; times in seconds. */
export type PolicyOverrides = Partial<{
  every: number;
  retryEvery: number;
  /** Whether lists take the place of regular probes. */
  bulk: boolean;
  threshold: number;
  successes: number;
  connectingGrace: number;
  pairingGrace: number;
  /** Failing probes, and among how many, that make it down. */
  failuresWithin: readonly [number, number];
  enabled: boolean;
  grace: number;
  cooldown: number;
  factor: number;
  max: number;
  jitter: number;
  stableFor: number;
  budget: number;
  per: number;
  /** After how many failed restarts `ops` is asked to restart the gateway. */
  escalateAfter: number;
  /** When it is restarted by plan: a cron expression in UTC, or a whole one. */
  schedule: string | ParsedCron | null;
  /** Silent after this many seconds, or never; in these hours (a cron expression in UTC); and restarted for it. */
  silentAfter: number | null;
  during: string;
  silenceRestart: boolean;
  /** How often, in seconds, it sends a message, and to whom. */
  echo: readonly [number, string];
  /** When it is probed, instead of `every`: a cron expression in UTC. */
  probeAt: string;
}>;

/** The product's default policy, without jitter unless a test asks for it. */
export function testPolicy(set: PolicyOverrides = {}): Policy {
  const seconds = (value: number | undefined, otherwise: number): number => (value ?? otherwise) * SECOND;
  return {
    probe: {
      cadence:
        set.probeAt === undefined
          ? { type: 'every', every: seconds(set.every, 30) }
          : { type: 'cron', cron: cron(set.probeAt) },
      retryEvery: seconds(set.retryEvery, 30),
      recoverEvery: 5 * SECOND,
      bulk: set.bulk ?? false,
      timeout: 10 * SECOND,
      failureThreshold: set.threshold ?? 3,
      successThreshold: set.successes ?? 2,
      connectingGrace: seconds(set.connectingGrace, 300),
      pairingGrace: seconds(set.pairingGrace, 600),
      failuresWithin: { failures: set.failuresWithin?.[0] ?? 10, probes: set.failuresWithin?.[1] ?? 20 },
    },
    restart: {
      escalate: set.escalateAfter === undefined ? null : { after: set.escalateAfter, notify: 'ops' },
      enabled: set.enabled ?? true,
      grace: seconds(set.grace, 90),
      cooldown: seconds(set.cooldown, 300),
      backoff: { factor: set.factor ?? 2, max: seconds(set.max, 3600), jitter: set.jitter ?? 0 },
      stableFor: seconds(set.stableFor, 600),
      budget: { restarts: set.budget ?? 5, per: seconds(set.per, 21_600) },
      timeout: 30 * SECOND,
      retries: 2,
      schedule: typeof set.schedule === 'string' ? cron(set.schedule) : (set.schedule ?? null),
    },
    activity: {
      silentAfter: set.silentAfter === undefined || set.silentAfter === null ? null : set.silentAfter * SECOND,
      during: set.during === undefined ? null : cron(set.during),
      restart: set.silenceRestart ?? false,
      echo: set.echo === undefined ? null : { every: set.echo[0] * SECOND, to: set.echo[1] },
    },
  };
}

/** Guards that hold nothing unless a test sets them. */
export function testGuard(set: Partial<GuardSettings['guard']> = {}): GuardSettings['guard'] {
  return {
    maxUnhealthy: { type: 'percent', percent: 100 },
    alwaysAllow: 1,
    stormCooldown: 0,
    startup: 0,
    maxHarmed: 2,
    deadAfter: HOUR,
    blindAfter: 5 * MINUTE,
    perGateway: { requestsPerSecond: null, concurrency: null, restartsPerMinute: 600, concurrentRestarts: 600 },
    ...set,
  };
}
