import { isDeepStrictEqual } from 'node:util';
import type { ReceiverSettings } from '../core/notification.ts';
import { MINUTE, SECOND, type DurationMs } from '../core/time.ts';
import type { Cancel } from '../time/clock.ts';
import type { Masks } from '../redaction/masks.ts';
import type { Times } from '../time/wall-clock.ts';
import type { EventBus } from '../telemetry/event-bus.ts';
import { DeliveryQueue, type NotifyLog, type Transport } from './delivery/delivery-queue.ts';
import type { Style } from './formats/in-words.ts';
import { Incidents, type Watching } from './incidents.ts';
import { MutedIncidents } from './muted-incidents.ts';
import type { Notice } from './notice.ts';
import type { FactsOf, RemedyTextsOf } from './open-incidents.ts';
import { Receiver } from './receiver.ts';

/** Messages that still wait when the process ends get this long. */
const FAREWELL: DurationMs = 5 * SECOND;

/** When an account is no longer refused or silent, its last instances get this long until they are probed again. */
const LAST_TO_RETURN: DurationMs = 2 * MINUTE;

export interface NotifierParts extends Times {
  readonly bus: Pick<EventBus, 'subscribe'>;
  /** What is known of an instance, for what is said of it. */
  readonly factsOf: FactsOf;
  readonly remedyTextsOf: RemedyTextsOf;
  /** Whether somebody wants no messages about this now: a pause, an open maintenance window, an acknowledgement. */
  readonly isMuted: (about: Pick<Notice, 'name' | 'account' | 'accounts'>) => boolean;
  /** How people are spoken to; read for each message, because a reload may change it. */
  readonly style: () => Style;
  /** Makes the ids of notices unique beyond this process. */
  readonly processId: string;
  readonly transport: Transport;
  /** Of everything that must not be shown. */
  readonly masks: Masks;
  readonly log: NotifyLog;
  /** This many events will not be delivered. */
  readonly onDropped: (count: number) => void;
}

interface Channel {
  settings: ReceiverSettings;
  readonly receiver: Receiver;
  readonly queue: DeliveryQueue;
}

/** Notifies the configured webhooks of what happens. */
export class Notifier {
  private readonly parts: NotifierParts;
  private readonly incidents: Incidents;
  private readonly muted: MutedIncidents;
  private readonly channels = new Map<string, Channel>();
  private readonly leaving = new Set<Promise<void>>();
  /** By account. */
  private readonly awaited = new Map<string, Cancel>();
  private readonly unsubscribe: () => void;

  /** Listens to events from now on; `configure` sets the receivers. */
  constructor(parts: NotifierParts) {
    this.parts = parts;
    this.incidents = new Incidents(parts.processId, parts.factsOf, parts.remedyTextsOf);
    this.muted = new MutedIncidents({
      clock: parts.clock,
      isMuted: parts.isMuted,
      current: (key, now) => this.incidents.open.current(key, now),
      send: (notice) => this.send(notice),
    });
    this.unsubscribe = parts.bus.subscribe((event) => {
      // Almost all events are probes.
      if (event.type === 'probe_finished' || event.type === 'list_finished') return;
      for (const notice of this.incidents.receive(event)) this.send(notice);
      if (event.type === 'refused_ended' || event.type === 'silent_ended') this.awaitLast(event.account);
    });
  }

  /**
   * Sets the receivers from now on. A receiver of the same name is the same one: its queue is kept, and is sent with the
   * new settings. Open incidents are not announced again, but their end will be.
   * Only newcomers are examined one by one, because a fleet may be very large.
   */
  configure(receivers: readonly ReceiverSettings[], watching: Watching): void {
    this.incidents.keepOnly(watching);
    const now = this.parts.clock.now();
    const wall = this.parts.wall.now();
    for (const instance of watching.newcomers) this.incidents.adopt(instance, now, wall);
    for (const event of watching.harmful) this.incidents.adoptHarm(event);
    const lasting = this.incidents.open.lasting();
    const settingsByName = new Map(receivers.map((settings) => [settings.name, settings]));
    for (const [name, channel] of this.channels) if (!settingsByName.has(name)) this.remove(name, channel);
    for (const settings of receivers) {
      const known = this.channels.get(settings.name);
      if (known === undefined) this.channels.set(settings.name, this.open(settings));
      else if (!isDeepStrictEqual(known.settings, settings)) reconfigure(known, settings);
      this.channels.get(settings.name)?.receiver.adopt(lasting);
    }
    // They may have been announced or not; when they are no longer muted, they are.
    for (const notice of lasting) this.muted.adopt(notice);
  }

  /** Stops listening, and sends what waits as far as that goes quickly. */
  async close(): Promise<void> {
    this.unsubscribe();
    for (const cancel of this.awaited.values()) cancel();
    this.awaited.clear();
    this.muted.close();
    for (const [name, channel] of this.channels) this.remove(name, channel);
    await Promise.all(this.leaving);
  }

  private awaitLast(account: string): void {
    const { clock } = this.parts;
    this.awaited.get(account)?.();
    const look = (): void => {
      this.awaited.delete(account);
      for (const notice of this.incidents.leftBehind(account, clock.now())) this.send(notice);
    };
    this.awaited.set(account, clock.after(LAST_TO_RETURN, look));
  }

  private send(notice: Notice): void {
    const muted = this.muted.take(notice);
    if (muted === 'silent') return;
    for (const { receiver } of this.channels.values()) receiver.receive(notice, muted === 'end');
  }

  private open(settings: ReceiverSettings): Channel {
    const { clock, wall, transport, masks, log, onDropped, style } = this.parts;
    const current = (): ReceiverSettings => channel.settings;
    const queue = new DeliveryQueue({ clock, settings: current, transport, masks, log, onDropped, style });
    const receiver = new Receiver({
      clock,
      wall,
      settings,
      reminder: (key, now) => {
        const notice = this.incidents.open.reminder(key, now);
        return notice !== null && this.muted.isMuted(notice) ? 'muted' : notice;
      },
      send: (message) => queue.add(message),
    });
    const channel: Channel = { settings, receiver, queue };
    return channel;
  }

  private remove(name: string, { receiver, queue }: Channel): void {
    this.channels.delete(name);
    receiver.close();
    const closed = queue.close(FAREWELL).finally(() => this.leaving.delete(closed));
    this.leaving.add(closed);
  }
}

function reconfigure(channel: Channel, settings: ReceiverSettings): void {
  channel.receiver.reconfigure(settings);
  channel.settings = settings;
  channel.queue.tryNow();
}
