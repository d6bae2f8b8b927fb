import { StoreError } from './store.ts';

/**
 * The revision of a state that is to be saved; it must follow what is stored.
 *
 * @param stored - Revision that is stored, or about to be; 0 when there is none.
 * @throws StoreError of kind `conflict`.
 */
export function nextRevision(key: string, stored: number, follows: number): number {
  if (follows === stored) return stored + 1;
  throw new StoreError(
    'conflict',
    `the state of ${JSON.stringify(key)} was not saved: it follows revision ${follows}, but ${stored} is stored; ` +
      'load it and decide again',
  );
}
