import type { Dispatcher } from 'undici';
import type { JsonValue } from '../../core/instance/instance.ts';
import type { BasicLogin, GatewayRequest } from '../profiles/profile.ts';
import { compileTemplate, encodePathPart, namesLogin, type InstanceValues } from '../profiles/templates.ts';

/** A request about one instance, ready to be sent. */
export type RequestBuilder = (of: InstanceValues) => Dispatcher.DispatchOptions;

export interface RequestParts {
  /** What comes before each path: the path of the base URL, and its origin where a proxy is asked. */
  readonly before: string;
  /** Of the account: `username`, `token` and whatever else its profile asks for. */
  readonly values: Readonly<Record<string, string>>;
  /** Of the profile. */
  readonly headers: Readonly<Record<string, string>>;
  readonly basic: BasicLogin | null;
  /** Headers of each request, without placeholders; they take the place of the others. */
  readonly usual: Readonly<Record<string, string>>;
}

/** Stands where an instance's own values would be. */
const NOBODY: InstanceValues = { phoneNumberId: '' };

/** Prepares a request. What no instance changes is made once, so that a probe costs one path. */
export function compileRequest(request: GatewayRequest, parts: RequestParts): RequestBuilder {
  const { values } = parts;
  const pathOf = compileTemplate(parts.before + request.path, values, encodePathPart);
  const headersOf = compileHeaders(request, parts);
  const { method, body } = request;
  if (body === undefined) return (of) => ({ method, path: pathOf(of), headers: headersOf(of) });
  return (of) => ({
    method,
    path: pathOf(of),
    headers: headersOf(of),
    body: JSON.stringify(filled(body, (text) => compileTemplate(text, values)(of))),
  });
}

function compileHeaders(
  { headers, basic, body }: GatewayRequest,
  parts: RequestParts,
): (of: InstanceValues) => string[] {
  const json = body === undefined ? {} : { 'Content-Type': 'application/json' };
  const own = merged(parts.headers, headers);
  const login = basic ?? (namesLogin(headers) ? null : parts.basic);
  const templates = [...own, ...(login === null ? [] : [['Authorization', login] as const])];
  const fills = templates.map(([name, template]) => {
    if (typeof template === 'string') return [name, compileTemplate(template, parts.values)] as const;
    const [user, password] = template.map((text) => compileTemplate(text, parts.values));
    const fill = (of: InstanceValues): string => basicValue(user?.(of) ?? '', password?.(of) ?? '');
    return [name, fill] as const;
  });
  const make = (of: InstanceValues): string[] =>
    merged(Object.fromEntries(fills.map(([name, fill]) => [name, fill(of)])), json, parts.usual).flat();
  const usual = make(NOBODY);
  if (fills.every(([, fill]) => fill({ phoneNumberId: 'a', token: 'b' }) === fill(NOBODY))) return () => usual;
  const namesInstance = fills.some(([, fill]) => fill({ phoneNumberId: 'a' }) !== fill(NOBODY));
  return (of) => (of.token === undefined && !namesInstance ? usual : make(of));
}

function basicValue(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}

/** Names and values. A later header takes the place of an earlier one of the same name, whatever its case. */
function merged(...headers: readonly Readonly<Record<string, string>>[]): [string, string][] {
  const byName = new Map(headers.flatMap(Object.entries<string>).map((entry) => [entry[0].toLowerCase(), entry]));
  return [...byName.values()];
}

function filled(body: JsonValue, fill: (text: string) => string): JsonValue {
  if (typeof body === 'string') return fill(body);
  if (typeof body !== 'object' || body === null) return body;
  if (Array.isArray(body)) return body.map((item: JsonValue) => filled(item, fill));
  return Object.fromEntries(Object.entries(body).map(([key, value]) => [key, filled(value, fill)]));
}
