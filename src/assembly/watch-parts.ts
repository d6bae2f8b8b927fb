import type { Config } from '../config/config.ts';
import { reachWith } from '../gateway/wire/reach.ts';
import type { Account } from '../runtime/fleet/account.ts';
import type { InstanceDefinition } from '../runtime/fleet/instance.ts';
import type { ReloadParts, WatchdogParts } from '../runtime/watchdog.ts';

/** The parts of a watchdog over the configured fleet. */
export function watchdogParts(
  config: Config,
  parts: Omit<WatchdogParts, 'instances' | 'guards' | 'keepRemoved' | 'reach'>,
): WatchdogParts {
  return { ...parts, ...fleetParts(config, parts.accounts), reach: reachWith(config.proxies) };
}

/** An instance and its account, as a fleet is made of them. */
export interface Member {
  readonly account: string;
  readonly definition: InstanceDefinition;
}

/** Those that a reload may change. `instances`: in place of those of the config. */
export function fleetParts(
  config: Config,
  accounts: readonly Account[],
  instances: Iterable<Member> = membersOf(config.instances),
): ReloadParts {
  const { guard, connectivity, maintenance, dryRun } = config;
  const guards = { guard, connectivity, maintenance, dryRun };
  return { accounts, instances, guards, keepRemoved: config.state.keepRemoved };
}

/** One after the other, because making a hundred thousand at once would block the event loop. */
export function* membersOf(instances: Config['instances']): Generator<Member> {
  for (const definition of instances) yield { account: definition.account, definition };
}
