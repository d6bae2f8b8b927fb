/**
 * Hands items over to the loop that takes them, in order. The producer does not know the loop, so no callback leads
 * from a lower layer to a higher one. Items that come while the loop is busy wait.
 */
export class Mailbox<T> {
  private items: T[] = [];
  private wake: (() => void) | null = null;

  put(item: T): void {
    this.items.push(item);
    this.wake?.();
    this.wake = null;
  }

  /** Resolves with all items since the last call, as soon as there is one. Only one loop takes. */
  async take(): Promise<readonly T[]> {
    if (this.items.length === 0) await new Promise<void>((resolve) => (this.wake = resolve));
    const { items } = this;
    this.items = [];
    return items;
  }
}
