import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { z } from 'zod';
import { TRIGGERS } from '../core/instance/instance.ts';
import { DAY, type DurationMs, type EpochMs } from '../core/time.ts';
import { EVERY_CAUSE } from '../core/verdict.ts';
import type { HistoryStore } from '../store/store.ts';
import type { RecentEvent } from '../telemetry/recent-events.ts';
import { INCIDENT_ENDS, INCIDENT_KINDS, type Incident } from './incident.ts';

// Keys of instances hold no '#'.
const DIRECTORY_KEY = '#log';
/** Incidents in one record, which is written again until it is full. */
const CHUNK = 100;
/** Records of one writer that are kept: 10,000 incidents. */
const CHUNKS_KEPT = 100;
const KEPT: DurationMs = 90 * DAY;
/** Longest text of a record; a damaged or hostile one does not grow beyond it. */
const LONGEST_TEXT = 8 * 1024 * 1024;

const incidentSchema = z.object({
  kind: z.enum(INCIDENT_KINDS),
  name: z.string().nullable(),
  account: z.string().nullable(),
  cause: z.enum(EVERY_CAUSE).nullable(),
  began: z.number(),
  ended: z.number().nullable(),
  endedBy: z.enum(INCIDENT_ENDS).nullable(),
  trigger: z.enum(TRIGGERS).nullable(),
  restarts: z.int().min(0),
});
const eventSchema = z.looseObject({
  id: z.int().min(1),
  at: z.string(),
  type: z.string(),
  level: z.enum(['debug', 'info', 'warn', 'error']),
  message: z.string(),
});
/** Of each writer: its first and its last record, and when it last wrote. */
const directorySchema = z.record(z.string(), z.object({ first: z.int().min(0), last: z.int().min(0), at: z.number() }));
type Directory = z.output<typeof directorySchema>;

/**
 * The incidents that are over, and the last events. Each process that shares a store writes its own records, by its name,
 * and reads those of all.
 */
export class PastLog {
  private readonly store: HistoryStore;
  private readonly writer: string;
  /** Incidents of the newest record, which is not full yet. Null: not read so far. */
  private tail: Incident[] | null = null;
  private last = 0;
  private waiting: Incident[] = [];

  constructor(store: HistoryStore, writer: string) {
    this.store = store;
    this.writer = writer;
  }

  /** An incident is over; it is written with the next ones. */
  add(incident: Incident): void {
    this.waiting.push(incident);
    // When nothing can be written for long, the newest are kept.
    if (this.waiting.length > CHUNK * CHUNKS_KEPT) this.waiting.splice(0, CHUNK);
  }

  /** Whether there are so many that they are better written at once. */
  get isFull(): boolean {
    return this.waiting.length >= CHUNK;
  }

  /** The events of the process that wrote last, oldest first. */
  async events(): Promise<readonly RecentEvent[]> {
    const directory = await this.directory();
    const [newest] = Object.entries(directory).sort(([, one], [, other]) => other.at - one.at);
    if (newest === undefined) return [];
    const writer = this.writer in directory ? this.writer : newest[0];
    return (await this.read(`#events/${writer}`, z.array(eventSchema))) ?? [];
  }

  /**
   * Writes what waits, and, if given, the last events. Calls must not overlap.
   *
   * @throws StoreError; then all of it still waits
   */
  async write(now: EpochMs, events: readonly RecentEvent[] | null): Promise<void> {
    const directory = await this.directory();
    const known = directory[this.writer];
    this.tail ??= known === undefined ? [] : ((await this.readChunk(this.writer, known.last)) ?? []);
    if (known !== undefined) this.last = Math.max(this.last, known.last);
    const count = this.waiting.length;
    const records = new Map<string, Uint8Array | null>();
    let [tail, last] = [this.tail, this.last];
    for (const incident of this.waiting) {
      if (tail.length >= CHUNK) [tail, last] = [[], last + 1];
      tail = [...tail, incident];
      if (tail.length === CHUNK || incident === this.waiting.at(-1)) {
        records.set(chunkKey(this.writer, last), packed(tail));
      }
    }
    const first = Math.max(known?.first ?? 0, last - CHUNKS_KEPT + 1);
    for (let chunk = known?.first ?? 0; chunk < first; chunk += 1) records.set(chunkKey(this.writer, chunk), null);
    const others = this.withoutForgotten(directory, now, records);
    records.set(DIRECTORY_KEY, packed({ ...others, [this.writer]: { first, last, at: now } }));
    if (events !== null) records.set(`#events/${this.writer}`, packed(events));
    await this.store.write(records);
    this.waiting = this.waiting.slice(count);
    [this.tail, this.last] = [tail, last];
  }

  /** Incidents that are over and were kept, the one that ended last first. */
  async *ended(now: EpochMs): AsyncGenerator<Incident> {
    const directory = await this.directory();
    const isKept = ({ ended }: Incident): boolean => ended !== null && ended > now - KEPT;
    const writers = Object.entries(directory).map(([writer, { first, last }]) => this.ofWriter(writer, first, last));
    const heads = await Promise.all(writers.map((each) => each.next()));
    const waiting = this.waiting.toReversed().values();
    const sources = [waiting, ...writers];
    const next = [waiting.next(), ...heads].map(({ value }) => value);
    for (;;) {
      const ends = next.map((incident) => incident?.ended ?? -1);
      const latest = ends.indexOf(Math.max(...ends));
      const incident = next[latest];
      if (incident === undefined || !isKept(incident)) return;
      yield incident;
      next[latest] = (await sources[latest]?.next())?.value;
    }
  }

  private async *ofWriter(writer: string, first: number, last: number): AsyncGenerator<Incident, undefined> {
    for (let chunk = last; chunk >= first; chunk -= 1) {
      const incidents = (await this.readChunk(writer, chunk)) ?? [];
      yield* incidents.toReversed();
    }
    return undefined;
  }

  private async directory(): Promise<Directory> {
    return (await this.read(DIRECTORY_KEY, directorySchema)) ?? {};
  }

  private readChunk(writer: string, chunk: number): Promise<Incident[] | null> {
    return this.read(chunkKey(writer, chunk), z.array(incidentSchema).max(CHUNK));
  }

  /** Takes away what processes wrote that have not written for so long that all of it is out of date. */
  private withoutForgotten(directory: Directory, now: EpochMs, records: Map<string, Uint8Array | null>): Directory {
    const entries = Object.entries(directory).filter(([writer, { first, last, at }]) => {
      if (at > now - KEPT || writer === this.writer) return true;
      for (let chunk = first; chunk <= last; chunk += 1) records.set(chunkKey(writer, chunk), null);
      records.set(`#events/${writer}`, null);
      return false;
    });
    return Object.fromEntries(entries);
  }

  /** What is damaged counts as missing. */
  private async read<T>(key: string, schema: z.ZodType<T>): Promise<T | null> {
    const [record = null] = await this.store.read([key]);
    if (record === null) return null;
    try {
      const text = inflateRawSync(record, { maxOutputLength: LONGEST_TEXT });
      return schema.parse(JSON.parse(text.toString()));
    } catch {
      return null;
    }
  }
}

function chunkKey(writer: string, chunk: number): string {
  return `#incidents/${writer}/${chunk}`;
}

/** A thousand events take some milliseconds. */
function packed(value: unknown): Buffer {
  return deflateRawSync(JSON.stringify(value));
}
