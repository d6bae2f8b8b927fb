import { MACHINE_FORMATS, type ReceiverSettings } from '../core/notification.ts';
import type { DurationMs, EpochMs } from '../core/time.ts';
import type { Cancel, Clock } from '../time/clock.ts';
import type { WallClock } from '../time/wall-clock.ts';
import { Flapping } from './flapping.ts';
import { ALERT_REPEATED_EVERY } from './formats/machines.ts';
import type { Message, Notice } from './notice.ts';
import { QuietQueue } from './quiet-queue.ts';

/** At most this many notices of one message are kept and shown; more are only counted. */
export const MOST_SHOWN = 20;

/** Alertmanager takes many alerts in one call, and none may be left out. */
const MOST_ALERTS = 500;

interface Group {
  readonly shown: [Notice, ...Notice[]];
  count: number;
}

export interface ReceiverParts {
  readonly clock: Clock;
  readonly wall: Pick<WallClock, 'now'>;
  readonly settings: ReceiverSettings;
  /** Makes a reminder of an incident; null when it is over; `muted`: there is to be none now. */
  readonly reminder: (key: string, now: EpochMs) => Notice | 'muted' | null;
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
  private readonly quiet: QuietQueue;
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
    this.quiet = new QuietQueue({
      clock: parts.clock,
      wall: parts.wall,
      settings: () => this.settings,
      send: (notice) => this.collect(notice),
    });
  }

  /** @param muted an end is sent only where its beginning was */
  receive(notice: Notice, muted = false): void {
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
      if (wasNotified || (selected && !muted)) this.add(notice);
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
      if (incident === null || this.notified.has(incident) || this.flapping.isOn(notice)) continue;
      if (this.selects(notice)) this.note(incident);
    }
  }

  reconfigure(settings: ReceiverSettings): void {
    // The groups were collected under the previous settings.
    this.flush();
    this.settings = settings;
    this.quiet.release();
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
    this.quiet.close();
    this.flush();
    this.cancelReminder?.();
    this.cancelReminder = null;
  }

  private selects({ topic, news, accounts: about }: Notice): boolean {
    const { events, accounts, name } = this.settings;
    // What a receiver is asked to do is not for it to select.
    if (news?.type === 'escalated' && news.to === name) return true;
    if (topic === 'test' || !events.includes(topic)) return false;
    return about.length === 0 || accounts.length === 0 || about.some((account) => accounts.includes(account));
  }

  private note(incident: string): void {
    this.notified.delete(incident);
    this.notified.set(incident, this.parts.clock.now());
    if (this.cancelReminder === null) this.awaitReminder();
  }

  private add(notice: Notice): void {
    if (!this.quiet.holds(notice)) this.collect(notice);
  }

  private collect(notice: Notice): void {
    const { format, groupWait } = this.settings;
    const isAlert = format === 'alertmanager';
    if ((MACHINE_FORMATS.has(format) && !isAlert) || groupWait === 0) {
      this.send([notice], 1);
      return;
    }
    // Two notices of one incident must arrive in their order.
    if (notice.incident !== null) {
      if (this.grouped.has(notice.incident)) this.flush();
      this.grouped.add(notice.incident);
    }
    const kind = isAlert ? format : `${notice.topic} ${notice.stage}`;
    const group = this.groups.get(kind);
    if (group === undefined) this.groups.set(kind, { shown: [notice], count: 1 });
    else {
      group.count += 1;
      if (isAlert || group.shown.length < MOST_SHOWN) group.shown.push(notice);
      if (group.shown.length >= MOST_ALERTS) this.flush();
    }
    this.cancelGroups ??= this.parts.clock.after(groupWait, () => this.flush());
  }

  private send(notices: readonly [Notice, ...Notice[]], count: number): void {
    this.parts.send({ notices, count, queuedAt: this.parts.clock.now() });
  }

  private get remindEvery(): DurationMs | null {
    return this.settings.format === 'alertmanager' ? ALERT_REPEATED_EVERY : this.settings.remindEvery;
  }

  private awaitReminder(): void {
    this.cancelReminder?.();
    this.cancelReminder = null;
    const { remindEvery } = this;
    const [first] = this.notified.values();
    if (remindEvery === null || first === undefined) return;
    const delay = Math.max(0, first + remindEvery - this.parts.clock.now());
    this.cancelReminder = this.parts.clock.after(delay, () => this.remind(remindEvery));
  }

  private remind(remindEvery: number): void {
    const now = this.parts.clock.now();
    for (const [incident, at] of this.notified) {
      if (at + remindEvery > now) break;
      const notice = this.parts.reminder(incident, now);
      this.notified.delete(incident);
      if (notice === null) continue;
      this.notified.set(incident, now);
      if (notice !== 'muted') this.add(notice);
    }
    this.awaitReminder();
  }
}
