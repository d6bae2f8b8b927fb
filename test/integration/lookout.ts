/** Waits for things that are looked at again whenever something has happened, so without sleeping. */
export class Lookout {
  private readonly waiting = new Set<() => void>();

  /** Something has happened. */
  readonly look = (): void => {
    for (const look of this.waiting) look();
  };

  /** Resolves with the first thing, there already or later, that `find` finds. */
  until<T>(find: () => T | false | null | undefined): Promise<T> {
    return new Promise((resolve) => {
      const look = (): void => {
        const found = find();
        if (found === undefined || found === null || found === false) return;
        this.waiting.delete(look);
        resolve(found);
      };
      this.waiting.add(look);
      look();
    });
  }
}
