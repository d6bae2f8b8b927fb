import { isDeepStrictEqual } from 'node:util';
import type { ReceiverSettings } from '../core/notification.ts';
import { SECOND, type DurationMs } from '../core/time.ts';
import type { Clock } from '../time/clock.ts';
import type { WallClock } from '../time/wall-clock.ts';
import type { EventBus } from '../telemetry/event-bus.ts';
import { Incidents, type Watching } from './incidents.ts';
import type { Notice } from './notice.ts';
import { DeliveryQueue, type NotifyLog, type Transport } from './delivery-queue.ts';
import { Receiver } from './receiver.ts';

/** What still waits when the process ends gets this long. */
const FAREWELL: DurationMs = 5 * SECOND;

export interface NotifierParts {
  readonly clock: Clock;
  readonly wall: WallClock;
  readonly bus: Pick<EventBus, 'subscribe'>;
  /** Makes the ids of notices unique beyond this process. */
  readonly processId: string;
  readonly transport: Transport;
  /** Replaces whatever must not be shown. */
  readonly mask: (text: string) => string;
  readonly log: NotifyLog;
  /** So many events will not be delivered. */
  readonly onDropped: (count: number) => void;
}

interface Channel {
  settings: ReceiverSettings;
  readonly receiver: Receiver;
  readonly outbox: DeliveryQueue;
}

/** Tells the configured webhooks what happens. */
export class Notifier {
  private readonly parts: NotifierParts;
  private readonly incidents: Incidents;
  private readonly channels = new Map<string, Channel>();
  private readonly leaving = new Set<Promise<void>>();
  private readonly unsubscribe: () => void;

  /** Hears events from now on; `configure` says who is told of them. */
  constructor(parts: NotifierParts) {
    this.parts = parts;
    this.incidents = new Incidents(parts.processId);
    this.unsubscribe = parts.bus.subscribe((event) => {
      // Almost all events are probes.
      if (event.type === 'probe_finished') return;
      for (const notice of this.incidents.hear(event)) this.tell(notice);
    });
  }

  /**
   * Sets who is told from now on. A receiver of the same name is the same: what waits for it goes on waiting, and is
   * sent as the new settings say. What lasts already is not announced again, but its end will be.
   * Only newcomers are looked at one by one, for a fleet may be very large.
   */
  configure(receivers: readonly ReceiverSettings[], watching: Watching): void {
    this.incidents.keepOnly(watching);
    const now = this.parts.clock.now();
    const wall = this.parts.wall.now();
    for (const instance of watching.newcomers) this.incidents.adopt(instance, now, wall);
    const lasting = this.incidents.lasting();
    const wanted = new Map(receivers.map((settings) => [settings.name, settings]));
    for (const [name, line] of this.channels) if (!wanted.has(name)) this.remove(name, line);
    for (const settings of receivers) {
      const known = this.channels.get(settings.name);
      if (known === undefined) this.channels.set(settings.name, this.open(settings));
      else if (!isDeepStrictEqual(known.settings, settings)) reconfigure(known, settings);
      this.channels.get(settings.name)?.receiver.adopt(lasting);
    }
  }

  /** Hears nothing more, and sends what waits as far as that goes quickly. */
  async close(): Promise<void> {
    this.unsubscribe();
    for (const [name, line] of this.channels) this.remove(name, line);
    await Promise.all(this.leaving);
  }

  private tell(notice: Notice): void {
    for (const { receiver } of this.channels.values()) receiver.hear(notice);
  }

  private open(settings: ReceiverSettings): Channel {
    const { clock, transport, mask, log, onDropped } = this.parts;
    const outbox = new DeliveryQueue({ clock, settings: () => line.settings, transport, mask, log, onDropped });
    const receiver = new Receiver({
      clock,
      settings,
      reminder: (key, now) => this.incidents.reminder(key, now),
      send: (message) => {
        outbox.add(message);
      },
    });
    const line: Channel = { settings, receiver, outbox };
    return line;
  }

  private remove(name: string, { receiver, outbox }: Channel): void {
    this.channels.delete(name);
    receiver.close();
    const closed = outbox.close(FAREWELL).finally(() => this.leaving.delete(closed));
    this.leaving.add(closed);
  }
}

function reconfigure(line: Channel, settings: ReceiverSettings): void {
  line.receiver.reconfigure(settings);
  line.settings = settings;
  line.outbox.tryNow();
}
