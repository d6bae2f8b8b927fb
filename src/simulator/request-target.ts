/** What a request is about. */
export type RequestTarget =
  | { readonly kind: 'probe' | 'restart'; readonly username: string; readonly phoneNumberId: string }
  | { readonly kind: 'health' }
  | { readonly kind: 'other'; readonly problem: 'no_route' | 'malformed' };

const NO_ROUTE: RequestTarget = { kind: 'other', problem: 'no_route' };

/**
 * The target that a request line names. `path` may carry a query, which is ignored; its parts are percent-decoded.
 * Paths are matched exactly: no slash at the end, no empty part.
 */
export function requestTarget(method: string, path: string): RequestTarget {
  const [pathname = ''] = path.split('?', 1);
  if (pathname === '/v1/health') return method === 'GET' ? { kind: 'health' } : NO_ROUTE;
  const [root, username, version, phoneNumberId, resource, action, ...rest] = pathname.split('/');
  if (root !== '' || version !== 'v1' || resource !== 'instance' || rest.length > 0) return NO_ROUTE;
  if (!username || !phoneNumberId) return NO_ROUTE;
  if (action === undefined && method === 'GET') return instanceTarget('probe', username, phoneNumberId);
  if (action === 'restart' && method === 'POST') return instanceTarget('restart', username, phoneNumberId);
  return NO_ROUTE;
}

/** The path of an instance's probe, its parts percent-encoded. */
export function probePath(username: string, phoneNumberId: string): string {
  return `/${encodeURIComponent(username)}/v1/${encodeURIComponent(phoneNumberId)}/instance`;
}

function instanceTarget(kind: 'probe' | 'restart', username: string, phoneNumberId: string): RequestTarget {
  try {
    return { kind, username: decodeURIComponent(username), phoneNumberId: decodeURIComponent(phoneNumberId) };
  } catch {
    return { kind: 'other', problem: 'malformed' };
  }
}
