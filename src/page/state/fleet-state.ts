import type { EventView, InstanceView, StatusView } from '../../http/views/schemas.ts';
import { rowsWithInstances, rowsWithProbes, type OwnRemedy, type StreamedProbe, type Rows } from './fleet-rows.ts';
import { EVERYTHING, type Query } from './fleet-query.ts';
import { Observable } from './observable.ts';
import type { PageClock } from './page-clock.ts';
import type { Speech } from '../speech/speech.ts';
import type { SseMessage } from './sse-parser.ts';

/** The page's connection to the watchdog. */
export type Connection =
  | { readonly state: 'connecting' | 'live' }
  | { readonly state: 'lost'; readonly why: string }
  /** It needs a token, and the user gave none. */
  | { readonly state: 'locked' };

/** Shown data is stale after this long without a message; a ping comes every 15 s. */
const STALE_AFTER_MS = 20_000;

/** All that the page knows. Only the live feed and the user's choices change it. */
export class FleetState {
  /** What texts that are searched and shown are in. */
  readonly speech: Speech;
  readonly clock: PageClock;
  /** Null: not loaded yet. */
  readonly rows = new Observable<Rows | null>(null);
  readonly status = new Observable<StatusView | null>(null);
  readonly connection = new Observable<Connection>({ state: 'connecting' });
  readonly query = new Observable<Query>(EVERYTHING);
  /** The last event of the fleet that was streamed; null: none yet. */
  readonly event = new Observable<EventView | null>(null);
  /** Names of the instances of the last news. */
  readonly touched = new Observable<ReadonlySet<string>>(new Set());
  /** The watchdog's time (epoch in ms), once a second. */
  readonly now: Observable<number>;
  /** Where the user was in the fleet when it was left for an instance; null: nowhere. */
  leftAt: { readonly scrollY: number; readonly name: string } | null = null;
  /** When the last message of the watchdog came (epoch in ms, of this machine); null: none yet. */
  lastMessageAt: number | null = null;
  /** How far the watchdog's clock is ahead of this machine's. */
  private ahead = 0;

  constructor(speech: Speech, clock: PageClock) {
    this.speech = speech;
    this.clock = clock;
    this.now = new Observable(clock.now());
  }

  /** To be called once a second. */
  tick(): void {
    this.now.set(this.clock.now() + this.ahead);
  }

  /** How long ago the last message came, in ms; null while the shown data is fresh. */
  staleFor(): number | null {
    if (this.lastMessageAt === null || this.rows.get() === null) return null;
    const silent = this.clock.now() - this.lastMessageAt;
    return this.connection.get().state === 'live' && silent <= STALE_AFTER_MS ? null : silent;
  }

  /** Sets the clock by the watchdog's. */
  synchronize(watchdogNow: string): void {
    this.ahead = Date.parse(watchdogNow) - this.clock.now();
    this.tick();
  }

  /** An instance from the answer to a call. */
  know(instance: InstanceView): void {
    this.changeRows(
      (rows) => rowsWithInstances(rows, { instances: [instance], removed: [] }, this.speech),
      [instance.name],
    );
  }

  /** A message of the live stream other than hello. Messages of an unknown name have no effect. */
  apply({ event, data }: SseMessage): void {
    // The page comes from the same program as the stream.
    if (event === 'status') {
      const status = JSON.parse(data) as StatusView;
      this.status.set(status);
      this.synchronize(status.now);
    } else if (event === 'instances') {
      const { instances, removed } = JSON.parse(data) as { instances: InstanceView[]; removed: string[] };
      const names = [...instances.map(({ name }) => name), ...removed];
      this.changeRows((rows) => rowsWithInstances(rows, { instances, removed }, this.speech), names);
    } else if (event === 'probes') {
      const { probes } = JSON.parse(data) as { probes: StreamedProbe[] };
      const ownRemedy = ownRemedies(this.status.get());
      this.changeRows(
        (rows) => rowsWithProbes(rows, probes, this.speech, ownRemedy),
        probes.map(([name]) => name),
      );
    } else if (event === 'event') {
      this.event.set(JSON.parse(data) as EventView);
    }
  }

  private changeRows(change: (rows: Rows) => Rows, names: readonly string[]): void {
    const rows = this.rows.get();
    if (rows !== null) this.rows.set(change(rows));
    this.touched.set(new Set(names));
  }
}

function ownRemedies(status: StatusView | null): OwnRemedy {
  const gateways = new Map(status?.accounts.map(({ name, gateway }) => [name, gateway]));
  return (account, cause) => status?.remedyTexts[gateways.get(account) ?? '']?.[cause];
}
