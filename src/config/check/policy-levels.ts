import type { Policy } from '../../core/policy.ts';
import type { Problem } from '../../core/problem.ts';
import type { KnownGateway } from '../gateways/built-in.ts';
import { valueAt, type ConfigPath } from '../problems.ts';
import type { InstanceEntry, Sources } from '../read/sources.ts';
import { NO_OVERRIDES, type PolicyOverrides, type PolicyResolver } from '../resolve-policy.ts';
import type { SourceFile } from '../syntax/source-file.ts';
import type { PolicyMistake } from './policy-checks.ts';

/** A place that overrides policies, and its overrides. */
export interface Level extends PolicyOverrides {
  /** Null: the times of a gateway. */
  readonly source: SourceFile | null;
  readonly path: ConfigPath;
}

/**
 * The policies in use: that of each account, and that of each instance with overrides of its own, each as the places that it
 * is made of, the most specific one last. Without accounts it is that of the defaults.
 */
export function policyLevels(
  { main, accounts, instances }: Sources,
  gateways: ReadonlyMap<string, KnownGateway>,
): readonly (readonly Level[])[] {
  const defaults: Level = { source: main.source, path: ['defaults'], ...main.input.defaults };
  const levels = new Map(
    accounts.filter(hasWholePolicy).map((account): [string, Level[]] => {
      const times = gateways.get(account.input.gateway)?.defaults ?? NO_OVERRIDES;
      return [account.name, [{ source: null, path: [], ...times }, defaults, levelOf(account)]];
    }),
  );
  const chains = [[defaults], ...levels.values()];
  for (const instance of instances) {
    const account = levels.get(instance.input.account);
    if (account !== undefined && hasOverrides(instance.input) && hasWholePolicy(instance))
      chains.push([...account, levelOf(instance)]);
  }
  return chains.slice(levels.size > 0 ? 1 : 0);
}

/** What is found in policies, once for each place: the most specific one that sets one of the keys involved. */
export function policyFindings(
  chains: readonly (readonly Level[])[],
  policies: PolicyResolver,
  findIn: (policy: Policy) => readonly PolicyMistake[],
): Problem[] {
  const found = chains.flatMap((chain) => findIn(policies.resolve(chain)).map((mistake) => problemOf(chain, mistake)));
  return [...new Map(found.map((problem) => [JSON.stringify(problem), problem])).values()];
}

/** What is wrong in a policy cannot be checked against the rest of it. */
function hasWholePolicy({ wrong }: Pick<InstanceEntry, 'wrong'>): boolean {
  return wrong === null || !(wrong.has('probe') || wrong.has('restart') || wrong.has('activity'));
}

function levelOf({ source, path, input }: { source: SourceFile; path: ConfigPath; input: PolicyOverrides }): Level {
  return { source, path, probe: input.probe, restart: input.restart, activity: input.activity };
}

/** Whether any key is overridden. */
export function hasOverrides({ probe, restart, activity }: PolicyOverrides): boolean {
  return [probe, restart, activity].some((overrides) => Object.keys(overrides).length > 0);
}

function problemOf(chain: readonly Level[], { keys, message, remedy }: PolicyMistake): Problem {
  for (const level of [...chain].reverse()) {
    const key = keys.find((candidate) => valueAt(level, candidate.split('.')) !== undefined);
    if (key !== undefined && level.source !== null)
      return level.source.problemAt([...level.path, ...key.split('.')], message, remedy);
  }
  throw new TypeError(`the built-in policy is wrong: ${message}`);
}
