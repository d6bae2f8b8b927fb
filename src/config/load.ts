import { dirname, resolve } from 'node:path';
import type { Policy } from '../core/policy.ts';
import type { AccountConfig, ApiAccess, Config, InstanceConfig, PageConfig, StateConfig } from './config.ts';
import { accountProblems } from './check/account-checks.ts';
import { crossCheck, hasOverrides, nameOf } from './check/cross-checks.ts';
import type { Environment } from './syntax/environment.ts';
import type { SourceFile } from './syntax/source-file.ts';
import { warningsOn } from './check/warnings.ts';
import { ConfigError, sortProblems, type ConfigPath } from './problems.ts';
import { Masks } from '../redaction/masks.ts';
import { builtInGateway, type KnownGateway } from './gateways/built-in.ts';
import { resolveGateways } from './gateways/resolve-gateways.ts';
import { Interner } from './interner.ts';
import { escalationReceivers } from './escalation.ts';
import { InputReader } from './read/input-reader.ts';
import { proxySecrets, variableProblems, withProxies } from './read/proxies.ts';
import { proxyVariables, type ProxyVariables } from '../network/proxy.ts';
import { parseDatabaseUrl } from './schema/database-url.ts';
import { NO_OVERRIDES, PolicyResolver, type PolicyOverrides } from './resolve-policy.ts';
import { SideFiles } from './read/side-files.ts';
import { secretsIn } from './read/secret-values.ts';
import { configFile, type API_TOKENS } from './schema/config-schema.ts';
import { readSources, type AccountEntry, type Sources } from './read/sources.ts';

/**
 * Reads a configuration with everything that it includes, fills in variables from `env` (normally `process.env`),
 * defaults and inherited settings, and checks all of it. Messages show `file` as it is given here.
 *
 * Rejects with a ConfigError that holds every problem of every file.
 */
export async function loadConfig(file: string, env: Environment): Promise<Config> {
  const config = await loadSmallConfig(file, env, Number.POSITIVE_INFINITY);
  if (config === null) throw new TypeError(`${file} was not read, though it may have any length`);
  return config;
}

/** The same, but null, early, if the files hold more than `most` characters. */
export async function loadSmallConfig(file: string, env: Environment, most: number): Promise<Config | null> {
  const reader = new InputReader();
  const sources = await readSources(file, env, reader, most);
  return sources === null ? null : await configOf(file, sources, reader, proxyVariables(env));
}

async function configOf(file: string, sources: Sources, reader: InputReader, proxies: ProxyVariables): Promise<Config> {
  const sideFiles = new SideFiles(reader);
  const policies = new PolicyResolver();
  const api = await apiAccess(sources, sideFiles);
  const page = await pageConfig(sources, sideFiles);
  const state = await stateConfig(file, sources, sideFiles);
  const cluster = await clusterConfig(sources, sideFiles);
  const own = escalationReceivers(sources).map(({ url = '', ...receiver }) => ({ ...receiver, url }));
  const notify = [...(await receivers(sources, sideFiles)), ...own];
  const { gateways, problems: gatewayProblems } = resolveGateways(sources);
  const accounts = new Map<string, AccountConfig>();
  for (const entry of sources.accounts) accounts.set(entry.name, await accountConfig(entry, gateways, sideFiles));
  const tokens = await instanceTokens(sources, sideFiles);

  const crossed = [...crossCheck(sources, policies, gateways), ...accountProblems(sources, gateways)];
  const found = [...sources.problems, ...sideFiles.problems, ...gatewayProblems, ...crossed];
  const problems = [...found, ...variableProblems(proxies)];
  const written = sources.files.flatMap(({ data }) => secretsIn(data, configFile));
  // The driver of the database knows the password alone.
  const known = [...written, ...sideFiles.secrets, ...proxySecrets(proxies), state.database?.password ?? ''];
  const secrets = [...new Set(known)].filter((secret) => secret !== '');
  const names = sources.files.map((source) => source.file);
  const { fingerprint } = reader;
  const inputs = { files: [...names, ...sideFiles.files], includes: sources.includes, fingerprint };
  if (problems.length > 0) {
    // No problem should repeat a secret; this is for one that forgot it.
    const masks = new Masks(() => secrets);
    const shown = problems.map((problem) => masks.data(problem));
    throw new ConfigError(sortProblems(shown, names), inputs);
  }

  const {
    defaults: _defaults,
    include: _include,
    state: _state,
    cluster: _cluster,
    gateways: _gateways,
    page: _page,
    ...settings
  } = sources.main.input;
  const levels = levelsOf(sources, gateways);
  const instances = instanceConfigs(sources, policies, levels, tokens);
  for (const { name, input } of sources.accounts) {
    const account = accounts.get(name);
    if (account === undefined || input.discover === null) continue;
    accounts.set(name, {
      ...account,
      discover: { ...input.discover, policy: policies.resolve(levels.get(name) ?? []) },
    });
  }
  return {
    ...settings,
    ...withProxies({ accounts, notify, heartbeat: settings.heartbeat }, proxies),
    proxies,
    page,
    state,
    cluster,
    api,
    instances,
    maintenance: maintenanceWindows(sources, policies),
    ...inputs,
    missingFolders: sources.emptyPatterns.filter(({ noFolder }) => noFolder).map(({ pattern }) => pattern),
    secrets,
    warnings: sortProblems(
      [
        ...warningsOn(sources, { api, page, accounts, instances, listen: settings.listen, state }),
        ...sideFiles.warnings,
      ],
      names,
    ),
  };
}

