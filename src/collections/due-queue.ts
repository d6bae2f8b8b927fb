import type { EpochMs } from '../core/time.ts';

/** An item of a due queue. Only the queue writes `queueIndex`. */
export interface Due {
  dueAt: EpochMs;
  /** Position in the queue; -1: not queued. */
  queueIndex: number;
}

/**
 * A binary heap by due time. Each item knows its position, so moving or removing one costs O(log n) as well, and no
 * item is queued twice.
 */
export class DueQueue<T extends Due> {
  private readonly heap: T[] = [];

  /** The item that is due first. */
  peek(): T | undefined {
    return this.heap[0];
  }

  /** Adds an item, or moves it if it is queued already. */
  put(item: T, dueAt: EpochMs): void {
    item.dueAt = dueAt;
    if (item.queueIndex === -1) {
      item.queueIndex = this.heap.length;
      this.heap.push(item);
    }
    this.siftUp(item);
    this.siftDown(item);
  }

  /** Takes the first item out if it is due by `now`. */
  takeDue(now: EpochMs): T | undefined {
    const first = this.heap[0];
    if (first === undefined || first.dueAt > now) return undefined;
    this.remove(first);
    return first;
  }

  /** Takes an item out; one that is not queued is left alone. */
  remove(item: T): void {
    const index = item.queueIndex;
    if (index === -1) return;
    const last = this.heap.pop();
    item.queueIndex = -1;
    if (last === undefined || last === item) return;
    this.place(last, index);
    this.siftUp(last);
    this.siftDown(last);
  }

  private place(item: T, index: number): void {
    this.heap[index] = item;
    item.queueIndex = index;
  }

  private siftUp(item: T): void {
    for (;;) {
      const parent = this.heap[(item.queueIndex - 1) >> 1];
      if (item.queueIndex === 0 || parent === undefined || parent.dueAt <= item.dueAt) return;
      this.swap(parent, item);
    }
  }

  private siftDown(item: T): void {
    for (;;) {
      const left = this.heap[2 * item.queueIndex + 1];
      const right = this.heap[2 * item.queueIndex + 2];
      const child = right !== undefined && left !== undefined && right.dueAt < left.dueAt ? right : left;
      if (child === undefined || child.dueAt >= item.dueAt) return;
      this.swap(item, child);
    }
  }

  /** Swaps `upper` and `lower`. */
  private swap(upper: T, lower: T): void {
    const index = upper.queueIndex;
    this.place(upper, lower.queueIndex);
    this.place(lower, index);
  }
}
