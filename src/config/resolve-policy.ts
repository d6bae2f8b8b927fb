import { receiverOf } from './escalation.ts';
import type { ParsedCron } from '../core/schedule/cron.ts';
import type { ActivityPolicy, Cadence, Policy, ProbePolicy, RestartPolicy } from '../core/policy.ts';
import { parseCron, shortestGap } from './values/cron.ts';
import {
  BUILT_IN,
  type ActivityOverrides,
  type PlainActivityPolicy,
  type PlainProbePolicy,
  type PlainRestartPolicy,
  type ProbeOverrides,
  type RestartOverrides,
} from './schema/policy-schema.ts';

/** What one place of the configuration says about `probe`, `restart` and `activity`. */
export interface PolicyOverrides {
  readonly probe: ProbeOverrides;
  readonly restart: RestartOverrides;
  readonly activity: ActivityOverrides;
}

export const NO_OVERRIDES: PolicyOverrides = { probe: {}, restart: {}, activity: {} };

/**
 * Makes policies out of overrides, the most general ones first. Equal policies are one object, and so are equal cron
 * expressions: a large fleet mostly has a handful of them.
 */
export class PolicyResolver {
  readonly #policies = new Map<string, Policy>();
  readonly #crons = new Map<string, ParsedCron>();

  resolve(levels: readonly PolicyOverrides[]): Policy {
    const probe = inheritProbe(levels.map((level) => level.probe));
    const restart = inheritRestart(levels.map((level) => level.restart));
    const activity = levels.reduce<ActivityOverrides>((result, level) => ({ ...result, ...level.activity }), {});
    const key = JSON.stringify([sorted(probe), sorted(restart), sorted(activity)]);
    const known = this.#policies.get(key);
    if (known !== undefined) return known;
    const policy = {
      probe: this.#probePolicy(probe),
      restart: this.#restartPolicy(restart),
      activity: this.#activityPolicy(activity),
    };
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
  #probePolicy(overrides: ProbeOverrides): ProbePolicy {
    const { every, cron, timezone, ...settings } = { ...BUILT_IN.probe, ...defined(overrides) };
    const cadence: Cadence =
      cron === undefined ? { type: 'every', every } : { type: 'cron', cron: this.cron(cron, timezone) };
    const interval = shortestInterval(cadence);
    const { retryEvery = Math.min(settings.retryEvery, interval), timeout = Math.min(settings.timeout, interval) } =
      overrides;
    const failuresWithin = { ...BUILT_IN.probe.failuresWithin, ...defined(overrides.failuresWithin ?? {}) };
    const plain: PlainProbePolicy = { ...settings, retryEvery, timeout, failuresWithin };
    return { ...plain, cadence };
  }

  #restartPolicy(overrides: RestartOverrides): RestartPolicy {
    const { schedule, timezone, escalate, ...settings } = { ...BUILT_IN.restart, ...defined(overrides) };
    const plain: PlainRestartPolicy = {
      ...settings,
      backoff: { ...BUILT_IN.restart.backoff, ...defined(overrides.backoff ?? {}) },
      budget: { ...BUILT_IN.restart.budget, ...defined(overrides.budget ?? {}) },
    };
    return {
      ...plain,
      escalate: escalate && { after: escalate.after, notify: receiverOf(escalate) },
      schedule: schedule === null ? null : this.cron(schedule, timezone),
    };
  }

  #activityPolicy(overrides: ActivityOverrides): ActivityPolicy {
    const { during, timezone, ...settings } = { ...BUILT_IN.activity, ...defined(overrides) };
    const plain: PlainActivityPolicy = settings;
    return { ...plain, during: during === null ? null : this.cron(during, timezone) };
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
    const failuresWithin = { ...result.failuresWithin, ...level.failuresWithin };
    // `every` and `cron` replace each other, also an inherited one.
    const inherited = level.every === undefined && level.cron === undefined ? result : rest;
    result = { ...inherited, ...level, failuresWithin };
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

/** Without the keys whose value is undefined: in a spread they would win over the built-in value. */
function defined<T extends object>(values: T): Defined<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Defined<T>;
}

function sorted(values: object): [string, unknown][] {
  return Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1));
}
