import type { FlappingSettings, NotifyTopic } from '../core/notification.ts';
import { SECOND, type EpochMs } from '../core/time.ts';
import { amount } from '../telemetry/log/event-words.ts';
import type { Cancel, Clock } from '../time/clock.ts';
import type { Notice } from './notice.ts';

/** What is held back of an instance that goes down and comes back without end. */
const HELD: ReadonlySet<Notice['topic']> = new Set<NotifyTopic>([
  'down',
  'exhausted',
  'healed',
  'recovered',
  'restart',
  'not_healed',
]);

interface Flaps {
  /** The latest ones, as many as it takes to flap. */
  readonly changes: EpochMs[];
  /** When it was notified that the instance flaps; null: it was not. */
  notifiedAt: EpochMs | null;
  /** What would have been sent last: its trouble, or the end of it. */
  latest: Notice;
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
 * place. It ends when the instance has not changed for as long as the window is.
 */
export class Flapping {
  private readonly parts: FlappingParts;
  private readonly instances = new Map<string, Flaps>();

  constructor(parts: FlappingParts) {
    this.parts = parts;
  }

  /** Whether something that happened to this instance lately would have been sent. */
  knows({ name }: Notice): boolean {
    return name !== null && this.instances.has(name);
  }

  /** Whether messages about this instance are held back now. */
  isOn(name: string | null): boolean {
    return name !== null && (this.instances.get(name)?.notifiedAt ?? null) !== null;
  }

  /** Whether this notice is not to be sent. */
  holds(notice: Notice): boolean {
    const { name, topic, stage } = notice;
    const settings = this.parts.settings();
    if (settings === null || name === null) return false;
    const known = this.instances.get(name);
    const isEnd = stage === 'ended';
    // That it needs a human is always sent, and so must be the end of that.
    const isOfHuman = topic === 'needs_human' || (isEnd && known?.latest.topic === 'needs_human');
    if (isOfHuman && known !== undefined) known.latest = notice;
    if (isOfHuman || !HELD.has(topic)) return false;
    if (isEnd || (stage === 'began' && topic === 'down')) this.note(name, known, notice, settings);
    else if (known !== undefined && stage === 'began') known.latest = notice;
    return this.isOn(name);
  }

  /** The settings are others. Where nothing is to be held back any more, what was held back is sent. */
  adoptSettings(): void {
    if (this.parts.settings() !== null) return;
    for (const name of [...this.instances.keys()]) this.end(name);
  }

  /** Forgets everything without a message. */
  close(): void {
    for (const { cancel } of this.instances.values()) cancel?.();
    this.instances.clear();
  }

  private note(name: string, known: Flaps | undefined, notice: Notice, settings: FlappingSettings): void {
    const { clock, send } = this.parts;
    const { changes, within } = settings;
    const flaps = known ?? { changes: [], notifiedAt: null, latest: notice, cancel: null };
    this.instances.set(name, flaps);
    const now = clock.now();
    flaps.changes.push(now);
    while ((flaps.changes[0] ?? now) <= now - within || flaps.changes.length > changes) flaps.changes.shift();
    flaps.latest = notice;
    flaps.cancel?.();
    flaps.cancel = clock.after(within, () => this.end(name));
    if (flaps.notifiedAt !== null || flaps.changes.length < changes) return;
    flaps.notifiedAt = now;
    const seconds = (now - (flaps.changes[0] ?? now)) / SECOND;
    const news = { type: 'flapping_began', changes: flaps.changes.length, seconds, within } as const;
    const span = amount(seconds);
    const text = `${name} is flapping: it went down or came back ${flaps.changes.length} times within ${span}. Messages about that are held back until it has not changed for ${amount(within / SECOND)}.`;
    send(about(notice, { stage: 'began', at: now, since: now, level: 'warn', text, news }));
  }

  private end(name: string): void {
    const flaps = this.instances.get(name);
    if (flaps === undefined) return;
    flaps.cancel?.();
    this.instances.delete(name);
    const { notifiedAt: since, latest } = flaps;
    if (since === null) return;
    const isHeld = latest.stage !== 'ended' && latest.topic !== 'needs_human';
    const now = latest.stage === 'ended' ? 'up' : isHeld ? 'down' : 'needs_human';
    const text = `${name} is no longer flapping: it ${STANDS[now]}`;
    const news = { type: 'flapping_ended', now } as const;
    this.parts.send(about(latest, { stage: 'ended', at: this.parts.clock.now(), since, level: 'info', text, news }));
    if (isHeld) this.parts.send(latest);
  }
}

const STANDS = { up: 'stays up', down: 'stays down', needs_human: 'needs a human' } as const;

function about(notice: Notice, says: Pick<Notice, 'stage' | 'at' | 'since' | 'level' | 'text' | 'news'>): Notice {
  const { id, name, account, accounts, facts } = notice;
  const incident = `flapping:${name ?? ''}`;
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
