import type { EpochMs } from '../core/time.ts';

/** An item of a due queue. Only the queue writes `queueIndex`. */
export interface Due {
  dueAt: EpochMs;
  /** Position in the queue; -1: not queued. */
  queueIndex: number;
}

/** Children of a place; `parentOf` divides by it. With four there are half as many levels as with two, and so half as many items to move. */
const CHILDREN = 4;

/**
 * A heap by due time. Each item knows its position, so moving or removing one costs O(log n) as well, and no item is
 * queued twice. The times are kept beside the items: to compare those of tens of thousands of items, each would have to
 * be fetched from memory.
 */
export class DueQueue<T extends Due> {
  private readonly items: T[] = [];
  private readonly times: EpochMs[] = [];

  /** The item that is due first. */
  peek(): T | undefined {
    return this.items[0];
  }

  /** Adds an item, or moves it if it is queued already. */
  put(item: T, dueAt: EpochMs): void {
    item.dueAt = dueAt;
    const index = item.queueIndex;
    if (index === -1) {
      this.items.push(item);
      this.times.push(dueAt);
      this.rise(item, dueAt, this.items.length - 1);
    } else this.move(item, dueAt, index);
  }

  /** Takes the first item out if it is due by `now`. */
  takeDue(now: EpochMs): T | undefined {
    const first = this.items[0];
    if (first === undefined || first.dueAt > now) return undefined;
    this.remove(first);
    return first;
  }

  /** Takes an item out; one that is not queued is left alone. */
  remove(item: T): void {
    const index = item.queueIndex;
    if (index === -1) return;
    const last = this.items.pop();
    this.times.pop();
    item.queueIndex = -1;
    if (last !== undefined && last !== item) this.move(last, last.dueAt, index);
  }

  private move(item: T, dueAt: EpochMs, index: number): void {
    const parent = this.times[parentOf(index)];
    if (index > 0 && parent !== undefined && dueAt < parent) this.rise(item, dueAt, index);
    else this.sink(item, dueAt, index);
  }

  /** Puts the item where it belongs at or above `index`, whose place is free. */
  private rise(item: T, dueAt: EpochMs, index: number): void {
    let free = index;
    while (free > 0) {
      const above = parentOf(free);
      const parent = this.items[above];
      const parentDueAt = this.times[above] ?? 0;
      if (parent === undefined || parentDueAt <= dueAt) break;
      this.place(parent, parentDueAt, free);
      free = above;
    }
    this.place(item, dueAt, free);
  }

  /** Puts the item where it belongs at or below `index`, whose place is free. */
  private sink(item: T, dueAt: EpochMs, index: number): void {
    const { length } = this.times;
    let free = index;
    for (;;) {
      const first = CHILDREN * free + 1;
      const end = Math.min(first + CHILDREN, length);
      let soonest = dueAt;
      let below = -1;
      for (let child = first; child < end; child += 1) {
        const childDueAt = this.times[child] ?? 0;
        if (childDueAt >= soonest) continue;
        soonest = childDueAt;
        below = child;
      }
      const child = below === -1 ? undefined : this.items[below];
      if (child === undefined) break;
      this.place(child, soonest, free);
      free = below;
    }
    this.place(item, dueAt, free);
  }

  private place(item: T, dueAt: EpochMs, index: number): void {
    this.items[index] = item;
    this.times[index] = dueAt;
    item.queueIndex = index;
  }
}

function parentOf(index: number): number {
  return (index - 1) >> 2;
}
