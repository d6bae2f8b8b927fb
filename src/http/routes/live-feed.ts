import type { FleetEvent, ListFinished } from '../../core/event.ts';
import { isoTime, isoTimeOrNull } from '../../core/schedule/iso-time.ts';
import { SECOND, type DurationMs } from '../../core/time.ts';
import type { Cancel } from '../../time/clock.ts';
import type { RecentEvent } from '../../telemetry/recent-events.ts';
import type { HttpParts } from '../http-parts.ts';
import { instanceView, letterOf } from '../views/instance-view.ts';
import { joinedStatus } from '../peers/joined.ts';
import { PeerFeeds } from '../peers/peer-feeds.ts';
import type { MissingPart, StatusView } from '../views/schemas.ts';

/** At most this many instances in one message. */
const MOST_INSTANCES = 500;

type Topic = 'instances' | 'probes' | 'status' | 'ping';

/** Changes are sent in groups, this long after the first of them. */
const AFTER: Readonly<Record<Topic, DurationMs>> = {
  instances: SECOND / 4,
  probes: SECOND / 2,
  status: SECOND / 2,
  ping: 15 * SECOND,
};

/** One that the texts of a feed are written to. */
export interface Listener {
  /** Whether single probes are wanted. */
  readonly probes: boolean;
  write(message: Uint8Array): void;
}

const PING = Buffer.from(': ping\n\n');

/**
 * The feeds that somebody listens to: that of the whole fleet, by null, and one for each instance that is looked at by itself.
 *
 * @param status may be cached for a moment
 */
export function liveFeeds(parts: HttpParts, status: () => StatusView): (name: string | null) => LiveFeed {
  const feeds = new Map<string | null, LiveFeed>();
  return (name) => {
    const open = feeds.get(name);
    if (open !== undefined) return open;
    const feed = new LiveFeed(parts, name, status, () => feeds.delete(name));
    feeds.set(name, feed);
    return feed;
  };
}

/**
 * What happens, where instances stand now, and the status of the fleet, as text (`text/event-stream`). Each text is made once
 * for all who listen, so that a hundred listeners cost hardly more than one.
 */
export class LiveFeed {
  private readonly parts: HttpParts;
  private readonly name: string | null;
  private readonly status: () => StatusView;
  private readonly onSilence: () => void;
  private readonly listeners = new Set<Listener>();
  /** How many of them want single probes, which are not even looked at for nobody. */
  private probeListeners = 0;
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
  private readonly peerFeeds: PeerFeeds | null;
  /** How often parts of other replicas were renewed. */
  private renewals = 0;
  private sentGeneration = '';
  private sentStatus = '';

  /** @param name only this instance; null: the whole fleet. @param onSilence the last listener has left */
  constructor(parts: HttpParts, name: string | null, status: () => StatusView, onSilence: () => void) {
    this.parts = parts;
    this.name = name;
    this.onSilence = onSilence;
    const { peers } = parts;
    if (peers === null) {
      this.status = status;
      this.peerFeeds = null;
      return;
    }
    const peerFeeds = new PeerFeeds(peers, name, {
      pass: (text, isProbe) => this.send(Buffer.from(text), isProbe),
      statusChanged: () => this.soon('status'),
      partRenewed: () => {
        this.renewals += 1;
        this.soon('status');
      },
    });
    this.peerFeeds = peerFeeds;
    this.status = () => joinedStatus(status(), peerFeeds.statuses, missingOf(peerFeeds), peers);
  }

  /** Begins with how things are, and with the events after `lastEventId`, unless that is null. */
  join(listener: Listener, lastEventId: number | null): void {
    const { recent, bus } = this.parts;
    const { name } = this;
    const status = this.status();
    listener.write(this.hello());
    listener.write(message('status', status));
    const missed = lastEventId === null ? [] : recent.list({ after: lastEventId, name, account: null }, 1_000);
    for (const event of missed) listener.write(eventMessage(event));
    this.listeners.add(listener);
    if (listener.probes) this.probeListeners += 1;
    if (this.listeners.size > 1) return;
    this.sentGeneration = this.generation();
    this.sentStatus = lasting(status);
    this.unsubscribes.push(
      recent.subscribe((event) => {
        if (name === null || event.name === name) this.send(eventMessage(event));
      }),
      bus.subscribe((event) => this.onEvent(event)),
    );
    this.soon('ping');
    this.peerFeeds?.follow();
  }

