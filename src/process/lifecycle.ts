import { SECOND, type DurationMs } from '../core/time.ts';
import type { Clock } from '../time/clock.ts';

const LONGEST_CLOSE: DurationMs = 12 * SECOND;

/**
 * Closes resources in the reverse order of opening. The closer is registered right after the resource is opened, so a
 * failed start and an ordinary stop clean up the same way.
 */
export class Lifecycle {
  private readonly clock: Clock;
  private readonly closers: { readonly name: string; readonly close: () => Promise<void> | void }[] = [];
  private closing: Promise<void> | null = null;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  onClose(name: string, close: () => Promise<void> | void): void {
    this.closers.push({ name, close });
  }

  /**
   * Runs every closer, each within a time limit, even if others fail.
   *
   * @throws AggregateError with what went wrong, after all of them ran
   */
  close(): Promise<void> {
    this.closing ??= this.closeAll();
    return this.closing;
  }

  private async closeAll(): Promise<void> {
    const errors: unknown[] = [];
    for (const { name, close } of this.closers.toReversed()) {
      try {
        await this.withinLimit(name, close);
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw new AggregateError(errors, 'not everything closed cleanly');
  }

  private async withinLimit(name: string, close: () => Promise<void> | void): Promise<void> {
    let cancel = (): void => undefined;
    const timeUp = new Promise<never>((_, reject) => {
      cancel = this.clock.after(LONGEST_CLOSE, () =>
        reject(new Error(`${name} did not close within ${LONGEST_CLOSE / SECOND} s`)),
      );
    });
    try {
      await Promise.race([Promise.resolve().then(close), timeUp]);
    } finally {
      cancel();
    }
  }
}
