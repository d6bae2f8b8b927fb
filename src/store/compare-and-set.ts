import type { InstanceState } from '../core/instance/instance.ts';
import { StoreError } from './store.ts';

/**
 * Refuses a state that is not the direct successor of what is stored.
 *
 * @param stored - Revision that is stored, or about to be; 0 when there is none.
 * @throws StoreError of kind `conflict`.
 */
export function requireSuccessor(key: string, stored: number, state: InstanceState): void {
  if (state.revision === stored + 1) return;
  throw new StoreError(
    'conflict',
    `the state of ${JSON.stringify(key)} was not saved: revision ${state.revision} does not follow revision ${stored}, ` +
      'which is stored; load it and decide again',
  );
}
