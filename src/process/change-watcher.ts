import { watch, type FSWatcher } from 'node:fs';
import { SECOND, type DurationMs } from '../core/time.ts';
import type { Cancel, Clock } from '../time/clock.ts';

/** Notifications within this time lead to one check, because one change causes several. */
const TOGETHER: DurationMs = 500;
/** Network file systems, and folders that are replaced as a whole, do not always notify; so files are also checked. */
const CHECK_EVERY: DurationMs = 30 * SECOND;
/** Further folders are not watched; their files are only checked. */
const MOST_FOLDERS = 128;

export interface ChangeWatcherParts {
  readonly clock: Clock;
  /** Stays the same as long as the files do. Must not reject. */
  readonly fingerprint: () => Promise<string>;
  /** The folders in which a change shows. Must not reject. */
  readonly folders: () => Promise<readonly string[]>;
  /** The files have changed; they may still be changing. It accepts what it has read. Must not reject. */
  readonly onChange: () => Promise<unknown>;
}

/** Notices changes of files, by notifications of the file system and by checking. Never throws. */
export class ChangeWatcher {
  private readonly parts: ChangeWatcherParts;
  private watchers: FSWatcher[] = [];
  private running = false;
  /** The next check is due in a moment. */
  private soon = false;
  private cancelTimer: Cancel | null = null;
  /** The fingerprint that is no news. */
  private known: string | null = null;

  constructor(parts: ChangeWatcherParts) {
    this.parts = parts;
  }

  /** Notices changes from now on, including those since `known`. */
  async start(known: string): Promise<void> {
    this.running = true;
    this.known = known;
    await this.watchFolders();
    // What has changed before there was anything to hear shows only by looking.
    this.checkSoon();
  }

  stop(): void {
    this.running = false;
    this.cancelTimer?.();
    this.cancelTimer = null;
    for (const watcher of this.watchers) watcher.close();
    this.watchers = [];
  }

  /** The files were read with this fingerprint, so it is no longer news. */
  accept(fingerprint: string): void {
    this.known = fingerprint;
  }

  private checkLater(): void {
    this.soon = false;
    this.checkIn(CHECK_EVERY);
  }

  /** A folder in which something changes all the time does not postpone the check. */
  private checkSoon(): void {
    if (this.soon) return;
    this.soon = true;
    this.checkIn(TOGETHER);
  }

  private checkIn(delay: DurationMs): void {
    this.cancelTimer?.();
    this.cancelTimer = this.running ? this.parts.clock.after(delay, () => void this.check()) : null;
  }

  private async check(): Promise<void> {
    const routine = !this.soon;
    // A notification from here on may come too late for this check, and causes another one.
    this.checkLater();
    const isNews = (await this.parts.fingerprint()) !== this.known;
    if (isNews && this.running) await this.parts.onChange();
    if (isNews || routine) await this.watchFolders();
  }

  /** Watches the folders as they are now, including those that were replaced by others of the same name. */
  private async watchFolders(): Promise<void> {
    const folders = (await this.parts.folders()).slice(0, MOST_FOLDERS);
    if (!this.running) return;
    const before = this.watchers;
    this.watchers = [];
    for (const folder of folders) this.watchFolder(folder);
    for (const watcher of before) watcher.close();
  }

  private watchFolder(folder: string): void {
    try {
      const watcher = watch(folder, { persistent: false }, () => this.checkSoon());
      watcher.on('error', () => watcher.close());
      this.watchers.push(watcher);
    } catch {
      // The folder is missing, or the system has no watches left: checking must do.
    }
  }
}
