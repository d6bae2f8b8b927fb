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
    const route = routeOf(location.hash);
    if (route.page !== 'fleet') return;
    const href = fleetHref(state.query.get());
    // Each letter of a search as an entry of its own would make the history useless.
    if (href !== fleetHref(route.query)) history.replaceState(null, '', href);
  });
}