  leave(listener: Listener): void {
    if (!this.listeners.delete(listener)) return;
    if (listener.probes) this.probeListeners -= 1;
    if (this.listeners.size > 0) return;
    for (const unsubscribe of this.unsubscribes.splice(0)) unsubscribe();
    this.peerFeeds?.stop();
    for (const cancel of this.timers.values()) cancel();
    this.timers.clear();
    this.onSilence();
  }

  private onEvent(event: FleetEvent): void {
    if (event.type === 'list_finished') {
      this.onList(event);
      return;
    }
    if (!('name' in event)) {
      this.soon('status');
      return;
    }
    if (this.name !== null && event.name !== this.name) return;
    if (event.type === 'probe_finished') {
      if (this.probeListeners === 0) return;
      const { name, startedAt, cause, seconds } = event;
      this.probed.set(name, [name, letterOf(cause), isoTime(startedAt), seconds, cause]);
      this.soon('probes');
      return;
    }
    this.changed.add(event.name);
    this.soon('instances');
    this.soon('status');
  }

  private onList({ names, causes, startedAt, seconds }: ListFinished): void {
    if (this.probeListeners === 0) return;
    const at = isoTime(startedAt);
    for (const [index, name] of names.entries()) {
      const cause = causes[index];
      if (cause === undefined || (this.name !== null && name !== this.name)) continue;
      this.probed.set(name, [name, letterOf(cause), at, seconds, cause]);
    }
    if (this.probed.size > 0) this.soon('probes');
  }

  private hello(): Uint8Array {
    const { version, clock } = this.parts;
    return message('hello', { generation: this.generation(), version, now: isoTime(clock.now()) });
  }

  /** Another one where all that readers know of the fleet may be out of date, also by what another replica watches now. */
  private generation(): string {
    const own = this.parts.generation();
    return this.renewals === 0 ? own : `${own}.${this.renewals}`;
  }

  private sendStatus(): void {
    const generation = this.generation();
    if (this.sentGeneration !== generation) {
      this.sentGeneration = generation;
      this.send(this.hello());
    }
    const status = this.status();
    const text = lasting(status);
    if (text === this.sentStatus) return;
    this.sentStatus = text;
    this.send(message('status', status));
  }

  private sendInstances(): void {
    const { fleet, masks, clock, wall } = this.parts;
    const now = clock.now();
    const names = [...this.changed].slice(0, MOST_INSTANCES);
    for (const name of names) this.changed.delete(name);
    const found = names.map((name) => fleet().instances.get(name)).filter((instance) => instance !== undefined);
    const removed = names.filter((name) => !fleet().instances.has(name));
    const instances = found.map((instance) => instanceView(instance, masks, now, wall.now()));
    this.send(message('instances', { instances, removed }));
    if (this.changed.size > 0) this.soon('instances');
  }

  private sendProbes(): void {
    const { instances } = this.parts.fleet();
    const probes = [...this.probed].map(([name, probe]) => {
      const instance = instances.get(name);
      return [...probe, instance === undefined ? null : isoTimeOrNull(instance.nextProbeAt)];
    });
    this.probed.clear();
    this.send(message('probes', { probes }), true);
  }

  private sendPing(): void {
    this.peerFeeds?.follow();
    this.send(PING);
    this.soon('ping');
  }

  private soon(topic: Topic): void {
    if (this.listeners.size === 0 || this.timers.has(topic)) return;
    const cancel = this.parts.clock.after(AFTER[topic], () => {
      this.timers.delete(topic);
      this.senders[topic]();
    });
    this.timers.set(topic, cancel);
  }

  /** To those that want single probes, or to all. A listener that is written to may leave. */
  private send(bytes: Uint8Array, isProbe = false): void {
    for (const listener of [...this.listeners]) if (!isProbe || listener.probes) listener.write(bytes);
  }
}

function missingOf({ missing }: PeerFeeds): readonly MissingPart[] {
  return missing.map((replica) => ({ replica, reason: 'its live stream is not open' }));
}

function message(event: string, data: unknown): Uint8Array {
  return Buffer.from(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
}

function eventMessage(event: RecentEvent): Uint8Array {
  return Buffer.from(`id: ${event.id}\nevent: event\ndata: ${JSON.stringify(event)}\n\n`);
}

/** All of the status that is worth a message when it changes. */
function lasting({ now: _, ...status }: StatusView): string {
  return JSON.stringify(status);
}
