import { dirname, resolve } from 'node:path';
import type { AccountConfig, ApiAccess, Config, PageConfig, StateConfig } from './config.ts';
import { accountProblems } from './check/account-checks.ts';
import { crossCheck } from './check/cross-checks.ts';
import type { Environment } from './syntax/environment.ts';
import { policyDoubts } from './check/policy-checks.ts';
import { policyFindings, policyLevels } from './check/policy-levels.ts';
import { warningsOn } from './check/warnings.ts';
import { configError, sortProblems } from './problems.ts';
import { resolveGateways } from './gateways/resolve-gateways.ts';
import { escalationReceivers } from './escalation.ts';
import { instanceConfigs, instanceTokens, levelsOf } from './instance-configs.ts';
import { accountConfig } from './read/account-config.ts';
import { InputReader } from './read/input-reader.ts';
import { proxySecrets, variableProblems, withProxies } from './read/proxies.ts';
import { proxyVariables, type ProxyVariables } from '../network/proxy.ts';
import { parseDatabaseUrl } from './values/database-url.ts';
import { PolicyResolver } from './resolve-policy.ts';
import { SideFiles } from './read/side-files.ts';
import { secretsIn } from './read/secret-values.ts';
import { configFile } from './schema/config-schema.ts';
import type { API_TOKENS } from './schema/api-schema.ts';
import type { EpochMs } from '../core/time.ts';
import { readSources, type Sources } from './read/sources.ts';

/**
 * Reads a configuration with everything that it includes, fills in variables from `env` (normally `process.env`),
 * defaults and inherited settings, and checks all of it. Messages show `file` as it is given here.
 *
 * Rejects with a ConfigError that holds every problem of every file.
 *
 * @param wall what the clock shows; null: whether a client certificate is over is not looked at
 */
export async function loadConfig(file: string, env: Environment, wall: EpochMs | null = null): Promise<Config> {
  const config = await loadSmallConfig(file, env, Number.POSITIVE_INFINITY, wall);
  if (config === null) throw new TypeError(`${file} was not read, though it may have any length`);
  return config;
}

/** The same, but null, early, if the files hold more than `most` characters. */
export async function loadSmallConfig(
  file: string,
  env: Environment,
  most: number,
  wall: EpochMs | null = null,
): Promise<Config | null> {
  const reader = new InputReader();
  const sources = await readSources(file, env, reader, most);
  return sources === null
    ? null
    : await configOf(file, sources, new SideFiles(reader, wall), reader, proxyVariables(env));
}

async function configOf(
  file: string,
  sources: Sources,
  sideFiles: SideFiles,
  reader: InputReader,
  proxies: ProxyVariables,
): Promise<Config> {
  const policies = new PolicyResolver();
  const api = await apiAccess(sources, sideFiles);
  const page = await pageConfig(sources, sideFiles);
  const state = await stateConfig(file, sources, sideFiles);
  const cluster = await clusterConfig(sources, sideFiles);
  const own = escalationReceivers(sources).map(({ url = '', ...receiver }) => ({ ...receiver, url }));
  const { timezone } = sources.main.input;
  const notify = [...(await receivers(sources, sideFiles)), ...own].map((each) => ({
    ...each,
    timezone: each.timezone ?? timezone,
  }));
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
  if (problems.length > 0) throw configError(problems, secrets, inputs);

  const { defaults: _defaults, include: _include, gateways: _gateways, ...settings } = sources.main.input;
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
  const config = {
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
  };
  const warnings = [
    ...warningsOn(sources, config),
    ...policyFindings(policyLevels(sources, gateways), policies, policyDoubts),
    ...sideFiles.warnings,
  ];
  return { ...config, warnings: sortProblems(warnings, names) };
}

async function clusterConfig({ main: { source, input } }: Sources, sideFiles: SideFiles): Promise<Config['cluster']> {
  const { token, tokenFile, ...cluster } = input.cluster;
  const path = ['cluster', 'tokenFile'];
  return { ...cluster, token: await sideFiles.secretOr(token, 'ownToken', source, path, tokenFile) };
}

async function pageConfig({ main: { source, input } }: Sources, sideFiles: SideFiles): Promise<PageConfig> {
  const { public: forAll, ...page } = input.page;
  if (forAll === null) return { ...page, public: null };
  const { token, tokenFile, ...settings } = forAll;
  const path = ['page', 'public', 'tokenFile'];
  return {
    ...page,
    public: { ...settings, token: await sideFiles.secretOr(token, 'ownToken', source, path, tokenFile) },
  };
}

const DEFAULT_PATH = './data/state';

async function stateConfig(
  file: string,
  { main: { source, input } }: Sources,
  sideFiles: SideFiles,
): Promise<StateConfig> {
  const { path = DEFAULT_PATH, url, urlFile, keepRemoved } = input.state;
  const text = await sideFiles.secretOr(url, 'databaseUrl', source, ['state', 'urlFile'], urlFile);
  const database = text === undefined ? null : parseDatabaseUrl(text);
  // What cannot be read is among the problems already.
  if (database === null || 'mistake' in database) {
    return { keepRemoved, path: path === ':memory:' ? path : resolve(dirname(file), path), database: null };
  }
  return { keepRemoved, path: null, database };
}

async function apiAccess({ main: { source, input } }: Sources, sideFiles: SideFiles): Promise<ApiAccess> {
  const { api } = input;
  const read = (key: (typeof API_TOKENS)[number]): Promise<string | null> =>
    sideFiles.secretOr(api[key], 'ownToken', source, ['api', `${key}File`], api[`${key}File`]);
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
    const { url, secret, token } = receiver;
    found.push({
      ...receiver,
      url: await sideFiles.secretOr(url ?? '', 'webhookUrl', source, [...path, 'urlFile'], urlFile),
      secret: await sideFiles.secretOr(secret, 'signingKey', source, [...path, 'secretFile'], secretFile),
      token: await sideFiles.secretOr(token, 'token', source, [...path, 'tokenFile'], tokenFile),
    });
  }
  return found;
}

function maintenanceWindows({ main }: Sources, policies: PolicyResolver): Config['maintenance'] {
  return main.input.maintenance.map(({ cron, timezone, ...window }) => ({
    ...window,
    cron: policies.cron(cron, timezone),
  }));
}