async function clusterConfig({ main: { source, input } }: Sources, sideFiles: SideFiles): Promise<Config['cluster']> {
  const { tokenFile, ...cluster } = input.cluster;
  if (tokenFile === null) return cluster;
  return { ...cluster, token: await sideFiles.secret('ownToken', source, ['cluster', 'tokenFile'], tokenFile) };
}

async function pageConfig({ main: { source, input } }: Sources, sideFiles: SideFiles): Promise<PageConfig> {
  const { public: forAll, ...page } = input.page;
  if (forAll === null) return { ...page, public: null };
  const { tokenFile, ...settings } = forAll;
  if (tokenFile === null) return { ...page, public: settings };
  const token = await sideFiles.secret('ownToken', source, ['page', 'public', 'tokenFile'], tokenFile);
  return { ...page, public: { ...settings, token } };
}

const DEFAULT_PATH = './data/state';

async function stateConfig(
  file: string,
  { main: { source, input } }: Sources,
  sideFiles: SideFiles,
): Promise<StateConfig> {
  const { path = DEFAULT_PATH, url, urlFile, keepRemoved } = input.state;
  const text =
    urlFile === undefined ? url : await sideFiles.secret('databaseUrl', source, ['state', 'urlFile'], urlFile);
  const database = text === undefined ? null : parseDatabaseUrl(text);
  // What cannot be read is among the problems already.
  if (database === null || 'mistake' in database) {
    return { keepRemoved, path: path === ':memory:' ? path : resolve(dirname(file), path), database: null };
  }
  return { keepRemoved, path: null, database };
}

async function apiAccess({ main: { source, input } }: Sources, sideFiles: SideFiles): Promise<ApiAccess> {
  const { api } = input;
  const read = async (key: (typeof API_TOKENS)[number]): Promise<string | null> => {
    const file = api[`${key}File`];
    return file === null ? api[key] : await sideFiles.secret('ownToken', source, ['api', `${key}File`], file);
  };
  return {
    token: await read('token'),
    hookToken: await read('hookToken'),
    gatewayHookToken: await read('gatewayHookToken'),
    readToken: await read('readToken'),
    metricsToken: await read('metricsToken'),
    hosts: api.hosts,
    trustedProxies: api.trustedProxies,
  };
}

async function receivers(
  { main: { source, input, positionOf } }: Sources,
  sideFiles: SideFiles,
): Promise<Config['notify']> {
  const found: Config['notify'][number][] = [];
  for (const [index, { urlFile, secretFile, tokenFile, ...receiver }] of input.notify.entries()) {
    const path = ['notify', positionOf('notify', index)];
    const url =
      urlFile === undefined
        ? receiver.url
        : await sideFiles.secret('webhookUrl', source, [...path, 'urlFile'], urlFile);
    const secret =
      secretFile === null
        ? receiver.secret
        : await sideFiles.secret('signingKey', source, [...path, 'secretFile'], secretFile);
    const token =
      tokenFile === null ? receiver.token : await sideFiles.secret('token', source, [...path, 'tokenFile'], tokenFile);
    found.push({ ...receiver, url: url ?? '', secret, token });
  }
  return found;
}

/** Tokens of instances that name a file, in the order of the instances; null: none does. */
async function instanceTokens(
  { instances }: Sources,
  sideFiles: SideFiles,
): Promise<readonly (string | null)[] | null> {
  if (!instances.some(({ input }) => input.tokenFile !== undefined)) return null;
  const tokens: (string | null)[] = [];
  for (const { source, path, input } of instances) {
    const { tokenFile: file, token = null } = input;
    tokens.push(file === undefined ? token : await sideFiles.secret('token', source, [...path, 'tokenFile'], file));
  }
  return tokens;
}

