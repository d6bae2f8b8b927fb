import type { FleetEvent } from '../core/event.ts';
import { MINUTE, SECOND, type DurationMs } from '../core/time.ts';
import type { Instance } from '../runtime/fleet/instance.ts';
import { RECENT_LIMIT, type RecentEvents } from '../telemetry/recent-events.ts';
import type { EventBus } from '../telemetry/event-bus.ts';
import { sleep } from '../time/clock.ts';
import type { Incident } from './incident.ts';
import { IncidentWatch } from './incident-watch.ts';
import { SECONDS_OF_HOUR, type Past } from './instance-history.ts';
import { PastLog } from './past-log.ts';
import { Recorder, type RecorderParts } from './recorder.ts';

/** How often it looks whether an hour is over, and whether what failed can be done now. */
const LOOK_EVERY: DurationMs = MINUTE / 2;
/** At the end, the process waits at most this long for what is not written yet; the rest of the last hour is then lost. */
const LONGEST_STOP: DurationMs = 8 * SECOND;

export interface HistoryParts extends RecorderParts {
  readonly bus: Pick<EventBus, 'subscribe'>;
  readonly recent: Pick<RecentEvents, 'list' | 'restore'>;
  /** The name of this process among those that share the store. */
  readonly writer: string;
  /** Receives why the history cannot be written or read, once until it can. */
  readonly onTrouble: (error: unknown) => void;
}

/**
 * What was: availability by hour and day, incidents, the last probes and events. It only listens, and no decision depends on
 * it. It writes once an hour and at the end; a crash loses less than an hour.
 */
export class History {
  private readonly parts: HistoryParts;
  private readonly recorder: Recorder;
  private readonly log: PastLog;
  private readonly incidents: IncidentWatch;
  private readonly stopping = new AbortController();
  private writing: Promise<void> = Promise.resolve();
  private isInTrouble = false;
  private isRestored = false;
  private writtenHour: number;

  constructor(parts: HistoryParts) {
    this.parts = parts;
    this.recorder = new Recorder(parts);
    this.log = new PastLog(parts.store, parts.writer);
    this.incidents = new IncidentWatch((incident) => this.log.add(incident));
    this.writtenHour = this.hour() - 1;
  }

  /** Listens from now on, and brings back what was before. */
  start(): void {
    this.writtenHour = this.hour() - 1;
    this.recorder.start();
    this.adopt();
    this.parts.bus.subscribe((event) => this.receive(event));
    void this.run();
  }

  /** The past of these instances, in their order, up to now. */
  async of(instances: readonly Instance[]): Promise<readonly Past[]> {
    return await this.recorder.pasts(instances);
  }

  /** That of the days, as IANA names it. */
  get timezone(): string {
    return this.parts.calendar().timezone;
  }

  /** Incidents that last, the longest first. */
  lasting(): readonly Incident[] {
    return this.incidents.lasting();
  }

  /** The same, and then those that are over, the last one first. */
  async *everyIncident(): AsyncGenerator<Incident> {
    yield* this.incidents.lasting();
    yield* this.log.ended(this.parts.wall.now());
  }

  /** Writes all there is, as far as there is time. Never rejects. */
  async stop(): Promise<void> {
    this.stopping.abort();
    this.recorder.hurry();
    await this.writing;
    // It is small. What was not read cannot be replaced.
    const log = this.isRestored ? this.lastEvents() : null;
    await this.attempt(() => this.log.write(this.parts.wall.now(), log));
    await this.attempt(async () => {
      const left = await this.recorder.stop(LONGEST_STOP);
      if (left === 0) return;
      const seconds = LONGEST_STOP / SECOND;
      this.parts.onTrouble(new Error(`the last hour of ${left} instances was not written within ${seconds} s`));
    });
  }

  private receive(event: FleetEvent): void {
    this.recorder.receive(event);
    this.incidents.receive(event);
    if (event.type === 'config_reloaded') this.adopt();
  }

  /** What the fleet is now, as far as incidents are concerned. To be called when accounts came or left. */
  adopt(): void {
    const { instances, accounts } = this.parts.fleet();
    const isWatched = (name: string): boolean => instances.get(name)?.isWatched ?? false;
    this.incidents.keepOnly(isWatched, (name) => accounts.has(name), this.parts.clock.now());
    for (const instance of instances.values()) if (instance.isWatched) this.incidents.adopt(instance);
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      this.writing = this.attempt(() => this.work());
      await this.writing;
      await sleep(this.parts.clock, LOOK_EVERY, signal);
    }
  }

  private async work(): Promise<void> {
    if (!this.isRestored) await this.restore();
    const over = this.hour() - 1;
    const isOver = over > this.writtenHour;
    if (isOver) await this.recorder.write(over);
    if (isOver || this.log.isFull) await this.log.write(this.parts.wall.now(), isOver ? this.lastEvents() : null);
    this.writtenHour = over;
  }

  private async restore(): Promise<void> {
    this.parts.recent.restore(await this.log.events());
    this.isRestored = true;
    await this.recorder.restoreProbes(this.parts.fleet().instances.values());
  }

  private async attempt(work: () => Promise<void>): Promise<void> {
    try {
      await work();
      this.isInTrouble = false;
    } catch (error) {
      if (!this.isInTrouble && !this.stopping.signal.aborted) this.parts.onTrouble(error);
      this.isInTrouble = true;
    }
  }

  private lastEvents(): ReturnType<RecentEvents['list']> {
    return this.parts.recent.list({ after: 0, name: null, account: null }, RECENT_LIMIT);
  }

  private hour(): number {
    return Math.floor(this.parts.wall.now() / SECOND / SECONDS_OF_HOUR);
  }
}
