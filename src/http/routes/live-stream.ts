import type { FleetEvent } from '../../core/event.ts';
import { isoTime, isoTimeOrNull } from '../../core/schedule/iso-time.ts';
import { SECOND, type DurationMs } from '../../core/time.ts';
import type { Cancel } from '../../time/clock.ts';
import type { RecentEvent } from '../../telemetry/recent-events.ts';
import type { HttpParts } from '../http-parts.ts';
import { instanceView, letterOf } from '../views/instance-view.ts';
import type { StatusView } from '../views/schemas.ts';

/** At most this many instances in one message. */
const MOST_INSTANCES = 500;
/** At most this many characters wait for a slow reader; beyond that it is cut off, and reconnects when it can. */
const LONGEST_BACKLOG = 4 * 1024 * 1024;

/** Where a stream goes: an answer of Node.js. */
export interface Reader {
  write(text: string): unknown;
  /** Characters that were written and not yet read. */
  readonly writableLength: number;
  destroy(): unknown;
}

export interface StreamOptions {
  /** Only this instance; null: the whole fleet. */
  readonly name: string | null;
  /** Whether single probes are wanted. */
  readonly probes: boolean;
  /** The last event that the reader has; null: it wants no earlier ones. */
  readonly lastEventId: number | null;
}

type Topic = 'instances' | 'probes' | 'status' | 'ping';

/** Changes are sent in groups, this long after the first of them. */
const AFTER: Readonly<Record<Topic, DurationMs>> = {
  instances: SECOND / 4,
  probes: SECOND / 2,
  status: SECOND / 2,
  ping: 15 * SECOND,
};

/** One live stream of events (`text/event-stream`): what happens, where instances stand now, and the status of the fleet. */
export class LiveStream {
  private readonly parts: HttpParts;
  private readonly reader: Reader;
  private readonly options: StreamOptions;
  private readonly status: () => StatusView;
  private readonly changed = new Set<string>();
  private readonly probed = new Map<string, readonly unknown[]>();
  private readonly timers = new Map<Topic, Cancel>();
  private readonly senders: Readonly<Record<Topic, () => void>> = {
    instances: () => this.sendInstances(),
    probes: () => this.sendProbes(),
    status: () => this.sendStatus(),
    ping: () => this.sendPing(),
  };
  private readonly unsubscribes: (() => void)[] = [];
  private sentGeneration = '';
  private sentStatus = '';

  /** @param status may be cached for a moment, because all streams need it */
  constructor(parts: HttpParts, reader: Reader, wish: StreamOptions, status: () => StatusView) {
    this.parts = parts;
    this.reader = reader;
    this.options = wish;
    this.status = status;
  }

  open(): void {
    const { recent, bus } = this.parts;
    const { lastEventId, name } = this.options;
    this.hello();
    this.sendStatus();
    const missed = lastEventId === null ? [] : recent.list({ after: lastEventId, name, account: null }, 1_000);
    for (const event of missed) this.sendEvent(event);
    this.unsubscribes.push(
      recent.subscribe((event) => {
        if (name === null || event.name === name) this.sendEvent(event);
      }),
      bus.subscribe((event) => this.onEvent(event)),
    );
    this.soon('ping');
  }

  close(): void {
    for (const unsubscribe of this.unsubscribes.splice(0)) unsubscribe();
    for (const cancel of this.timers.values()) cancel();
    this.timers.clear();
  }

  private onEvent(event: FleetEvent): void {
    if (!('name' in event)) {
      this.soon('status');
      return;
    }
    if (this.options.name !== null && event.name !== this.options.name) return;
    if (event.type === 'probe_finished') {
      if (!this.options.probes) return;
      const { name, startedAt, cause, seconds } = event;
      this.probed.set(name, [name, letterOf(cause), isoTime(startedAt), seconds, cause]);
      this.soon('probes');
      return;
    }
    this.changed.add(event.name);
    this.soon('instances');
    this.soon('status');
  }

  private hello(): void {
    const { version, clock, generation } = this.parts;
    this.sentGeneration = generation();
    this.send('hello', { generation: this.sentGeneration, version, now: isoTime(clock.now()) });
  }

  private sendStatus(): void {
    // After a reload everything that the reader knows of the fleet may be out of date.
    if (this.sentGeneration !== this.parts.generation()) this.hello();
    const status = this.status();
    const { now: _, ...lasting } = status;
    const text = JSON.stringify(lasting);
    if (text === this.sentStatus) return;
    this.sentStatus = text;
    this.send('status', status);
  }

  private sendInstances(): void {
    const { fleet, clock, wall, masks } = this.parts;
    const now = clock.now();
    const names = [...this.changed].slice(0, MOST_INSTANCES);
    for (const name of names) this.changed.delete(name);
    const found = names.map((name) => fleet().instances.get(name)).filter((instance) => instance !== undefined);
    const removed = names.filter((name) => !fleet().instances.has(name));
    this.send('instances', {
      instances: found.map((instance) => instanceView(instance, masks, now, wall.now())),
      removed,
    });
    if (this.changed.size > 0) this.soon('instances');
  }

  private sendProbes(): void {
    const { instances } = this.parts.fleet();
    const probes = [...this.probed].map(([name, probe]) => {
      const instance = instances.get(name);
      return [...probe, instance === undefined ? null : isoTimeOrNull(instance.nextProbeAt)];
    });
    this.probed.clear();
    this.send('probes', { probes });
  }

  private sendEvent(event: RecentEvent): void {
    this.write(`id: ${event.id}\nevent: event\ndata: ${JSON.stringify(event)}\n\n`);
  }

  private sendPing(): void {
    this.write(': ping\n\n');
    this.soon('ping');
  }

  private soon(topic: Topic): void {
    if (this.timers.has(topic)) return;
    const cancel = this.parts.clock.after(AFTER[topic], () => {
      this.timers.delete(topic);
      this.senders[topic]();
    });
    this.timers.set(topic, cancel);
  }

  private send(event: string, data: unknown): void {
    this.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  private write(text: string): void {
    if (this.reader.writableLength <= LONGEST_BACKLOG) {
      this.reader.write(text);
      return;
    }
    this.parts.metrics.eventDropped('stream');
    this.close();
    this.reader.destroy();
  }
}
