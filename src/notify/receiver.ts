import type { NotifyFormat, ReceiverSettings } from '../core/notification.ts';
import type { EpochMs } from '../core/time.ts';
import type { Cancel, Clock } from '../time/clock.ts';
import { Flapping } from './flapping.ts';
import type { Message, Notice } from './notice.ts';

/** At most this many notices of one message are kept and shown; more are only counted. */
export const MOST_SHOWN = 20;

const FOR_MACHINES: ReadonlySet<NotifyFormat> = new Set<NotifyFormat>(['cloudevents', 'standard']);

interface Group {
  readonly shown: [Notice, ...Notice[]];
  count: number;
}

export interface ReceiverParts {
  readonly clock: Clock;
  readonly settings: ReceiverSettings;
  /** Makes a reminder of an incident; null when it is over. */
  readonly reminder: (key: string, now: EpochMs) => Notice | null;
  readonly send: (message: Message) => void;
}

/**
 * What one receiver is sent, and when: only what it wants, events of one kind together, reminders of open incidents, and
 * the end of every incident whose beginning it was sent.
 */
export class Receiver {
  private readonly parts: ReceiverParts;
  private settings: ReceiverSettings;
  /** When each incident was notified last, in the order of these times. */
  private readonly notified = new Map<string, EpochMs>();
  private readonly groups = new Map<string, Group>();
  /** Incidents that `groups` have notices of. */
  private readonly grouped = new Set<string>();
  private readonly flapping: Flapping;
  private cancelGroups: Cancel | null = null;
  private cancelReminder: Cancel | null = null;

  constructor(parts: ReceiverParts) {
    this.parts = parts;
    this.settings = parts.settings;
    this.flapping = new Flapping({
      clock: parts.clock,
      // A receiver that is not sent `flapping` must not miss what is held back because of it.
      settings: () => (this.settings.events.includes('flapping') ? this.settings.flapping : null),
      send: (notice) => {
        const { incident, stage, topic } = notice;
        if (incident !== null && stage === 'began' && topic !== 'flapping') this.note(incident);
        this.add(notice);
      },
    });
  }

  receive(notice: Notice): void {
    const { incident, stage } = notice;
    const selected = this.selects(notice);
    // The end of what was sent, or held back, is sent even where its topic is not selected.
    const isItsEnd =
      incident !== null && stage === 'ended' && (this.notified.has(incident) || this.flapping.knows(notice));
    if ((selected || isItsEnd) && this.flapping.holds(notice)) {
      if (incident !== null) this.notified.delete(incident);
      return;
    }
    if (incident === null) {
      if (selected) this.add(notice);
    } else if (stage === 'ended') {
      const wasNotified = this.notified.delete(incident);
      if (wasNotified || selected) this.add(notice);
    } else if (selected) {
      this.note(incident);
      this.add(notice);
    }
  }

  /** Counts open incidents as notified, so that their end and reminders follow; forgets all others. */
  adopt(lasting: readonly Notice[]): void {
    const keys = new Set(lasting.map(({ incident }) => incident));
    for (const incident of this.notified.keys()) if (!keys.has(incident)) this.notified.delete(incident);
    for (const notice of lasting) {
      const { incident } = notice;
      if (incident === null || this.notified.has(incident) || this.flapping.isOn(notice.name)) continue;
      if (this.selects(notice)) this.note(incident);
    }
  }

  reconfigure(settings: ReceiverSettings): void {
    // The groups were collected under the previous settings.
    this.flush();
    this.settings = settings;
    this.flapping.adoptSettings();
    this.awaitReminder();
  }

  /** Sends the groups collected so far. */
  flush(): void {
    this.cancelGroups?.();
    this.cancelGroups = null;
    const groups = [...this.groups.values()];
    this.groups.clear();
    this.grouped.clear();
    for (const { shown, count } of groups) this.send(shown, count);
  }

  close(): void {
    this.flapping.close();
    this.flush();
    this.cancelReminder?.();
    this.cancelReminder = null;
  }

  private selects({ topic, accounts: about }: Notice): boolean {
    const { events, accounts } = this.settings;
    if (!events.includes(topic)) return false;
    return about.length === 0 || accounts.length === 0 || about.some((account) => accounts.includes(account));
  }

  private note(incident: string): void {
    this.notified.delete(incident);
    this.notified.set(incident, this.parts.clock.now());
    if (this.cancelReminder === null) this.awaitReminder();
  }

  private add(notice: Notice): void {
    const { format, groupWait } = this.settings;
    if (FOR_MACHINES.has(format) || groupWait === 0) {
      this.send([notice], 1);
      return;
    }
    // Two notices of one incident must arrive in their order.
    if (notice.incident !== null) {
      if (this.grouped.has(notice.incident)) this.flush();
      this.grouped.add(notice.incident);
    }
    const kind = `${notice.topic} ${notice.stage}`;
    const group = this.groups.get(kind);
    if (group === undefined) this.groups.set(kind, { shown: [notice], count: 1 });
    else {
      group.count += 1;
      if (group.shown.length < MOST_SHOWN) group.shown.push(notice);
    }
    this.cancelGroups ??= this.parts.clock.after(groupWait, () => {
      this.flush();
    });
  }

  private send(notices: readonly [Notice, ...Notice[]], count: number): void {
    this.parts.send({ notices, count, queuedAt: this.parts.clock.now() });
  }

  private awaitReminder(): void {
    this.cancelReminder?.();
    this.cancelReminder = null;
    const { remindEvery } = this.settings;
    const [first] = this.notified.values();
    if (remindEvery === null || first === undefined) return;
    const delay = Math.max(0, first + remindEvery - this.parts.clock.now());
    this.cancelReminder = this.parts.clock.after(delay, () => {
      this.remind(remindEvery);
    });
  }

  private remind(remindEvery: number): void {
    const now = this.parts.clock.now();
    for (const [incident, at] of this.notified) {
      if (at + remindEvery > now) break;
      const notice = this.parts.reminder(incident, now);
      this.notified.delete(incident);
      if (notice === null) continue;
      this.notified.set(incident, now);
      this.add(notice);
    }
    this.awaitReminder();
  }
}
