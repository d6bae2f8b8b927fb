/**
 * Lets few lookups run at a time. One that may take long (its name servers did not answer the last time) never gets the
 * last place, so that names whose servers do answer always have one. Each kind is served in the order of arrival.
 */
export class LookupQueue {
  private readonly slots: number;
  /** Lookups that wait for one of the few threads, as what begins them. */
  private readonly doubtful: (() => void)[] = [];
  private readonly others: (() => void)[] = [];
  private running = 0;
  private doubtfulRunning = 0;

  /** @param slots how many may run at the same time, at least 1; with a single one nothing can be kept free */
  constructor(slots: number) {
    this.slots = slots;
  }

  /** Runs `lookup` as soon as there is a place for it, and settles as it does. */
  run<T>(lookup: () => Promise<T>, isDoubtful: boolean): Promise<T> {
    return new Promise((resolve, reject) => {
      const ended = (): void => {
        this.running -= 1;
        if (isDoubtful) this.doubtfulRunning -= 1;
        this.next();
      };
      const begin = (): void => {
        this.running += 1;
        if (isDoubtful) this.doubtfulRunning += 1;
        lookup().then(resolve, reject).finally(ended);
      };
      (isDoubtful ? this.doubtful : this.others).push(begin);
      this.next();
    });
  }

  private next(): void {
    while (this.running < this.slots) {
      const hasRoom = this.doubtfulRunning < Math.max(1, this.slots - 1);
      const begin = this.others.shift() ?? (hasRoom ? this.doubtful.shift() : undefined);
      if (begin === undefined) return;
      begin();
    }
  }
}
