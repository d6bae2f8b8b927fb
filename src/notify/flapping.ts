import { GROUP_TOPICS, type FlappingSettings, type GroupTopic, type NotifyTopic } from '../core/notification.ts';
import { SECOND, type EpochMs } from '../core/time.ts';
import type { Cause } from '../core/verdict.ts';
import { amount } from '../telemetry/log/event-words.ts';
import type { Cancel, Clock } from '../time/clock.ts';
import type { Notice } from './notice.ts';

/** What an instance that goes down and comes back causes; held back where that has no end. */
export const UPS_AND_DOWNS: readonly NotifyTopic[] = [
  'down',
  'exhausted',
  'needs_human',
  'healed',
  'recovered',
  'restart',
  'not_healed',
];
const HELD: ReadonlySet<Notice['topic']> = new Set(UPS_AND_DOWNS);

interface Flaps {
  /** The latest ones, as many as it takes to flap. */
  readonly changes: EpochMs[];
  /** When it was notified that the instance flaps; null: it was not. */
  notifiedAt: EpochMs | null;
  /** What would have been sent last: its trouble, or the end of it. */
  latest: Notice;
  /** Causes for which it needed a human, of which somebody was notified. */
  readonly notifiedFor: Set<Cause | null>;
  /** It needs a human, and somebody was notified of that. */
  isHumanNotified: boolean;
  cancel: Cancel | null;
}

export interface FlappingParts {
  readonly clock: Clock;
  /** Null: nothing is held back. */
  readonly settings: () => FlappingSettings | null;
  readonly send: (notice: Notice) => void;
}

/**
 * Holds back the messages about an instance that changes between down and up too often, and sends one incident in their
 * place. It ends when the instance has not changed for as long as the window is. The same goes for an incident of many
 * instances that begins and ends too often.
 */
export class Flapping {
  private readonly parts: FlappingParts;
  /** By `subjectOf`. */
  private readonly subjects = new Map<string, Flaps>();

  constructor(parts: FlappingParts) {
    this.parts = parts;
  }

  /** Whether something of the kind would have been sent lately. */
  knows(notice: Notice): boolean {
    return this.subjects.has(subjectOf(notice) ?? '');
  }

  /** Whether messages like this one are held back now. */
  isOn(notice: Notice): boolean {
    return (this.subjects.get(subjectOf(notice) ?? '')?.notifiedAt ?? null) !== null;
  }

  /** Whether this notice is not to be sent. */
  holds(notice: Notice): boolean {
    const { topic, stage } = notice;
    const settings = this.parts.settings();
    const subject = subjectOf(notice);
    if (settings === null || subject === null || (notice.name !== null && !HELD.has(topic))) return false;
    const known = this.subjects.get(subject);
    const isEnd = stage === 'ended';
    const began = stage === 'began';
    if (isEnd || (began && (known === undefined || known.latest.stage === 'ended'))) {
      this.note(subject, known, notice, settings);
    } else if (known !== undefined && began) known.latest = notice;
    const flaps = this.subjects.get(subject);
    const isSent = flaps !== undefined && isOfHuman(flaps, notice);
    return !isSent && this.isOn(notice);
  }

  /** The settings are others. Where nothing is to be held back any more, what was held back is sent. */
  adoptSettings(): void {
    if (this.parts.settings() !== null) return;
    for (const subject of [...this.subjects.keys()]) this.end(subject);
  }

  /** Forgets everything without a message. */
  close(): void {
    for (const { cancel } of this.subjects.values()) cancel?.();
    this.subjects.clear();
  }

