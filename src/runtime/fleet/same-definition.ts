import { isDeepStrictEqual } from 'node:util';
import type { Policy } from '../../core/policy.ts';
import type { InstanceDefinition } from './instance.ts';

/** Whether two definitions say the same, their policies aside. */
export function looksTheSame(one: InstanceDefinition, other: InstanceDefinition): boolean {
  const isNamedAlike = one.name === other.name && one.displayName === other.displayName;
  const sameToken = (one.token ?? null) === (other.token ?? null);
  const sameOrigin = (one.discovered ?? false) === (other.discovered ?? false);
  return (
    isNamedAlike && sameToken && sameOrigin && one.enabled === other.enabled && sameLabels(one.labels, other.labels)
  );
}

type Labels = InstanceDefinition['labels'];

function sameLabels(one: Labels, other: Labels): boolean {
  if (one === other) return true;
  let count = 0;
  for (const name in one) {
    if (one[name] !== other[name]) return false;
    count += 1;
  }
  return Object.keys(other).length === count;
}

/** Most instances share a policy, so each pair of policies is compared only once. */
export class PolicyComparison {
  private readonly answers = new Map<Policy, Map<Policy, boolean>>();
  /** Policies in use, by their equals. */
  private readonly equals = new Map<Policy, Policy>();

  areSame(used: Policy, next: Policy): boolean {
    const answers = this.answers.get(used) ?? new Map<Policy, boolean>();
    this.answers.set(used, answers);
    const same = answers.get(next) ?? isDeepStrictEqual(used, next);
    answers.set(next, same);
    if (same) this.equals.set(next, used);
    return same;
  }

  /** The definition with the equal policy object in use, so that there is only one object for all. */
  shared(definition: InstanceDefinition): InstanceDefinition {
    const equal = this.equals.get(definition.policy);
    return equal === undefined ? definition : { ...definition, policy: equal };
  }
}
