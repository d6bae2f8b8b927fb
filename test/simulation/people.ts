import type { DurationMs, EpochMs } from '../../src/core/time.ts';
import type { Watched } from '../../src/runtime/fleet.ts';
import type { Watch } from '../../src/runtime/watch.ts';
import type { Chance } from '../../src/simulation/chance.ts';
import type { Phone } from '../../src/simulation/phone.ts';
import type { Books } from './books.ts';
import type { SimulatedProcess } from './process.ts';

/** What somebody can want of one instance. */
export const WISHES = ['restart', 'force', 'pause', 'unpause', 'reset'] as const;
export type Wish = (typeof WISHES)[number];

export interface PeopleParts {
  readonly chance: Chance;
  readonly now: () => EpochMs;
  readonly books: Books;
  readonly watch: () => Watch | null;
  readonly process: () => SimulatedProcess;
  readonly enabled: ReadonlySet<Phone>;
  readonly tell: (words: string) => void;
}

/** Those who use the API and the hooks, and the books' knowledge of what they asked for. */
export class People {
  private readonly parts: PeopleParts;

  constructor(parts: PeopleParts) {
    this.parts = parts;
  }

  wish(phone: Phone, wish: Wish, pauseFor: DurationMs | null): void {
    const { enabled, process, tell } = this.parts;
    const watch = this.parts.watch();
    const watched = watch?.fleet.instances.get(phone.name);
    if (watch === null || watched === undefined || !enabled.has(phone) || !process().awake) return;
    tell(`somebody wishes: ${wish} ${phone.name}`);
    if (wish === 'restart' || wish === 'force') void this.restart(watch, watched, phone, wish === 'force');
    else if (wish === 'reset') {
      // From now on it may be done, though it may also not be: the watch leaves a restart time to show its effect.
      this.parts.books.resetRequested(phone);
      void watch.reset(watched, 'somebody');
    } else void this.pause(watch, watched, phone, wish === 'unpause' ? 0 : pauseFor);
  }

  private async restart(watch: Watch, watched: Watched, phone: Phone, force: boolean): Promise<void> {
    const { books, chance } = this.parts;
    const trigger = force ? 'api' : chance.pick(['api', 'alert'] as const);
    if (force) books.forceBegins(phone);
    else books.requested(phone);
    const { ended } = await watch.requestRestart(watched, { trigger, requestedBy: 'somebody', force });
    await ended;
    if (force) books.forceEnds(phone);
  }

  /** @param duration 0: ends the pause; null: without an end of its own */
  private async pause(watch: Watch, watched: Watched, phone: Phone, duration: DurationMs | null): Promise<void> {
    const { books, now } = this.parts;
    const until = duration === null ? null : now() + duration;
    const request = books.pauseRequested(phone);
    const saved =
      duration === 0
        ? await watch.unpause(watched, 'somebody')
        : await watch.pause(watched, { reason: 'works', by: 'somebody', until });
    books.pauseAnswered(phone, request, duration === 0 ? null : { from: now(), until: until ?? Infinity }, saved);
  }
}
