/** A member of at most one set. Only the set writes `slotIndex`. */
export interface Slotted {
  /** Position in the set; -1: in none. */
  slotIndex: number;
}

/**
 * The current members, in no order; adding and deleting cost O(1) and allocate nothing. It replaces a `Set` where
 * members come and go by the thousand per second. A Set replaces its table all the time; each replaced table refers to
 * the next one and to its last members, and one that reached the old generation keeps them all from being collected
 * young.
 */
export class IntrusiveSet<T extends Slotted> implements Iterable<T> {
  private readonly members: T[] = [];

  get size(): number {
    return this.members.length;
  }

  /** Adds a member; one that is in a set already is left alone. */
  add(member: T): void {
    if (member.slotIndex !== -1) return;
    member.slotIndex = this.members.length;
    this.members.push(member);
  }

  /** Deletes a member; false: it was not there. */
  delete(member: T): boolean {
    const { slotIndex } = member;
    if (this.members[slotIndex] !== member) return false;
    const last = this.members.pop();
    if (last !== undefined && last !== member) {
      this.members[slotIndex] = last;
      last.slotIndex = slotIndex;
    }
    member.slotIndex = -1;
    return true;
  }

  /** The members now; later changes have no effect on the iteration. */
  [Symbol.iterator](): Iterator<T> {
    return [...this.members].values();
  }
}
