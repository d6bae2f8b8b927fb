import type { FleetEvent } from '../core/event.ts';
import type { NotifyTopic } from '../core/notification.ts';
import type { EpochMs } from '../core/time.ts';
import { lineOf } from '../telemetry/log/event-line.ts';
import type { IncidentStage, Notice } from './notice.ts';

interface Incident {
  readonly since: EpochMs;
  /** The stages that were notified, so that none is notified twice. */
  readonly notified: Set<string>;
  latest: Notice;
}

/** The incidents that are open, by key, and the notices of their beginning, their stages and their end. */
export class OpenIncidents {
  private readonly idPrefix: string;
  private readonly open = new Map<string, Incident>();
  private count = 0;

  /** @param idPrefix makes the ids of notices unique beyond this process */
  constructor(idPrefix: string) {
    this.idPrefix = idPrefix;
  }

  has(key: string): boolean {
    return this.open.has(key);
  }

  /** Whether this stage of an open incident was notified. */
  wasNotified(key: string, stage: string): boolean {
    return this.open.get(key)?.notified.has(stage) ?? false;
  }

  /** Makes every stage of an incident news again. */
  renew(key: string): void {
    this.open.get(key)?.notified.clear();
  }

  /** Forgets those whose latest notice is not to be kept. */
  keepOnly(isKept: (latest: Notice) => boolean): void {
    for (const [key, { latest }] of this.open) if (!isKept(latest)) this.open.delete(key);
  }

  /** The latest notice of every incident that lasts. */
  lasting(): readonly Notice[] {
    return [...this.open.values()].map(({ latest }) => latest);
  }

  /** A reminder of an incident; null when it is over. */
  reminder(key: string, now: EpochMs): Notice | null {
    const incident = this.open.get(key);
    return incident === undefined ? null : { ...incident.latest, id: this.nextId(), stage: 'lasts', at: now };
  }

  /**
   * An incident begins, or reaches a further stage.
   *
   * @param stage is notified once for each incident
   */
  begin(event: FleetEvent, key: string, topic: NotifyTopic, stage: string): readonly Notice[] {
    const incident = this.open.get(key);
    const notice = this.notice(event, topic, 'began', { key, since: incident?.since ?? sinceOf(event) });
    if (incident === undefined) {
      this.open.set(key, { since: sinceOf(event), notified: new Set([stage]), latest: notice });
      return [notice];
    }
    incident.latest = notice;
    if (incident.notified.has(stage)) return [];
    incident.notified.add(stage);
    return [notice];
  }

  /** What is said of an open incident from now on. */
  update(event: FleetEvent, key: string): void {
    const incident = this.open.get(key);
    if (incident === undefined) return;
    const { latest } = incident;
    incident.latest = { ...this.notice(event, latest.topic, 'began', { key, since: incident.since }), id: latest.id };
  }

  /** The notice of its end; none where it was not open. */
  over(event: FleetEvent, key: string, topic: NotifyTopic): readonly Notice[] {
    const notice = this.end(event, key, topic);
    return notice === null ? [] : [notice];
  }

  /** The same for callers with another notice to send where it was not open. */
  end(event: FleetEvent, key: string, topic: NotifyTopic): Notice | null {
    const incident = this.open.get(key);
    if (incident === undefined) return null;
    this.open.delete(key);
    return this.notice(event, topic, 'ended', { key, since: incident.since });
  }

  /** A notice of what has no duration. */
  single(event: FleetEvent, topic: NotifyTopic): Notice {
    return this.notice(event, topic, 'happened', { key: null, since: null });
  }

  private notice(
    event: FleetEvent,
    topic: NotifyTopic,
    stage: IncidentStage,
    { key, since }: { readonly key: string | null; readonly since: EpochMs | null },
  ): Notice {
    const { level, fields, msg } = lineOf(event);
    // What reproduces a bug is for its report; it is in the log.
    const { event: _, state: __, observation: ___, name: ____, account: _____, ...rest } = fields;
    return {
      id: this.nextId(),
      topic,
      stage,
      incident: key,
      at: event.at,
      since,
      level,
      name: 'name' in event ? event.name : null,
      ...accountsOf(event),
      text: msg,
      fields: rest,
    };
  }

  /** Opens an incident of which only the end is notified. */
  note(
    key: string,
    topic: NotifyTopic,
    since: EpochMs,
    notified: readonly string[],
    about: { readonly name: string; readonly account: string; readonly text: string; readonly now: EpochMs },
  ): void {
    const { name, account, text, now } = about;
    const notice = { topic, stage: 'began', incident: key, at: now, since, name, account, text } as const;
    const latest: Notice = { ...notice, id: this.nextId(), accounts: [account], level: 'warn', fields: {} };
    this.open.set(key, { since, notified: new Set(notified), latest });
  }

  private nextId(): string {
    this.count += 1;
    return `${this.idPrefix}-${this.count}`;
  }
}

function accountsOf(event: FleetEvent): Pick<Notice, 'account' | 'accounts'> {
  if (!('account' in event)) return { account: null, accounts: [] };
  const { account } = event;
  if (!('gateway' in event)) return { account, accounts: [account] };
  return { account: null, accounts: event.gateway.accounts };
}

/** An outage began with its first failing probe, not when there were enough of them. */
function sinceOf(event: FleetEvent): EpochMs {
  return event.type === 'phase_changed' ? (event.failingSince ?? event.at) : event.at;
}
