import type { NotifyFormat, ReceiverSettings } from '../core/notification.ts';
import type { EpochMs } from '../core/time.ts';
import type { Cancel, Clock } from '../time/clock.ts';
import type { Message, Notice } from './notice.ts';

/** So many notices of one message are kept and shown; more are only counted. */
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
 * What one receiver is told, and when: only what it wants, events of one kind together, reminders of what lasts, and
 * the end of everything whose beginning it was told.
 */
export class Receiver {
  private readonly parts: ReceiverParts;
  private settings: ReceiverSettings;
  /** When each incident was told last, in the order of these times. */
  private readonly told = new Map<string, EpochMs>();
  private readonly groups = new Map<string, Group>();
  /** Incidents that `groups` say something about. */
  private readonly grouped = new Set<string>();
  private cancelGroups: Cancel | null = null;
  private cancelReminder: Cancel | null = null;

  constructor(parts: ReceiverParts) {
    this.parts = parts;
    this.settings = parts.settings;
  }

  hear(notice: Notice): void {
    const { incident, stage: course } = notice;
    const wanted = this.wants(notice);
    if (incident === null) {
      if (wanted) this.add(notice);
    } else if (course === 'ended') {
      const wasTold = this.told.delete(incident);
      if (wasTold || wanted) this.add(notice);
    } else if (wanted) {
      this.note(incident);
      this.add(notice);
    }
  }

  /** Takes what lasts for told, so that its end will be told, and reminders come in time; forgets everything else. */
  adopt(lasting: readonly Notice[]): void {
    const keys = new Set(lasting.map(({ incident }) => incident));
    for (const incident of this.told.keys()) if (!keys.has(incident)) this.told.delete(incident);
    for (const notice of lasting) {
      const { incident } = notice;
      if (incident !== null && !this.told.has(incident) && this.wants(notice)) this.note(incident);
    }
  }

  reconfigure(settings: ReceiverSettings): void {
    // What was collected was collected for the settings before.
    this.flush();
    this.settings = settings;
    this.awaitReminder();
  }

  /** Sends what was collected so far. */
  flush(): void {
    this.cancelGroups?.();
    this.cancelGroups = null;
    const groups = [...this.groups.values()];
    this.groups.clear();
    this.grouped.clear();
    for (const { shown, count } of groups) this.send(shown, count);
  }

  close(): void {
    this.flush();
    this.cancelReminder?.();
    this.cancelReminder = null;
  }

  private wants({ topic, account }: Notice): boolean {
    const { events, accounts } = this.settings;
    if (!events.includes(topic)) return false;
    return account === null || accounts.length === 0 || accounts.includes(account);
  }

  private note(incident: string): void {
    this.told.delete(incident);
    this.told.set(incident, this.parts.clock.now());
    if (this.cancelReminder === null) this.awaitReminder();
  }

  private add(notice: Notice): void {
    const { format, groupWait } = this.settings;
    if (FOR_MACHINES.has(format) || groupWait === 0) {
      this.send([notice], 1);
      return;
    }
    // Two words about one incident must arrive in their order.
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
    const [first] = this.told.values();
    if (remindEvery === null || first === undefined) return;
    const delay = Math.max(0, first + remindEvery - this.parts.clock.now());
    this.cancelReminder = this.parts.clock.after(delay, () => {
      this.remind(remindEvery);
    });
  }

  private remind(remindEvery: number): void {
    const now = this.parts.clock.now();
    for (const [incident, at] of this.told) {
      if (at + remindEvery > now) break;
      const notice = this.parts.reminder(incident, now);
      this.told.delete(incident);
      if (notice === null) continue;
      this.told.set(incident, now);
      this.add(notice);
    }
    this.awaitReminder();
  }
}
