import { watch, type FSWatcher } from 'node:fs';
import { SECOND, type DurationMs } from '../core/time.ts';
import type { Cancel, Clock } from '../time/clock.ts';

/** Files are believed once they have stayed the same for this long: an editor may be half-way through replacing one. */
const SETTLED: DurationMs = 500;
/** Network file systems, and folders that are replaced as a whole, do not always tell; so they are looked at as well. */
const LOOK_EVERY: DurationMs = 30 * SECOND;
/** Files that never stay the same are believed after so many looks all the same. */
const MOST_LOOKS = 20;
/** Further folders are only looked at. */
const MOST_FOLDERS = 128;

export interface ChangeWatcherParts {
  readonly clock: Clock;
  /** Stays the same as long as the files do. Must not reject. */
  readonly fingerprint: () => Promise<string>;
  /** In which folders a change shows. Must not reject. */
  readonly folders: () => Promise<readonly string[]>;
  /** The files are others now, and have settled. Must not reject. */
  readonly onChange: () => Promise<unknown>;
}

/** Notices that files have changed, by hearing from the file system and by looking. Never throws. */
export class ChangeWatcher {
  private readonly parts: ChangeWatcherParts;
  private watchers: FSWatcher[] = [];
  private running = false;
  /** The next look is due in a moment. */
  private soon = false;
  private cancelTimer: Cancel | null = null;
  /** What was believed last. */
  private known: string | null = null;
  /** What the look before saw, when that was something new. */
  private candidate: string | null = null;
  private looks = 0;

  constructor(parts: ChangeWatcherParts) {
    this.parts = parts;
  }

  /** From now on changes are noticed; those against `known`, too. */
  async start(known: string): Promise<void> {
    this.running = true;
    this.known = known;
    await this.listen();
    this.lookLater();
  }

  stop(): void {
    this.running = false;
    this.cancelTimer?.();
    this.cancelTimer = null;
    for (const watcher of this.watchers) watcher.close();
    this.watchers = [];
  }

  /** The files have been read as they were with this fingerprint, so that is no news any more. */
  believe(fingerprint: string): void {
    this.known = fingerprint;
    this.candidate = null;
  }

  private lookLater(): void {
    this.soon = false;
    this.lookIn(LOOK_EVERY);
  }

  /** A folder in which something moves all the time does not put the look off. */
  private lookSoon(): void {
    if (this.soon) return;
    this.soon = true;
    this.lookIn(SETTLED);
  }

  private lookIn(delay: DurationMs): void {
    this.cancelTimer?.();
    this.cancelTimer = this.running ? this.parts.clock.after(delay, () => void this.look()) : null;
  }

  private async look(): Promise<void> {
    const routine = !this.soon;
    // Whatever is heard from here on may come too late for this look, and asks for another one.
    this.lookLater();
    const seen = await this.parts.fingerprint();
    const news = seen !== this.known;
    const settled = news && (seen === this.candidate || this.looks >= MOST_LOOKS);
    this.candidate = news ? seen : null;
    this.looks = news && !settled ? this.looks + 1 : 0;
    if (news && !settled) this.lookSoon();
    if (settled && this.running) {
      this.believe(seen);
      await this.parts.onChange();
    }
    if (settled || routine) await this.listen();
  }

  /** Watches the folders as they are now; one that was replaced by another of the same name is watched as well. */
  private async listen(): Promise<void> {
    const folders = (await this.parts.folders()).slice(0, MOST_FOLDERS);
    if (!this.running) return;
    const before = this.watchers;
    this.watchers = [];
    for (const folder of folders) this.listenTo(folder);
    for (const watcher of before) watcher.close();
  }

  private listenTo(folder: string): void {
    try {
      const watcher = watch(folder, { persistent: false }, () => {
        this.lookSoon();
      });
      watcher.on('error', () => {
        watcher.close();
      });
      this.watchers.push(watcher);
    } catch {
      // It is not there, or there are no more watches to have: looking must do.
    }
  }
}
