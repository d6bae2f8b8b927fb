import { useEffect, useState } from 'preact/hooks';
import { ApiProblem } from './api-client.ts';
import { Soon } from './page-clock.ts';
import { usePage } from './page-context.ts';

/** What is missing is requested again after this (ms): the API says so, too. */
export const LACK_RETRY_MS = 5_000;

/** Something of the API that a part of the page shows. */
interface Source<T> {
  readonly load: () => Promise<T>;
  /** After how long (ms) it is loaded again by itself, null: not; of what could not be loaded, `found` is null. */
  readonly again?: (found: T | null) => number | null;
  /** Subscribes to news that make it old, which request `next`. What it returns unsubscribes. */
  readonly follow?: (next: Soon) => readonly (() => void)[];
}

export interface Loaded<T> {
  /** What was loaded last; null: nothing yet. */
  readonly found: T | null;
  /** There is none now that is newer: its replica says nothing or is changing, or the history cannot be read. */
  readonly lacking: boolean;
}

/**
 * Keeps something up to date while it is shown; it is begun again when one of `inputs` changes. What was found stays when the
 * next load fails: the live feed shows that there is no connection.
 */
export function useLoaded<T>(
  { load, again = () => null, follow = () => [] }: Source<T>,
  inputs: readonly unknown[],
): Loaded<T> {
  const { clock } = usePage().state;
  const [loaded, setLoaded] = useState<Loaded<T>>({ found: null, lacking: false });
  useEffect(() => {
    let over = false;
    const act = async (): Promise<void> => {
      let wait: number | null;
      try {
        const found = await load();
        if (!over) setLoaded({ found, lacking: false });
        wait = again(found);
      } catch (error) {
        const lacking = error instanceof ApiProblem && error.status === 503;
        if (!over && lacking) setLoaded(({ found }) => ({ found, lacking }));
        wait = lacking ? LACK_RETRY_MS : again(null);
      }
      if (!over && wait !== null) next.request(wait);
    };
    const next = new Soon(clock, () => void act());
    void act();
    const ends = follow(next);
    return () => {
      over = true;
      next.cancel();
      for (const end of ends) end();
    };
  }, inputs);
  return loaded;
}
