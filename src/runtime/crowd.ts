/** What can stand in a crowd, in one at a time. The crowd alone writes `seat`. */
export interface Seated {
  /** Place in the crowd; -1: in none. */
  seat: number;
}

/**
 * Who is there at the moment, in no order; joining and leaving cost O(1) and allocate nothing. It takes the place of a
 * `Set` where members come and go by the thousand per second: a Set replaces its table all the time, each table that
 * was replaced refers to the next one and to the members of its last moment, and one that reached the old generation
 * keeps them all from being collected young.
 */
export class Crowd<T extends Seated> implements Iterable<T> {
  private readonly members: T[] = [];

  get size(): number {
    return this.members.length;
  }

  /** Adds a member that stands in no crowd; one that does is left alone. */
  add(member: T): void {
    if (member.seat !== -1) return;
    member.seat = this.members.length;
    this.members.push(member);
  }

  /** Takes a member out; false: it was not there. */
  delete(member: T): boolean {
    const { seat } = member;
    if (this.members[seat] !== member) return false;
    const last = this.members.pop();
    if (last !== undefined && last !== member) {
      this.members[seat] = last;
      last.seat = seat;
    }
    member.seat = -1;
    return true;
  }

  /** Those who are there now; whoever joins or leaves meanwhile makes no difference. */
  [Symbol.iterator](): Iterator<T> {
    return [...this.members].values();
  }
}
