import type { Config } from '../config/config.ts';
import { reach } from '../gateway/reach.ts';
import type { Account, InstanceDefinition } from '../runtime/fleet.ts';
import type { WatchParts } from '../runtime/watch.ts';

/** What a watch over the configured fleet is made of. */
export function watchParts(
  config: Config,
  parts: Pick<WatchParts, 'clock' | 'store' | 'accounts' | 'publish' | 'onBeat'>,
): WatchParts {
  return { ...parts, ...fleetParts(config, parts.accounts), reach };
}

/** What of it a reload may change. */
export function fleetParts(
  config: Config,
  accounts: readonly Account[],
): Pick<WatchParts, 'accounts' | 'instances' | 'guards'> {
  const instances = definitionsOf(config.instances);
  const { guard, connectivity, maintenance, dryRun } = config;
  return { accounts, instances, guards: { guard, connectivity, maintenance, dryRun } };
}

/** One after the other, since making a hundred thousand at once would hold up the loop. */
function* definitionsOf(
  instances: Config['instances'],
): Generator<{ account: string; definition: InstanceDefinition }> {
  for (const definition of instances) yield { account: definition.account, definition };
}
