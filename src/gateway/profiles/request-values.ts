import type { JsonValue } from '../../core/instance/instance.ts';
import type { GatewayRequest, Profile } from './profile.ts';
import { OF_REQUEST, placeholdersIn } from './templates.ts';

const NO_REQUEST: GatewayRequest = { method: 'GET', path: '/', headers: {} };

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

/**
 * Every `{name}` in a request that stands in the `values` of an account.
 *
 * @param headers of all requests
 */
export function furtherValuesIn(request: GatewayRequest, headers: GatewayRequest['headers'] = {}): readonly string[] {
  const texts = textsOf({ ...request, headers: { ...headers, ...request.headers } });
  return [...new Set(texts.flatMap(placeholdersIn))].filter(isFurtherValue);
}

/** Whether a `{name}` stands in the `values` of an account, and is not known in another way. */
export function isFurtherValue(name: string): boolean {
  return name !== 'username' && !OF_REQUEST.has(name);
}

function textsOf({ path, headers, basic, body }: GatewayRequest): readonly string[] {
  return [path, ...Object.values(headers), ...(basic ?? []), ...textsIn(body)];
}

/** The texts of a body, without its keys. */
export function textsIn(body: JsonValue | undefined): readonly string[] {
  if (typeof body === 'string') return [body];
  return typeof body === 'object' && body !== null ? Object.values(body).flatMap(textsIn) : [];
}
