import type { FleetEvent } from '../core/event.ts';
import type { MaintenanceWindow } from '../core/settings.ts';
import { MINUTE, SECOND, type DurationMs, type EpochMs } from '../core/time.ts';
import { verdictOf, wasAnswered, type Cause } from '../core/verdict.ts';
import type { Fleet } from '../runtime/fleet/fleet.ts';
import type { Instance } from '../runtime/fleet/instance.ts';
import type { HistoryStore } from '../store/store.ts';
import { type Cancel, sleep } from '../time/clock.ts';
import type { Times } from '../time/wall-clock.ts';
import { recorded, type TimeClass } from './bucket.ts';
import type { Calendar } from './calendar.ts';
import { encodeHistory, historyOf } from './history-record.ts';
import { HourRows } from './hour-rows.ts';
import { forwarded, pastOf, record, SECONDS_OF_HOUR, type InstanceHistory, type Past } from './instance-history.ts';
import { timeClassOf } from './time-class.ts';

/** Windows that open and close, and a process that stood still, are noticed within this time. */
const TICK: DurationMs = 10 * SECOND;
/** Nothing is known of a time in which this process stood still for longer than this. */
const LONGEST_GAP: DurationMs = MINUTE;
/** Records that are made at once: two milliseconds of work, so that no probe waits for it. */
const PORTION = 25;
/** At the end, nothing has to wait for it. */
const LARGE_PORTION = 500;
/** Between two portions: a hundred thousand instances are written within two minutes. */
const PAUSE: DurationMs = 25;

export interface RecorderParts extends Times {
  readonly fleet: () => Fleet;
  readonly openMaintenance: () => readonly MaintenanceWindow[];
  readonly store: HistoryStore;
  /** Whose days are counted; a reload may change it. */
  readonly calendar: () => Calendar;
}

/**
 * Counts what each instance is, hour by hour, and writes each hour once. In memory there are numbers of this hour and the
 * last; everything older is in the store.
 */
export class Recorder {
  private readonly parts: RecorderParts;
  private readonly rows = new HourRows();
  /** Whose each row is. */
  private readonly owners: (Instance | undefined)[] = [];
  private readonly stopping = new AbortController();
  private open: readonly MaintenanceWindow[] = [];
  private followed: Fleet | null = null;
  private tickedAt: number;
  private cancelTick: Cancel = () => undefined;

  constructor(parts: RecorderParts) {
    this.parts = parts;
    this.tickedAt = parts.wall.now();
  }

  /** Counts from now on. */
  start(): void {
    this.tickedAt = this.parts.wall.now();
    this.tick();
  }

  /** Every event of the fleet, in order. */
  receive(event: FleetEvent): void {
    if (!('name' in event)) return;
    const instance = this.instanceOf(event);
    if (instance === undefined) return;
    const wall = this.parts.wall.at(event.at);
    const now = seconds(wall);
    const row = this.rowOf(instance, wall);
    switch (event.type) {
      case 'probe_finished':
        if (tellsLatency(event.cause)) this.rows.answered(row, now, event.seconds * SECOND);
        break;
      case 'restart_started':
        this.rows.restarted(row, now);
        break;
      case 'healed':
        this.rows.healed(row, now, event.secondsToHeal);
        break;
      default:
    }
    this.rows.become(row, now, timeClassOf(instance, this.open, wall));
  }

  /** The past of these instances, in their order, up to now. */
  async pasts(instances: readonly Instance[]): Promise<readonly Past[]> {
    const stored = await this.stored(instances);
    const now = this.time();
    const calendar = this.parts.calendar();
    return instances.map((instance, index) =>
      pastOf(this.upToNow(instance, stored[index] ?? historyOf(null), now), calendar),
    );
  }

  /** Has the instances remember the probes that were made before this process began. */
  async restoreProbes(instances: Iterable<Instance>): Promise<void> {
    for (const portion of portionsOf(instances)) {
      if (this.stopping.signal.aborted) return;
      const stored = await this.stored(portion);
      for (const [index, instance] of portion.entries()) instance.seen.restore(stored[index]?.probes ?? []);
      await sleep(this.parts.clock, 0, this.stopping.signal);
    }
  }

  /**
   * Writes the hour that is over, of all instances, in portions with pauses.
   *
   * @param hour counted from 1970
   * @throws StoreError; what was not written is written by the next call
   */
  async write(hour: number): Promise<void> {
    const end = (hour + 1) * SECONDS_OF_HOUR;
    const { signal } = this.stopping;
    for (const portion of portionsOf(this.everyOwner())) {
      if (signal.aborted) return;
      await this.writePortion(portion, hour, end);
      await sleep(this.parts.clock, PAUSE, signal);
    }
  }

  /** Has a write of an hour end early; {@link stop} goes on with it. */
  hurry(): void {
    this.stopping.abort();
  }

  /**
   * Writes all there is, without pauses, and counts no longer.
   *
   * @param limit nothing more is begun after that
   * @returns how many records were not written
   */
  async stop(limit: DurationMs): Promise<number> {
    this.cancelTick();
    this.stopping.abort();
    const until = this.parts.clock.now() + limit;
    const now = this.time();
    const hour = Math.floor(now / SECONDS_OF_HOUR);
    const left = await this.writeRest(hour - 1, hour * SECONDS_OF_HOUR, until);
    return now > hour * SECONDS_OF_HOUR ? left + (await this.writeRest(hour, now, until)) : left;
  }

