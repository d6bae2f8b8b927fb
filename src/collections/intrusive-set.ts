/** What can stand in a crowd, in one at a time. The crowd alone writes `slotIndex`. */
export interface Slotted {
  /** Place in the crowd; -1: in none. */
  slotIndex: number;
}

/**
 * Who is there at the moment, in no order; joining and leaving cost O(1) and allocate nothing. It takes the place of a
 * `Set` where members come and go by the thousand per second: a Set replaces its table all the time, each table that
 * was replaced refers to the next one and to the members of its last moment, and one that reached the old generation
 * keeps them all from being collected young.
 */
export class IntrusiveSet<T extends Slotted> implements Iterable<T> {
  private readonly members: T[] = [];

  get size(): number {
    return this.members.length;
  }

  /** Adds a member that stands in no crowd; one that does is left alone. */
  add(member: T): void {
    if (member.slotIndex !== -1) return;
    member.slotIndex = this.members.length;
    this.members.push(member);
  }

  /** Takes a member out; false: it was not there. */
  delete(member: T): boolean {
    const { slotIndex: slotIndex } = member;
    if (this.members[slotIndex] !== member) return false;
    const last = this.members.pop();
    if (last !== undefined && last !== member) {
      this.members[slotIndex] = last;
      last.slotIndex = slotIndex;
    }
    member.slotIndex = -1;
    return true;
  }

  /** Those who are there now; whoever joins or leaves meanwhile makes no difference. */
  [Symbol.iterator](): Iterator<T> {
    return [...this.members].values();
  }
}
