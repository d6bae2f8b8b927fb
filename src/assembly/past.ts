import { hostname } from 'node:os';
import type { Logger } from 'pino';
import { calendarOf } from '../history/calendar.ts';
import { History, type HistoryParts } from '../history/history.ts';
import type { Watchdog } from '../runtime/watchdog.ts';
import type { Store } from '../store/store.ts';
import type { LiveConfig } from './live-config.ts';

export interface PastParts extends Pick<HistoryParts, 'clock' | 'wall' | 'bus' | 'recent'> {
  readonly live: LiveConfig;
  readonly store: Pick<Store, 'history'>;
  readonly watchdog: Watchdog;
  readonly log: Logger;
}

/** The history of what a watchdog watches, in the days of the config. */
export function historyOf({ live, store, watchdog, log, ...parts }: PastParts): History {
  const { state, cluster } = live.current;
  return new History({
    ...parts,
    store: store.history,
    // Names this process among those that may share the state.
    writer: state.database === null ? 'main' : (cluster.replica ?? hostname()),
    fleet: () => watchdog.fleet,
    openMaintenance: () => watchdog.guards.openMaintenance(),
    calendar: calendarOf(() => live.current.timezone),
    onTrouble: (error) =>
      log.warn(
        { event: 'history_not_written', err: error },
        'the history cannot be written now; nothing else needs it',
      ),
  });
}