  private async writeRest(hour: number, end: number, until: EpochMs): Promise<number> {
    let left = 0;
    for (const portion of portionsOf(this.everyOwner(), LARGE_PORTION)) {
      if (this.parts.clock.now() < until) await this.writePortion(portion, hour, end);
      else left += portion.filter(({ historyRow }) => recorded(this.rows.peek(historyRow, hour)) > 0).length;
    }
    return left;
  }

  private everyOwner(): readonly Instance[] {
    return this.owners.filter((owner) => owner !== undefined);
  }

  private async writePortion(instances: readonly Instance[], hour: number, end: number): Promise<void> {
    const { rows } = this;
    const now = this.time();
    for (const { historyRow } of instances) rows.advance(historyRow, now);
    const counted = instances.filter((instance) => recorded(rows.peek(instance.historyRow, hour)) > 0);
    if (counted.length > 0) {
      const stored = await this.stored(counted);
      const records = counted.map((instance, index): [string, Uint8Array] => {
        const next = this.recordRow(stored[index] ?? historyOf(null), instance.historyRow, hour, end);
        return [instance.key, encodeHistory({ ...next, probes: instance.seen.list() })];
      });
      await this.parts.store.write(new Map(records));
    }
    for (const instance of instances) {
      rows.written(instance.historyRow, hour);
      if (instance.removed && !rows.isWatched(instance.historyRow)) this.release(instance, hour);
    }
  }

  /** An instance that is gone gives its row away once nothing of it waits to be written. */
  private release(instance: Instance, hour: number): void {
    const row = instance.historyRow;
    if (recorded(this.rows.peek(row, hour + 1)) > 0) return;
    this.owners[row] = undefined;
    this.rows.close(row);
    instance.historyRow = -1;
  }

  private async stored(instances: readonly Instance[]): Promise<readonly InstanceHistory[]> {
    const records = await this.parts.store.read(instances.map(({ key }) => key));
    return records.map(historyOf);
  }

  private upToNow(instance: Instance, stored: InstanceHistory, now: number): InstanceHistory {
    const { historyRow: row } = instance;
    const calendar = this.parts.calendar();
    let history = stored;
    if (row === -1) return forwarded(history, now, calendar);
    this.rows.advance(row, now);
    const hour = Math.floor(now / SECONDS_OF_HOUR);
    for (const each of [hour - 1, hour]) {
      const end = Math.min(now, (each + 1) * SECONDS_OF_HOUR);
      if (recorded(this.rows.peek(row, each)) > 0) history = this.recordRow(history, row, each, end);
    }
    return forwarded(history, now, calendar);
  }

  private recordRow(history: InstanceHistory, row: number, hour: number, to: number): InstanceHistory {
    const { rows } = this;
    const from = to - rows.covered(row, hour);
    return record(history, rows.peek(row, hour), { from, to, left: !rows.isWatched(row) }, this.parts.calendar());
  }

  private tick(): void {
    this.cancelTick = this.parts.clock.after(TICK, () => this.tick());
    this.noticeGap();
    const fleet = this.parts.fleet();
    if (fleet !== this.followed) this.follow(fleet);
    const open = this.parts.openMaintenance();
    const isSame = open.length === this.open.length && open.every((window, index) => window === this.open[index]);
    this.open = open;
    if (!isSame) this.classifyAll();
  }

  /** Nothing is known of a time in which this process was suspended, or by which the clock was set forward. */
  private noticeGap(): void {
    const wall = this.parts.wall.now();
    const before = this.tickedAt;
    this.tickedAt = wall;
    if (wall - before <= LONGEST_GAP) return;
    for (const instance of this.everyOwner()) {
      if (!this.rows.isWatched(instance.historyRow)) continue;
      this.rows.become(instance.historyRow, seconds(before), 'unknown');
      this.rows.become(instance.historyRow, seconds(wall), this.classOf(instance));
    }
  }

  private follow(fleet: Fleet): void {
    const wall = this.followed === null ? this.tickedAt : this.parts.wall.now();
    this.followed = fleet;
    const newcomers = [...fleet.instances.values()].filter(({ historyRow }) => historyRow === -1);
    for (const instance of newcomers) this.rowOf(instance, wall);
    this.classifyAll();
  }

  private classifyAll(): void {
    const now = this.time();
    for (const instance of this.everyOwner()) this.rows.become(instance.historyRow, now, this.classOf(instance));
  }

  private instanceOf(event: Extract<FleetEvent, { readonly name: string }>): Instance | undefined {
    const known = event.type === 'probe_finished' ? this.owners[event.historyRow ?? -1] : undefined;
    return known?.name === event.name ? known : this.parts.fleet().instances.get(event.name);
  }

  private rowOf(instance: Instance, wall: EpochMs): number {
    if (wall - this.tickedAt > LONGEST_GAP) this.noticeGap();
    if (instance.historyRow !== -1) return instance.historyRow;
    const row = this.rows.open(seconds(wall), timeClassOf(instance, this.open, wall));
    this.owners[row] = instance;
    instance.historyRow = row;
    return row;
  }

  private classOf(instance: Instance): TimeClass | null {
    return timeClassOf(instance, this.open, this.parts.wall.now());
  }

  private time(): number {
    return seconds(this.parts.wall.now());
  }
}

/** Answers of the gateway about the instance; how long nothing came says nothing about a latency. */
function tellsLatency(cause: Cause): boolean {
  return wasAnswered(cause) && verdictOf(cause) !== 'inconclusive';
}

function seconds(at: number): number {
  return Math.floor(at / SECOND);
}

function* portionsOf(instances: Iterable<Instance>, size = PORTION): Generator<readonly Instance[]> {
  const all = [...instances];
  for (let done = 0; done < all.length; done += size) yield all.slice(done, done + size);
}