async function accountConfig(
  { source, path, name, input }: AccountEntry,
  gateways: ReadonlyMap<string, KnownGateway>,
  sideFiles: SideFiles,
): Promise<AccountConfig> {
  // One that is wrong is among the problems, so nothing is done with this.
  const profile = (gateways.get(input.gateway) ?? builtInGateway('smileapi'))?.profile;
  if (profile === undefined) throw new TypeError('the built-in gateway smileapi is missing');
  const {
    tokenFile,
    token,
    hookTokenFile,
    tls,
    headers,
    probe: _probe,
    restart: _restart,
    activity: _activity,
    discover: _discover,
    ...settings
  } = input;
  return {
    ...settings,
    discover: null,
    name,
    profile,
    baseUrl: input.baseUrl ?? profile.baseUrl ?? '',
    token:
      tokenFile === undefined
        ? (token ?? '')
        : await sideFiles.secret('token', source, [...path, 'tokenFile'], tokenFile),
    hookToken:
      hookTokenFile === null
        ? input.hookToken
        : await sideFiles.secret('ownToken', source, [...path, 'hookTokenFile'], hookTokenFile),
    restartMethod: input.restartMethod ?? 'auto',
    healthPath: input.healthPath === undefined ? (profile.health?.request.path ?? null) : input.healthPath,
    values: await headerValues(source, [...path, 'values'], input.values, sideFiles),
    tls: await tlsFiles(source, [...path, 'tls'], tls, sideFiles),
    headers: await headerValues(source, [...path, 'headers'], headers, sideFiles),
  };
}

async function tlsFiles(
  source: SourceFile,
  path: ConfigPath,
  { caFile, certFile, keyFile, ...checks }: AccountEntry['input']['tls'],
  sideFiles: SideFiles,
): Promise<AccountConfig['tls']> {
  const ca = caFile === null ? null : await sideFiles.certificates(source, [...path, 'caFile'], caFile);
  const client =
    certFile === null || keyFile === null ? null : await sideFiles.clientCertificate(source, path, certFile, keyFile);
  return { ...checks, ca, client };
}

async function headerValues(
  source: SourceFile,
  path: ConfigPath,
  headers: AccountEntry['input']['headers'],
  sideFiles: SideFiles,
): Promise<AccountConfig['headers']> {
  const found: [string, string][] = [];
  for (const [name, value] of Object.entries(headers)) {
    const file = [...path, name, 'file'];
    found.push([name, typeof value === 'string' ? value : await sideFiles.secret('header', source, file, value.file)]);
  }
  return Object.fromEntries(found);
}

type Levels = ReadonlyMap<string, readonly PolicyOverrides[]>;

/** What applies to the instances of each account, the most general first. */
function levelsOf({ main, accounts }: Sources, gateways: ReadonlyMap<string, KnownGateway>): Levels {
  return new Map(
    accounts.map(({ name, input }) => {
      const times = gateways.get(input.gateway)?.defaults ?? NO_OVERRIDES;
      return [name, [times, main.input.defaults, input]];
    }),
  );
}

function instanceConfigs(
  { instances }: Sources,
  policies: PolicyResolver,
  levels: Levels,
  tokens: readonly (string | null)[] | null,
): InstanceConfig[] {
  const shared = new Map<string, Policy>();
  for (const [name, above] of levels) shared.set(name, policies.resolve(above));
  const labels = new Interner<InstanceConfig['labels']>();
  return instances.map((entry, index) => {
    const { probe, restart, activity, tokenFile: _tokenFile, token, ...settings } = entry.input;
    const account = levels.get(settings.account);
    const policy = shared.get(settings.account);
    if (account === undefined || policy === undefined)
      throw new TypeError(`account ${settings.account} is not checked`);
    // Assigned, not spread: for a large fleet that takes a fifth of the time.
    return Object.assign(settings, {
      name: nameOf(entry),
      labels: labels.of(settings.labels),
      policy: hasOverrides(entry.input) ? policies.resolve([...account, { probe, restart, activity }]) : policy,
      token: tokens?.[index] ?? token ?? null,
    });
  });
}

function maintenanceWindows({ main }: Sources, policies: PolicyResolver): Config['maintenance'] {
  return main.input.maintenance.map(({ cron, timezone, ...window }) => ({
    ...window,
    cron: policies.cron(cron, timezone),
  }));
}
