import type { AccountConfig, InstanceConfig } from '../config.ts';
import type { SourceFile } from '../syntax/source-file.ts';
import type { ConfigPath, Warning } from '../problems.ts';
import { shortestInterval } from '../resolve-policy.ts';
import type { AccountEntry, Sources } from '../read/sources.ts';

/** What works, but is probably not what the user wants. */
export function warningsOn(
  sources: Sources,
  accounts: ReadonlyMap<string, AccountConfig>,
  instances: readonly InstanceConfig[],
): Warning[] {
  return [...clearTokens(sources), ...crowdedAccounts(sources, accounts, instances), ...emptyFleet(sources, instances)];
}

function clearTokens({ main, accounts }: Sources): Warning[] {
  const places: { source: SourceFile; path: ConfigPath }[] = [
    ...(['token', 'hookToken', 'readToken'] as const)
      .filter((key) => main.input.api[key] !== null)
      .map((key) => ({ source: main.source, path: ['api', key] })),
    ...accounts.map(({ source, path }) => ({ source, path: [...path, 'token'] })),
  ];
  const notify = main.input.notify.flatMap(({ url, secret }, index) =>
    [
      { key: 'url', what: 'the URL, which lets anyone post there,', isSet: url !== undefined },
      { key: 'secret', what: 'the secret', isSet: secret !== null },
    ]
      .filter(({ isSet }) => isSet)
      .map(({ key, what }) => ({ source: main.source, path: ['notify', index, key], what })),
  );
  return [...places.map((place) => ({ ...place, what: 'the token' })), ...notify]
    .filter(({ source, path }) => source.written(path)?.includes('${') === false)
    .map(({ source, path, what }) =>
      source.problemAt(
        path,
        `${what} is written here in clear text`,
        'Write "${NAME}" and set that environment variable.',
      ),
    );
}

function crowdedAccounts(
  { accounts: entries }: Sources,
  accounts: ReadonlyMap<string, AccountConfig>,
  instances: readonly InstanceConfig[],
): Warning[] {
  const rates = new Map<string, number>();
  for (const { account, enabled, policy } of instances) {
    if (!enabled) continue;
    const perSecond = 1000 / shortestInterval(policy.probe.cadence);
    rates.set(account, (rates.get(account) ?? 0) + perSecond);
  }
  return entries.flatMap((entry) => {
    const limit = accounts.get(entry.name)?.limits.requestsPerSecond ?? Number.POSITIVE_INFINITY;
    const rate = rates.get(entry.name) ?? 0;
    return rate > limit ? [crowded(entry, rate, limit)] : [];
  });
}

function crowded({ source, path }: AccountEntry, rate: number, limit: number): Warning {
  return source.problemAt(
    [...path, 'limits', 'requestsPerSecond'],
    `the instances of this account need ${rate.toFixed(1)} probes per second, but the limit is ${limit}`,
    'Probes will be late: raise the limit, or probe less often.',
  );
}

function emptyFleet({ main }: Sources, instances: readonly InstanceConfig[]): Warning[] {
  if (instances.some(({ enabled }) => enabled)) return [];
  return [main.source.problemAt(['instances'], 'there is nothing to watch', 'Add an instance, or enable one.')];
}
