import { useEffect, useState } from 'preact/hooks';
import { EVERYTHING, MARKS, SORT_KEYS, type GroupBy, type Query } from './fleet-query.ts';
import type { FleetState } from './fleet-state.ts';
import { SHOWN_PHASES } from '../../language/words.ts';

export type Route =
  | { readonly page: 'fleet'; readonly query: Query }
  | { readonly page: 'incidents' }
  | { readonly page: 'instance'; readonly name: string };

const INSTANCE = '#/instance/';
export const INCIDENTS_HREF = '#/incidents';

export function instanceHref(name: string): string {
  return `${INSTANCE}${encodeURIComponent(name)}`;
}

/** The address of the fleet with these filters, so that it can be sent to others and comes back with the history. */
export function fleetHref(query: Query): string {
  const parameters = new URLSearchParams();
  const { kinds, account, text, sort, descending, groupBy, group } = query;
  const phases = SHOWN_PHASES.filter((phase) => kinds.has(phase));
  const marks = MARKS.filter((mark) => kinds.has(mark));
  if (phases.length > 0) parameters.set('phase', phases.join(','));
  if (marks.length > 0) parameters.set('mark', marks.join(','));
  if (account !== null) parameters.set('account', account);
  if (text !== '') parameters.set('q', text);
  if (sort !== EVERYTHING.sort) parameters.set('sort', sort);
  if (descending) parameters.set('descending', 'true');
  if (groupBy !== null) parameters.set('by', groupBy);
  if (group !== null) parameters.set('group', group);
  const search = parameters.toString();
  return search === '' ? '#/' : `#/?${search}`;
}

/** What the part of the address after `#` means; an unknown part means the fleet. */
export function routeOf(hash: string): Route {
  if (hash === INCIDENTS_HREF) return { page: 'incidents' };
  if (!hash.startsWith(INSTANCE)) return { page: 'fleet', query: queryOf(hash) };
  try {
    return { page: 'instance', name: decodeURIComponent(hash.slice(INSTANCE.length)) };
  } catch {
    return { page: 'fleet', query: EVERYTHING };
  }
}

/** Anything may stand in an address, so what is unknown is left out. */
function queryOf(hash: string): Query {
  if (!hash.startsWith('#/?')) return EVERYTHING;
  const parameters = new URLSearchParams(hash.slice('#/?'.length));
  const among = <T extends string>(key: string, known: readonly T[]): readonly T[] => {
    const words = parameters.get(key)?.split(',') ?? [];
    return known.filter((word) => words.includes(word));
  };
  const by = parameters.get('by');
  const isGroup = (text: string | null): text is GroupBy => text === 'account' || text?.startsWith('label:') === true;
  return {
    kinds: new Set([...among('phase', SHOWN_PHASES), ...among('mark', MARKS)]),
    account: parameters.get('account'),
    text: parameters.get('q') ?? '',
    sort: SORT_KEYS.find((key) => key === parameters.get('sort')) ?? EVERYTHING.sort,
    descending: parameters.get('descending') === 'true',
    groupBy: isGroup(by) ? by : null,
    group: isGroup(by) ? parameters.get('group') : null,
  };
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

/** Keeps the filters in the address, and takes them from it: at the start, and when the user goes back. */
export function followAddress(state: FleetState): void {
  const look = (): void => {
    const route = routeOf(location.hash);
    if (route.page === 'fleet') state.query.set(route.query);
  };
  look();
  addEventListener('hashchange', look);
  state.query.subscribe((query) => {
    const route = routeOf(location.hash);
    if (route.page !== 'fleet') return;
    const href = fleetHref(query);
    // Each letter of a search as an entry of its own would make the history useless.
    if (href !== fleetHref(route.query)) history.replaceState(null, '', href);
  });
}
