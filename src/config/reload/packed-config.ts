import type { Policy } from '../../core/policy.ts';
import type { Config, InstanceConfig } from '../config.ts';

/**
 * A configuration on its way from one thread to another. What is received at once is all but the instances; those
 * follow in portions, as columns that refer to what many of them share.
 */
export interface PackedConfig {
  readonly settings: Omit<Config, 'instances'>;
  readonly policies: readonly Policy[];
}

/** A portion of the instances, one value of each column for each. */
export interface PackedInstances {
  readonly phoneNumberIds: readonly string[];
  /** Null where it is the phoneNumberId. */
  readonly names: readonly (string | null)[];
  /** Positions in the accounts of the settings. */
  readonly accounts: Uint32Array;
  /** Positions in the policies. */
  readonly policies: Uint32Array;
  /** Positions among all labels sent so far, those of this portion included. */
  readonly labels: Uint32Array;
  readonly newLabels: readonly Labels[];
  /** 1: enabled; 0: not. */
  readonly enabled: Uint8Array;
}

type Labels = InstanceConfig['labels'];

/** So many are packed or unpacked in well under a millisecond or two. */
const PORTION = 500;

export function packConfig({ instances, ...settings }: Config): PackedConfig {
  return { settings, policies: [...new Set(instances.map(({ policy }) => policy))] };
}

/** The instances of `config`, which was packed as `packed`. */
export function* packInstances(config: Config, packed: PackedConfig): Generator<PackedInstances, undefined> {
  const accounts = positionsOf(packed.settings.accounts.keys());
  const policies = positionsOf(packed.policies);
  const labels = new Map<string, number>();
  for (let from = 0; from < config.instances.length; from += PORTION) {
    const portion = config.instances.slice(from, from + PORTION);
    const newLabels: Labels[] = [];
    const positionOf = (each: Labels): number => {
      const key = JSON.stringify(each);
      const known = labels.get(key);
      if (known !== undefined) return known;
      labels.set(key, labels.size);
      newLabels.push(each);
      return labels.size - 1;
    };
    yield {
      phoneNumberIds: portion.map(({ phoneNumberId }) => phoneNumberId),
      names: portion.map(({ name, phoneNumberId }) => (name === phoneNumberId ? null : name)),
      accounts: Uint32Array.from(portion, ({ account }) => positionIn(accounts, account)),
      policies: Uint32Array.from(portion, ({ policy }) => positionIn(policies, policy)),
      labels: Uint32Array.from(portion, (instance) => positionOf(instance.labels)),
      newLabels,
      enabled: Uint8Array.from(portion, ({ enabled }) => (enabled ? 1 : 0)),
    };
  }
}

/** Puts a configuration together again. Policies, labels and names that were shared are shared again. */
export class ConfigUnpacker {
  readonly #packed: PackedConfig;
  readonly #accounts: readonly string[];
  readonly #labels: Labels[] = [];
  readonly #instances: InstanceConfig[] = [];

  constructor(packed: PackedConfig) {
    this.#packed = packed;
    this.#accounts = [...packed.settings.accounts.keys()];
  }

  add({ phoneNumberIds, names, accounts, policies, labels, newLabels, enabled }: PackedInstances): void {
    for (const each of newLabels) this.#labels.push(each);
    for (const [index, phoneNumberId] of phoneNumberIds.entries()) {
      this.#instances.push({
        name: names[index] ?? phoneNumberId,
        account: at(this.#accounts, accounts[index]),
        phoneNumberId,
        labels: at(this.#labels, labels[index]),
        enabled: enabled[index] === 1,
        policy: at(this.#packed.policies, policies[index]),
      });
    }
  }

  /** All that was added. */
  config(): Config {
    return { ...this.#packed.settings, instances: this.#instances };
  }
}

function positionsOf<T>(values: Iterable<T>): ReadonlyMap<T, number> {
  return new Map(Array.from(values, (value, position) => [value, position]));
}

function positionIn<T>(positions: ReadonlyMap<T, number>, value: T): number {
  const position = positions.get(value);
  if (position === undefined) throw new TypeError('an instance refers to what was not packed');
  return position;
}

function at<T>(values: readonly T[], position: number | undefined): T {
  const value = position === undefined ? undefined : values[position];
  if (value === undefined) throw new TypeError('an instance refers to what was not sent');
  return value;
}