  private note(subject: string, known: Flaps | undefined, notice: Notice, settings: FlappingSettings): void {
    const { clock, send } = this.parts;
    const { changes, within } = settings;
    const fresh = { changes: [], notifiedAt: null, latest: notice, notifiedFor: new Set<Cause | null>() };
    const flaps = known ?? { ...fresh, isHumanNotified: false, cancel: null };
    this.subjects.set(subject, flaps);
    const now = clock.now();
    flaps.changes.push(now);
    while ((flaps.changes[0] ?? now) <= now - within || flaps.changes.length > changes) flaps.changes.shift();
    flaps.latest = notice;
    flaps.cancel?.();
    flaps.cancel = clock.after(within, () => this.end(subject));
    if (flaps.notifiedAt !== null || flaps.changes.length < changes) return;
    flaps.notifiedAt = now;
    const seconds = (now - (flaps.changes[0] ?? now)) / SECOND;
    const of = groupTopicOf(notice);
    const news = { type: 'flapping_began', of, changes: flaps.changes.length, seconds, within } as const;
    const verbs = of === null ? 'went down or came back' : 'began or ended';
    const text = `${wordsOf(notice)} is flapping: it ${verbs} ${flaps.changes.length} times within ${amount(seconds)}. Messages about that are held back until it has not changed for ${amount(within / SECOND)}.`;
    send(about(notice, { stage: 'began', at: now, since: now, level: 'warn', text, news }));
  }

  private end(subject: string): void {
    const flaps = this.subjects.get(subject);
    if (flaps === undefined) return;
    flaps.cancel?.();
    this.subjects.delete(subject);
    const { notifiedAt: since, latest, isHumanNotified } = flaps;
    if (since === null) return;
    const isOver = latest.stage === 'ended';
    const now = groupTopicOf(latest) === null ? instanceStands(latest) : isOver ? 'over' : 'lasting';
    const text = `${wordsOf(latest)} is no longer flapping: it ${STANDS[now]}`;
    const news = { type: 'flapping_ended', now } as const;
    this.parts.send(about(latest, { stage: 'ended', at: this.parts.clock.now(), since, level: 'info', text, news }));
    if (!isOver && !isHumanNotified) this.parts.send(latest);
  }
}

const STANDS = {
  up: 'stays up',
  down: 'stays down',
  needs_human: 'needs a human',
  over: 'is over',
  lasting: 'lasts',
} as const;

function instanceStands({ stage, topic }: Notice): 'up' | 'down' | 'needs_human' {
  if (stage === 'ended') return 'up';
  return topic === 'needs_human' ? 'needs_human' : 'down';
}

/** Each reason for which an instance needs a human is sent once, and so is the end of what was sent. */
function isOfHuman(flaps: Flaps, { topic, stage, news }: Notice): boolean {
  if (stage === 'ended') {
    const wasNotified = flaps.isHumanNotified;
    flaps.isHumanNotified = false;
    return wasNotified;
  }
  if (topic !== 'needs_human' || stage !== 'began') return false;
  const cause = news !== null && 'cause' in news ? news.cause : null;
  flaps.isHumanNotified = flaps.notifiedAt === null || !flaps.notifiedFor.has(cause);
  flaps.notifiedFor.add(cause);
  return flaps.isHumanNotified;
}

/** What may flap: an instance, or an incident of many; null: neither. */
function subjectOf(notice: Notice): string | null {
  if (notice.name !== null) return `instance:${notice.name}`;
  return groupTopicOf(notice) === null ? null : notice.incident;
}

function groupTopicOf({ name, topic }: Notice): GroupTopic | null {
  return name === null ? (GROUP_TOPICS.find((each) => each === topic) ?? null) : null;
}

/** As the log calls it. */
function wordsOf(notice: Notice): string {
  const { name, topic, accounts } = notice;
  if (name !== null) return name;
  return [topic.replaceAll('_', ' '), ...(accounts.length === 0 ? [] : [`of ${accounts.join(', ')}`])].join(' ');
}

function about(notice: Notice, says: Pick<Notice, 'stage' | 'at' | 'since' | 'level' | 'text' | 'news'>): Notice {
  const { id, name, account, accounts, facts } = notice;
  // An account may flap in more than one way.
  const incident = name === null ? `flapping_${notice.incident ?? ''}` : `flapping:${name}`;
  return {
    id: `${id}-flapping-${says.stage}`,
    topic: 'flapping',
    incident,
    name,
    account,
    accounts,
    facts,
    fields: {},
    ...says,
  };
}
