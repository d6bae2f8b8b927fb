import { createHash } from 'node:crypto';
import type { Config } from '../config/config.ts';

/**
 * The same for all processes with the same config, wherever its files are and whatever they are called, and in whatever
 * order accounts, labels and other keys stand there; that of lists counts. What may differ between replicas (where they
 * listen, what they are called) does not.
 */
export function configDigest({ accounts, instances, ...config }: Config): string {
  const { guard, connectivity, maintenance, notify, dryRun, metrics, heartbeat } = config;
  const { keepRemoved } = config.state;
  const hash = createHash('sha256');
  const common = { guard, connectivity, maintenance, notify, dryRun, metrics, heartbeat, keepRemoved };
  hash.update(sortedJson(common));
  // Most accounts share a profile, most instances a policy and labels, and their texts would be most of the work.
  const texts = new Map<object, string>();
  const textOf = (shared: object): string => {
    const text = texts.get(shared) ?? sortedJson(shared);
    texts.set(shared, text);
    return text;
  };
  for (const [, { profile, ...account }] of [...accounts].toSorted(byKey))
    hash.update(sortedJson(account)).update(textOf(profile));
  for (const { policy, labels, ...instance } of instances)
    hash.update(JSON.stringify(instance)).update(textOf(labels)).update(textOf(policy));
  return hash.digest('hex').slice(0, 16);
}

function sortedJson(value: unknown): string {
  return JSON.stringify(value, (_, each: unknown) => (isRecord(each) ? sortedByKey(each) : each));
}

function isRecord(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function sortedByKey(record: object): object {
  return Object.fromEntries(Object.entries(record).toSorted(byKey));
}

function byKey([one]: readonly [string, unknown], [other]: readonly [string, unknown]): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

/** Its accounts, each with the number of instances that are probed. */
export function weightsOf({ accounts, instances }: Config): ReadonlyMap<string, number> {
  const weights = new Map([...accounts.keys()].map((name) => [name, 0]));
  for (const { account, enabled } of instances) if (enabled) weights.set(account, (weights.get(account) ?? 0) + 1);
  return weights;
}
