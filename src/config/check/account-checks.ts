import type { Problem } from '../../core/problem.ts';
import { namesStates, type Profile } from '../../gateway/profiles/profile.ts';
import { isFurtherValue, valuesOf } from '../../gateway/profiles/request-values.ts';
import { BUILT_IN_GATEWAYS, type KnownGateway } from '../gateways/built-in.ts';
import type { AccountEntry, Sources } from '../read/sources.ts';
import { notThere } from './cross-checks.ts';

const OWN_LIST = 'or describe the list of the gateway under "gateways"';

type Gateways = ReadonlyMap<string, KnownGateway>;

/** Whether each account has what its gateway asks for. */
export function accountProblems(sources: Sources, gateways: Gateways): Problem[] {
  const withoutToken = instancesWithoutToken(sources, gateways);
  return sources.accounts.flatMap((entry) => {
    const known = gateways.get(entry.input.gateway);
    if (known === undefined) return unknownGateway(sources, entry);
    const { profile } = known;
    return [
      ...missingValues(entry, profile, usesList(sources, known, entry)),
      ...listProblems(entry, profile),
      ...(withoutToken(entry.name) ? missingToken(entry, profile) : []),
      ...missingAddress(entry, profile),
      ...idleMethod(entry, profile),
    ];
  });
}

function unknownGateway({ gatewayNames }: Sources, { source, path, input, wrong }: AccountEntry): Problem[] {
  const place = [...path, 'gateway'];
  const isReported = gatewayNames === null || gatewayNames.has(input.gateway) || wrong?.has('gateway') === true;
  if (isReported || source.isUnresolved(place)) return [];
  const known = [...BUILT_IN_GATEWAYS, ...gatewayNames];
  const remedy = `Built in are ${BUILT_IN_GATEWAYS.join(', ')}; others stand under "gateways".`;
  return [notThere(source, place, 'gateway', input.gateway, known, remedy)];
}

function missingValues({ source, path, input, wrong }: AccountEntry, profile: Profile, withList: boolean): Problem[] {
  const { username, values } = input;
  return [...valuesOf(profile, withList, input.healthPath)].flatMap((name) => {
    if (name === 'username') {
      if (username !== undefined || wrong?.has('username') === true) return [];
      const remedy = 'Add it. The user name, as in the URLs of the gateway.';
      return [source.problemAt([...path, 'username'], 'is missing', remedy)];
    }
    if (!isFurtherValue(name) || Object.hasOwn(values, name) || wrong?.has('values') === true) return [];
    const remedy = `Add it, best as "\${NAME}": the gateway ${profile.name} needs it.`;
    return [source.problemAt([...path, 'values', name], 'is missing', remedy)];
  });
}

/** Whether the list of the gateway is requested for an account: to find instances, or in place of probes. */
function usesList({ main, instances }: Sources, known: KnownGateway, { name, input }: AccountEntry): boolean {
  const { list } = known.profile;
  if (list === null) return false;
  if (input.discover !== null) return true;
  const { bulk = false } = { ...known.defaults.probe, ...main.input.defaults.probe, ...input.probe };
  const isBulk = bulk || instances.some(({ input: { account, probe } }) => account === name && probe.bulk === true);
  return isBulk && namesStates(list);
}

/** What an account wants of a list that the gateway does not have. */
function listProblems({ source, path, input }: AccountEntry, { list, name }: Profile): Problem[] {
  const problems: Problem[] = [];
  if (input.discover !== null && (list === null || list.lacksToken)) {
    const why =
      list === null
        ? 'does not list its instances'
        : 'lists its instances without the token that each of them has of its own';
    const remedy = `Name them under "instances", ${OWN_LIST}.`;
    problems.push(source.problemAt([...path, 'discover'], `the gateway ${name} ${why}`, remedy));
  }
  if (input.probe.bulk === true && (list === null || !namesStates(list))) {
    const message =
      list === null
        ? `has no effect: the gateway ${name} does not list its instances`
        : `has no effect: the list of the gateway ${name} does not say which instances are connected`;
    problems.push(source.problemAt([...path, 'probe', 'bulk'], message, `Remove it, ${OWN_LIST}.`));
  }
  return problems;
}

/** Whether an account has an instance that needs its token, finds such ones, or has none at all. */
function instancesWithoutToken(
  { accounts, instances, hasAllInstances }: Sources,
  gateways: Gateways,
): (account: string) => boolean {
  const owners = new Set<string>();
  const needy = new Set<string>();
  for (const { input, wrong } of instances) {
    owners.add(input.account);
    const hasOwn = input.token !== undefined || input.tokenFile !== undefined;
    if (!hasOwn && wrong?.has('token') !== true) needy.add(input.account);
  }
  for (const { name, input } of accounts) {
    if (input.discover === null) continue;
    owners.add(name);
    if ((gateways.get(input.gateway)?.profile.list?.token ?? null) === null) needy.add(name);
  }
  return (account) => needy.has(account) || (hasAllInstances && !owners.has(account));
}

function missingToken({ source, path, input, wrong }: AccountEntry, profile: Profile): Problem[] {
  const { token, tokenFile } = input;
  const isThere = token !== undefined || tokenFile !== undefined || wrong?.has('token') === true;
  if (isThere || wrong?.has('tokenFile') === true || !valuesOf(profile).has('token')) return [];
  const remedy = 'Add token: "${NAME}" and set that environment variable, or name a tokenFile.';
  return [source.problemAt(path, 'has neither "token" nor "tokenFile"', remedy)];
}

function missingAddress({ source, path, input, wrong }: AccountEntry, { baseUrl, name }: Profile): Problem[] {
  if (baseUrl !== null || input.baseUrl !== undefined || wrong?.has('baseUrl') === true) return [];
  const remedy = `Add it, such as http://localhost:8080: the gateway ${name} runs at an address of yours.`;
  return [source.problemAt([...path, 'baseUrl'], 'is missing', remedy)];
}

function idleMethod({ source, path, input }: AccountEntry, { remedies, name }: Profile): Problem[] {
  const isUsed = remedies.some(({ steps }) => steps.some(({ method }) => method === 'auto'));
  if (input.restartMethod === undefined || isUsed) return [];
  const message = `has no effect: the gateway ${name} says the method of each of its calls`;
  const remedy = 'Remove it, or describe the gateway under "gateways".';
  return [source.problemAt([...path, 'restartMethod'], message, remedy)];
}
