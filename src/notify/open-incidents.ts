import type { EpochMs } from '../core/time.ts';
import { verdictOf } from '../core/verdict.ts';
import type { News } from '../language/news.ts';
import { lineOf } from '../telemetry/log/event-line.ts';
import type { IncidentStage, InstanceFacts, RemedyTexts, Notice } from './notice.ts';

/** Events that people can be notified of. */
export type NewsEvent = Extract<News, { readonly at: EpochMs }>;

/** What is known of an instance now; null: it is not watched. */
export type FactsOf = (name: string) => InstanceFacts | null;
/** What the gateway of an account says of remedies; undefined: nothing. */
export type RemedyTextsOf = (account: string) => RemedyTexts | undefined;

/** An incident of an instance that is found open, and so was notified already. */
export interface FoundIncident {
  readonly key: string;
  readonly topic: Notice['topic'];
  readonly since: EpochMs;
  /** The stages that were notified. */
  readonly notified: readonly string[];
  readonly news: NewsEvent & { readonly name: string; readonly account: string };
  /** What the log would say of it. */
  readonly text: string;
}

interface Incident {
  readonly since: EpochMs;
  /** The stages that were notified, so that none is notified twice. */
  readonly notified: Set<string>;
  latest: Notice;
}

/** The incidents that are open, by key, and the notices of their beginning, their stages and their end. */
export class OpenIncidents {
  private readonly idPrefix: string;
  private readonly factsOf: FactsOf;
  private readonly remedyTextsOf: RemedyTextsOf;
  private readonly open = new Map<string, Incident>();
  private count = 0;

  /**
   * @param idPrefix makes the ids of notices unique beyond this process
   * @param factsOf what is known of an instance when a notice about it is made
   * @param remedyTextsOf what the gateway of an account says of remedies
   */
  constructor(idPrefix: string, factsOf: FactsOf = () => null, remedyTextsOf: RemedyTextsOf = () => undefined) {
    this.idPrefix = idPrefix;
    this.factsOf = factsOf;
    this.remedyTextsOf = remedyTextsOf;
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
    if (incident === undefined) return null;
    const { latest, since } = incident;
    const facts = this.factsAbout(latest.name);
    const news = withCauseOf(facts, latest.news);
    const said = news === null ? latest : this.notice(news, latest.topic, 'lasts', { key, since });
    return { ...said, id: this.nextId(), stage: 'lasts', at: now, facts };
  }

  /** The latest notice of an incident as it would be sent now; null when it is over. */
  current(key: string, now: EpochMs): Notice | null {
    const reminder = this.reminder(key, now);
    return reminder === null ? null : { ...reminder, stage: 'began' };
  }

  /**
   * An incident begins, or reaches a further stage.
   *
   * @param stage is notified once for each incident
   */
  begin(event: NewsEvent, key: string, topic: Notice['topic'], stage: string): readonly Notice[] {
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
  update(event: NewsEvent, key: string): void {
    const incident = this.open.get(key);
    if (incident === undefined) return;
    const { latest } = incident;
    incident.latest = { ...this.notice(event, latest.topic, 'began', { key, since: incident.since }), id: latest.id };
  }

  /** The notice of its end; none where it was not open. */
  over(event: NewsEvent, key: string, topic: Notice['topic']): readonly Notice[] {
    const notice = this.end(event, key, topic);
    return notice === null ? [] : [notice];
  }

  /** The same for callers with another notice to send where it was not open. */
  end(event: NewsEvent, key: string, topic: Notice['topic']): Notice | null {
    const incident = this.open.get(key);
    if (incident === undefined) return null;
    this.open.delete(key);
    return this.notice(event, topic, 'ended', { key, since: incident.since });
  }

  /** A notice of what has no duration. */
  single(event: NewsEvent, topic: Notice['topic']): Notice {
    return this.notice(event, topic, 'happened', { key: null, since: null });
  }

  private notice(
    event: NewsEvent,
    topic: Notice['topic'],
    stage: IncidentStage,
    { key, since }: { readonly key: string | null; readonly since: EpochMs | null },
  ): Notice {
    const { level, fields, msg } = lineOf(event, (account, cause) => this.remedyTextsOf(account)?.[cause]);
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
      news: event.type === 'decision_failed' ? { ...event, state: null, observation: null } : event,
      facts: this.factsAbout('name' in event ? event.name : null),
      remedyTexts: 'account' in event ? this.remedyTextsOf(event.account) : undefined,
      text: msg,
      fields: rest,
    };
  }

  /** Opens an incident of which only the end is notified. */
  note({ key, topic, since, notified, news, text }: FoundIncident): void {
    const { name, account, at } = news;
    const [facts, remedyTexts] = [this.factsAbout(name), this.remedyTextsOf(account)];
    const about = { name, account, news, facts, remedyTexts, text };
    const notice = { topic, stage: 'began', incident: key, at, since, ...about } as const;
    const latest: Notice = { ...notice, id: this.nextId(), accounts: [account], level: 'warn', fields: {} };
    this.open.set(key, { since, notified: new Set(notified), latest });
  }

  private factsAbout(name: string | null): InstanceFacts | null {
    return name === null ? null : this.factsOf(name);
  }

  private nextId(): string {
    this.count += 1;
    return `${this.idPrefix}-${this.count}`;
  }
}

/** The news of a trouble as it would be said today, when the cause is another one since; null: it is as it was. */
function withCauseOf(facts: InstanceFacts | null, news: Notice['news']): NewsEvent | null {
  if (news === null || (news.type !== 'phase_changed' && news.type !== 'not_healed')) return null;
  const cause = facts?.cause ?? null;
  // The first good answer does not end an outage yet.
  if (facts === null || cause === null || cause === news.cause || verdictOf(cause) === 'healthy') return null;
  return news.type === 'not_healed' ? { ...news, cause } : { ...news, cause, detail: facts.detail };
}

function accountsOf(event: NewsEvent): Pick<Notice, 'account' | 'accounts'> {
  if (!('account' in event)) return { account: null, accounts: [] };
  const { account } = event;
  if (!('gateway' in event)) return { account, accounts: [account] };
  return { account: null, accounts: event.gateway.accounts };
}

/** An outage began with its first failing probe, not when there were enough of them. */
function sinceOf(event: NewsEvent): EpochMs {
  if (event.type === 'silence_began') return event.since;
  return event.type === 'phase_changed' ? (event.failingSince ?? event.at) : event.at;
}
