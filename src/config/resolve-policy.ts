import type { ParsedCron } from '../core/schedule/cron.ts';
import type { Cadence, Policy, ProbePolicy, RestartPolicy } from '../core/policy.ts';
import { HOUR, MINUTE, SECOND } from '../core/time.ts';
import { parseCron, shortestGap } from './schema/cron.ts';
import type { ProbeOverrides, RestartOverrides } from './schema/policy-schema.ts';

/** What one place of the configuration says about `probe` and `restart`. */
export interface PolicyOverrides {
  readonly probe: ProbeOverrides;
  readonly restart: RestartOverrides;
}

const BUILT_IN = {
  every: 30 * SECOND,
  retryEvery: 30 * SECOND,
  timeout: 10 * SECOND,
  probe: {
    recoverEvery: 5 * SECOND,
    failureThreshold: 3,
    successThreshold: 2,
    connectingGrace: 2 * MINUTE,
  },
  restart: {
    enabled: true,
    grace: 90 * SECOND,
    cooldown: 5 * MINUTE,
    stableFor: 10 * MINUTE,
    timeout: 30 * SECOND,
    retries: 2,
  },
  backoff: { factor: 2, max: HOUR, jitter: 0.2 },
  budget: { restarts: 5, per: 6 * HOUR },
  timezone: 'UTC',
};

/**
 * Makes policies out of overrides, the most general ones first. Equal policies are one and the same object, and so
 * are equal cron expressions: a large fleet mostly has a handful of them.
 */
export class PolicyResolver {
  readonly #policies = new Map<string, Policy>();
  readonly #crons = new Map<string, ParsedCron>();

  resolve(levels: readonly PolicyOverrides[]): Policy {
    const probe = inheritProbe(levels.map((level) => level.probe));
    const restart = inheritRestart(levels.map((level) => level.restart));
    const key = JSON.stringify([sorted(probe), sorted(restart)]);
    const known = this.#policies.get(key);
    if (known !== undefined) return known;
    const policy = { probe: this.#probePolicy(probe), restart: this.#restartPolicy(restart) };
    this.#policies.set(key, policy);
    return policy;
  }

  /** A cron expression that the schema has accepted. */
  cron(expression: string, timezone: string): ParsedCron {
    const key = `${timezone} ${expression}`;
    const known = this.#crons.get(key);
    if (known !== undefined) return known;
    const reading = parseCron(expression, timezone);
    if ('mistake' in reading)
      throw new TypeError(`cron ${JSON.stringify(expression)} was not checked: ${reading.mistake}`);
    this.#crons.set(key, reading.cron);
    return reading.cron;
  }

  /** `timeout` and `retryEvery` follow a short interval unless they are set: failing must not slow probing down. */
  #probePolicy({ every, cron, timezone, retryEvery, timeout, ...rest }: ProbeOverrides): ProbePolicy {
    const cadence: Cadence =
      cron === undefined
        ? { type: 'every', every: every ?? BUILT_IN.every }
        : { type: 'cron', cron: this.cron(cron, timezone ?? BUILT_IN.timezone) };
    const interval = shortestInterval(cadence);
    return {
      ...BUILT_IN.probe,
      ...defined(rest),
      cadence,
      retryEvery: retryEvery ?? Math.min(BUILT_IN.retryEvery, interval),
      timeout: timeout ?? Math.min(BUILT_IN.timeout, interval),
    };
  }

  #restartPolicy({ backoff, budget, schedule, timezone, ...rest }: RestartOverrides): RestartPolicy {
    return {
      ...BUILT_IN.restart,
      ...defined(rest),
      backoff: { ...BUILT_IN.backoff, ...defined(backoff ?? {}) },
      budget: { ...BUILT_IN.budget, ...defined(budget ?? {}) },
      schedule: typeof schedule === 'string' ? this.cron(schedule, timezone ?? BUILT_IN.timezone) : null,
    };
  }
}

/** The shortest time between two regular probes, in milliseconds. */
export function shortestInterval(cadence: Cadence): number {
  return cadence.type === 'every' ? cadence.every : shortestGap(cadence.cron);
}

function inheritProbe(levels: readonly ProbeOverrides[]): ProbeOverrides {
  let result: ProbeOverrides = {};
  for (const level of levels) {
    const { every: _every, cron: _cron, ...rest } = result;
    // Either way to say when replaces the other one, also an inherited one.
    result = level.every === undefined && level.cron === undefined ? { ...result, ...level } : { ...rest, ...level };
  }
  return result;
}

function inheritRestart(levels: readonly RestartOverrides[]): RestartOverrides {
  return levels.reduce<RestartOverrides>(
    (result, level) => ({
      ...result,
      ...level,
      backoff: { ...result.backoff, ...level.backoff },
      budget: { ...result.budget, ...level.budget },
    }),
    {},
  );
}

type Defined<T> = { [K in keyof T]: Exclude<T[K], undefined> };

/** Drops keys whose value is undefined, which a spread would let win over the built-in value. */
function defined<T extends object>(values: T): Defined<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Defined<T>;
}

function sorted(values: object): [string, unknown][] {
  return Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1));
}
