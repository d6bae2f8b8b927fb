import { createHash } from 'node:crypto';
import type { Config } from '../config/config.ts';

/**
 * The same for all processes with the same config, wherever its files are and whatever they are called. What may differ
 * between replicas (where they listen, what they are called) does not count.
 */
export function configDigest({ accounts, instances, ...config }: Config): string {
  const { guard, connectivity, maintenance, notify, dryRun, metrics, heartbeat, state } = config;
  const hash = createHash('sha256');
  const common = {
    guard,
    connectivity,
    maintenance,
    notify,
    dryRun,
    metrics,
    heartbeat,
    keepRemoved: state.keepRemoved,
  };
  hash.update(JSON.stringify([common, [...accounts]]));
  // Most instances share a policy, and its text would be most of the work.
  const policies = new Map<object, string>();
  for (const { policy, ...instance } of instances) {
    const text = policies.get(policy) ?? JSON.stringify(policy);
    policies.set(policy, text);
    hash.update(JSON.stringify(instance)).update(text);
  }
  return hash.digest('hex').slice(0, 16);
}

/** Its accounts, each with the number of instances that are probed. */
export function weightsOf({ accounts, instances }: Config): ReadonlyMap<string, number> {
  const weights = new Map([...accounts.keys()].map((name) => [name, 0]));
  for (const { account, enabled } of instances) if (enabled) weights.set(account, (weights.get(account) ?? 0) + 1);
  return weights;
}
