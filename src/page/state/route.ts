import { useEffect, useState } from 'preact/hooks';

export type Route = { readonly page: 'fleet' } | { readonly page: 'instance'; readonly name: string };

const INSTANCE = '#/instance/';

export function instanceHref(name: string): string {
  return `${INSTANCE}${encodeURIComponent(name)}`;
}

/** What the part of the address after `#` means; an unknown part means the fleet. */
export function routeOf(hash: string): Route {
  if (!hash.startsWith(INSTANCE)) return { page: 'fleet' };
  try {
    return { page: 'instance', name: decodeURIComponent(hash.slice(INSTANCE.length)) };
  } catch {
    return { page: 'fleet' };
  }
}

export function useRoute(): Route {
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const look = (): void => setHash(location.hash);
    addEventListener('hashchange', look);
    return () => removeEventListener('hashchange', look);
  }, []);
  return routeOf(hash);
}
