import type { Problem } from '../../core/problem.ts';
import type { JsonValue } from '../../core/instance/instance.ts';
import type { GatewayRequest, Profile } from '../../gateway/profiles/profile.ts';
import { placeholdersIn } from '../../gateway/profiles/templates.ts';
import { BUILT_IN_GATEWAYS, type KnownGateway } from '../gateways/built-in.ts';
import type { AccountEntry, Sources } from '../read/sources.ts';
import { quoted } from '../syntax/quoted.ts';
import { knownRemedy } from './cross-checks.ts';
import { listProblems, usesList } from './list-checks.ts';

/** What is filled in anyway: the instance's own, and what belongs to a message or a list. */
const FILLED_IN: ReadonlySet<string> = new Set(['id', 'phoneNumberId', 'token', 'username', 'to', 'text', 'page']);

const NO_REQUEST: GatewayRequest = { method: 'GET', path: '/', headers: {} };

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

/**
 * Every `{name}` in requests that are made for all of its instances, and in that of its list where it is wanted.
 *
 * @param healthPath in place of the health route of the gateway; null: none is called
 */
export function valuesOf(
  profile: Profile,
  withList = false,
  healthPath: string | null = profile.health?.request.path ?? null,
): ReadonlySet<string> {
  const { probe, detail, remedies, headers, basic, list, health } = profile;
  const listing = withList && list !== null ? [list.request] : [];
  const healthy = healthPath === null ? [] : [{ ...(health?.request ?? NO_REQUEST), path: healthPath }];
  const steps = remedies.flatMap((remedy) => remedy.steps);
  const requests = [probe, detail?.request ?? probe, ...steps, ...listing, ...healthy];
  const texts = [...Object.values(headers), ...(basic ?? []), ...requests.flatMap(textsOf)];
  return new Set(texts.flatMap(placeholdersIn));
}

function textsOf({ path, headers, basic, body }: GatewayRequest): readonly string[] {
  return [path, ...Object.values(headers), ...(basic ?? []), ...textsIn(body)];
}

/** Every `{name}` in a request that an account may lack: those of its `values`. */
export function valuesIn(request: GatewayRequest): readonly string[] {
  const names = new Set(textsOf(request).flatMap(placeholdersIn));
  return [...names].filter((name) => !FILLED_IN.has(name));
}

/** The texts of a body, without its keys. */
export function textsIn(body: JsonValue | undefined): readonly string[] {
  if (typeof body === 'string') return [body];
  return typeof body === 'object' && body !== null ? Object.values(body).flatMap(textsIn) : [];
}

function unknownGateway({ gatewayNames }: Sources, { source, path, input, wrong }: AccountEntry): Problem[] {
  const place = [...path, 'gateway'];
  const isReported = gatewayNames === null || gatewayNames.has(input.gateway) || wrong?.has('gateway') === true;
  if (isReported || source.isUnresolved(place)) return [];
  const known = [...BUILT_IN_GATEWAYS, ...gatewayNames];
  const remedy = knownRemedy(
    input.gateway,
    known,
    `Built in are ${BUILT_IN_GATEWAYS.join(', ')}; others stand under "gateways".`,
  );
  const name = quoted(source.written(place) ?? input.gateway) ?? 'of this name';
  return [source.problemAt(place, `there is no gateway ${name}`, remedy)];
}

function missingValues({ source, path, input, wrong }: AccountEntry, profile: Profile, withList: boolean): Problem[] {
  const { username, values } = input;
  return [...valuesOf(profile, withList, input.healthPath)].flatMap((name) => {
    if (['id', 'phoneNumberId', 'token', 'page'].includes(name)) return [];
    if (name === 'username') {
      if (username !== undefined || wrong?.has('username') === true) return [];
      const remedy = 'Add it. The user name, as in the URLs of the gateway.';
      return [source.problemAt([...path, 'username'], 'is missing', remedy)];
    }
    if (Object.hasOwn(values, name) || wrong?.has('values') === true) return [];
    const remedy = `Add it, best as "\${NAME}": the gateway ${profile.name} needs it.`;
    return [source.problemAt([...path, 'values', name], 'is missing', remedy)];
  });
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
  return [
    source.problemAt([...path, 'restartMethod'], message, 'Remove it, or describe the gateway under "gateways".'),
  ];
}
