import type { Ownership } from '../store/ownership.ts';
import { StoreError } from '../store/store.ts';
import type { SharedTime } from '../time/shared-time.ts';

/** An answer may be lost, though the database is there. */
const TRIES = 3;

/**
 * Sets the clock of this process to the time that all replicas share. Without the database it stays as it is: then the
 * machines' clocks must be right.
 *
 * @throws Error that is a bug
 */
export async function setSharedTime(clock: SharedTime, ownership: Pick<Ownership, 'time'> | null): Promise<void> {
  if (ownership === null) return;
  for (let tries = 0; tries < TRIES; tries += 1) {
    try {
      const sentAt = clock.now();
      const time = await ownership.time();
      clock.shift(time - (sentAt + clock.now()) / 2);
      return;
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
    }
  }
}
