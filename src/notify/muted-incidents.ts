import { GROUP_TOPICS, type NotifyTopic } from '../core/notification.ts';
import { SECOND, type DurationMs, type EpochMs } from '../core/time.ts';
import type { Cancel, Clock } from '../time/clock.ts';
import { UPS_AND_DOWNS } from './flapping.ts';
import type { Notice } from './notice.ts';

/** How often it is looked whether something is still muted. */
const LOOK: DurationMs = 15 * SECOND;

/** What a person who works on an instance or an account expects; all else is news to them, too. */
const MUTABLE: ReadonlySet<Notice['topic']> = new Set<NotifyTopic>([
  ...UPS_AND_DOWNS,
  'flapping',
  'restart_harmed',
  ...GROUP_TOPICS.filter((topic) => topic !== 'own_network'),
]);

export interface MutedIncidentsParts {
  readonly clock: Clock;
  readonly isMuted: (about: Pick<Notice, 'name' | 'account' | 'accounts'>) => boolean;
  /** The latest notice of an incident; null when it is over. */
  readonly current: (key: string, now: EpochMs) => Notice | null;
  readonly send: (notice: Notice) => void;
}

/** What nobody is notified of while it is muted. What lasts beyond that is announced then. */
export class MutedIncidents {
  private readonly parts: MutedIncidentsParts;
  private readonly waiting = new Set<string>();
  private cancel: Cancel | null = null;

  constructor(parts: MutedIncidentsParts) {
    this.parts = parts;
  }

  isMuted(notice: Notice): boolean {
    return MUTABLE.has(notice.topic) && this.parts.isMuted(notice);
  }

  /** What to do with a notice: nothing; or, where it ends something, to send it to those who were sent its beginning. */
  take(notice: Notice): 'silent' | 'end' | 'usual' {
    const { incident, stage } = notice;
    if (stage === 'ended') return incident !== null && this.waiting.delete(incident) ? 'end' : 'usual';
    if (!this.isMuted(notice)) return 'usual';
    if (incident !== null) this.wait(incident);
    return 'silent';
  }

  /** Notes an incident that was open already. */
  adopt(notice: Notice): void {
    if (notice.incident !== null && this.isMuted(notice)) this.wait(notice.incident);
  }

  close(): void {
    this.cancel?.();
    this.cancel = null;
  }

  private wait(incident: string): void {
    this.waiting.add(incident);
    this.cancel ??= this.parts.clock.after(LOOK, () => this.look());
  }

  private look(): void {
    this.cancel = null;
    const { clock, current, send } = this.parts;
    for (const incident of [...this.waiting]) {
      const notice = current(incident, clock.now());
      if (notice !== null && this.isMuted(notice)) continue;
      this.waiting.delete(incident);
      if (notice !== null) send(notice);
    }
    const [first] = this.waiting;
    if (first !== undefined) this.wait(first);
  }
}
