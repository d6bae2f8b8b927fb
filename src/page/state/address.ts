import type { FleetState } from './fleet-state.ts';
import { fleetHref, routeOf } from './route.ts';

/** Keeps the filters in the address, and takes them from it: at the start, and when the user goes back. */
export function followAddress(state: FleetState): void {
  const look = (): void => {
    const route = routeOf(location.hash);
    if (route.page === 'fleet') state.query.set(route.query);
  };
  look();
  addEventListener('hashchange', look);
  state.query.subscribe(() => {
    if (routeOf(location.hash).page !== 'fleet') return;
    const href = fleetHref(state.query.get());
    // Each letter of a search as an entry of its own would make the history useless.
    if (href !== fleetHref(queryIn(location.hash))) history.replaceState(null, '', href);
  });
}

function queryIn(hash: string): Parameters<typeof fleetHref>[0] {
  const route = routeOf(hash);
  if (route.page !== 'fleet') throw new Error('only the fleet has filters');
  return route.query;
}
