import type { DatabaseHost, DatabaseSettings } from '../../core/settings.ts';
import type { AccountConfig, Config, InstanceConfig } from '../config.ts';
import type { Warning } from '../problems.ts';
import { shortestInterval } from '../resolve-policy.ts';
import { idPath, type Sources } from '../read/sources.ts';
import { echoWarnings } from './echo-warnings.ts';
import { gatewayWarnings, LIKELY_SECRET } from './gateway-warnings.ts';
import { exposureOf, placedTokens, tokenWarnings, type PlacedToken } from './token-checks.ts';
import { watchedTwice } from './watched-twice.ts';

/** What works, but is probably not what the user wants. */
export function warningsOn(sources: Sources, config: Omit<Config, 'warnings'>): Warning[] {
  const { accounts, instances, state } = config;
  const { source } = sources.main;
  const exposure = exposureOf(config);
  const tokens = placedTokens(sources, config);
  return [
    ...(exposure === null ? [] : [source.problemAt(['api', 'readToken'], exposure.message, exposure.remedy)]),
    ...clearSecrets(sources, tokens),
    ...tokenWarnings(tokens),
    ...replacedHeaders(sources, accounts),
    ...gatewayWarnings(sources, accounts),
    ...echoWarnings(sources, accounts, instances),
    ...watchedTwice(sources, accounts, instances),
    ...readableState(sources, state.database),
    ...crowdedAccounts(sources, accounts, instances),
    ...emptyPatterns(sources),
    ...formattedNumbers(sources),
    ...emptyFleet(sources, instances),
  ];
}

function replacedHeaders({ accounts }: Sources, configs: ReadonlyMap<string, AccountConfig>): Warning[] {
  return accounts.flatMap(({ source, path, name: account, input }) => {
    const profile = configs.get(account)?.profile;
    const withToken = Object.entries(profile?.headers ?? {}).filter(([, template]) => template.includes('{token}'));
    return Object.keys(input.headers)
      .filter((name) => withToken.some(([own]) => own.toLowerCase() === name.toLowerCase()))
      .map((name) => {
        const message = 'takes the place of the header in which the gateway gets the token';
        const remedy = 'Remove it, unless what stands in front of the gateway adds the token itself.';
        return source.problemAtKey([...path, 'headers', name], message, remedy);
      });
  });
}

function clearSecrets({ main: { source, input }, accounts }: Sources, tokens: readonly PlacedToken[]): Warning[] {
  const places = [
    ...tokens.filter(({ isInFile }) => !isInFile).map((token) => ({ ...token, what: 'the token' })),
    ...accounts.flatMap(({ source, path, input }) =>
      Object.entries(input.headers)
        .filter(([name]) => LIKELY_SECRET.test(name))
        .map(([name, value]) => ({ source, path: [...path, 'headers', name], what: 'a secret', value })),
    ),
    { source, path: ['state', 'url'], what: 'the URL, which may hold a password,', value: input.state.url },
    ...input.notify.flatMap(({ url, secret }, index) => [
      { source, path: ['notify', index, 'url'], what: 'the URL, which lets anyone post there,', value: url },
      { source, path: ['notify', index, 'secret'], what: 'the secret', value: secret },
    ]),
  ];
  return places
    .filter((at) => typeof at.value === 'string' && at.source.written(at.path)?.includes('${') === false)
    .map((at) => {
      const message = `${at.what} is written here in clear text`;
      return at.source.problemAt(at.path, message, 'Write "${NAME}" and set that environment variable.');
    });
}

/** Password and states go over a network as they are. */
function readableState({ main: { source, input } }: Sources, database: DatabaseSettings | null): Warning[] {
  const isFar = ({ host }: DatabaseHost): boolean => !/^(\/|localhost$|127\.|::1$)/.test(host);
  if (database?.tls !== 'disable' || !database.hosts.some(isFar)) return [];
  const path = ['state', input.state.url === undefined ? 'urlFile' : 'url'];
  const message = 'the connection to the database is not encrypted';
  return [source.problemAt(path, message, 'Add ?sslmode=verify-full, unless the network between the two is trusted.')];
}

function crowdedAccounts(
  { accounts: entries }: Sources,
  accounts: ReadonlyMap<string, AccountConfig>,
  instances: readonly InstanceConfig[],
): Warning[] {
  const rates = new Map<string, number>();
  for (const { account, enabled, policy } of instances) {
    const byList = policy.probe.bulk && policy.probe.cadence.type === 'every';
    if (!enabled || byList) continue;
    const perSecond = 1000 / shortestInterval(policy.probe.cadence);
    rates.set(account, (rates.get(account) ?? 0) + perSecond);
  }
  return entries.flatMap(({ source, path, name }) => {
    const limit = accounts.get(name)?.limits.requestsPerSecond ?? Number.POSITIVE_INFINITY;
    const rate = rates.get(name) ?? 0;
    if (rate <= limit) return [];
    const message = `the instances of this account need ${rate.toFixed(1)} probes per second, but the limit is ${limit}`;
    const remedy = 'Probes will be late: raise the limit, or probe less often.';
    return [source.problemAt([...path, 'limits', 'requestsPerSecond'], message, remedy)];
  });
}

function emptyPatterns({ main, emptyPatterns: found }: Sources): Warning[] {
  return found.map(({ path, pattern, noFolder }) => {
    const why = noFolder ? `there is no folder for ${pattern}` : `${pattern} matches no file`;
    return main.source.problemAt(path, why, 'Correct the pattern, or add the files that belong there.');
  });
}

/** A few show what is wrong with a whole list. */
const MOST_NUMBERS_SHOWN = 10;

function formattedNumbers({ instances }: Sources): Warning[] {
  const found = instances.filter(({ input: { phoneNumberId: id } }) => {
    return /^[+\p{Nd}\s().\p{Pd}]+$/u.test(id) && /\D/.test(id) && id.replaceAll(/\P{Nd}/gu, '').length >= 8;
  });
  const remedy =
    'Gateways mostly know a number by its digits alone, with the code of the country: write "5511987654321".';
  return found.slice(0, MOST_NUMBERS_SHOWN).map((entry) => {
    const { source } = entry;
    const others = found.length > MOST_NUMBERS_SHOWN ? `, as ${found.length - 1} others are` : '';
    return source.problemAt(idPath(entry), `is written as people write phone numbers${others}`, remedy);
  });
}

function emptyFleet({ main, accounts }: Sources, instances: readonly InstanceConfig[]): Warning[] {
  if (instances.some(({ enabled }) => enabled) || accounts.some(({ input }) => input.discover !== null)) return [];
  return [main.source.problemAt(['instances'], 'there is nothing to watch', 'Add an instance, or enable one.')];
}
