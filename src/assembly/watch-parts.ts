import type { Config } from '../config/config.ts';
import { reachWith } from '../gateway/wire/reach.ts';
import type { Account, InstanceDefinition } from '../runtime/fleet/fleet.ts';
import type { ReloadParts, WatchdogParts } from '../runtime/watchdog.ts';

/** The parts of a watchdog over the configured fleet. */
export function watchdogParts(
  config: Config,
  parts: Pick<WatchdogParts, 'clock' | 'wall' | 'store' | 'accounts' | 'publish' | 'onBeat' | 'mayRestart'>,
): WatchdogParts {
  return { ...parts, ...fleetParts(config, parts.accounts), reach: reachWith(config.proxies) };
}

/** Those that a reload may change. */
export function fleetParts(config: Config, accounts: readonly Account[]): ReloadParts {
  const instances = definitionsOf(config.instances);
  const { guard, connectivity, maintenance, dryRun } = config;
  const guards = { guard, connectivity, maintenance, dryRun };
  return { accounts, instances, guards, keepRemoved: config.state.keepRemoved };
}

/** One after the other, because making a hundred thousand at once would block the event loop. */
function* definitionsOf(
  instances: Config['instances'],
): Generator<{ account: string; definition: InstanceDefinition }> {
  for (const definition of instances) yield { account: definition.account, definition };
}
