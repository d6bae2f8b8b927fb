import type { WatchEvent } from '../core/event.ts';
import type { InstanceState } from '../core/instance.ts';
import type { Action } from '../core/observation.ts';
import type { StateStore } from '../store/store.ts';
import type { Watched } from './fleet.ts';

/** Hop 4: has what was decided written down, for no effect may come before its record. */
export class Saving {
  private readonly store: StateStore;
  private readonly publish: (watched: Watched, event: WatchEvent) => void;

  constructor(store: StateStore, publish: (watched: Watched, event: WatchEvent) => void) {
    this.store = store;
    this.publish = publish;
  }

  /**
   * Saves the instance's new state if the actions want that, or if it is still owed from before. Never rejects.
   *
   * @param before what is stored, or would be if the last save had gone well
   * @returns false: it could not be saved, so the next observation tries again
   */
  async save(
    watched: Watched,
    before: InstanceState,
    state: InstanceState,
    actions: readonly Action[],
  ): Promise<boolean> {
    const wanted = actions.some((action) => action.type === 'save');
    if (!wanted && !watched.unsaved) return true;
    const record = { ...state, revision: before.revision + 1 };
    watched.state = record;
    try {
      await this.store.save(watched.key, record);
      if (watched.unsaved) this.publish(watched, { type: 'state_saved_again' });
      watched.unsaved = false;
      return true;
    } catch (error) {
      watched.state = { ...state, revision: before.revision };
      const restartGivenUp = actions.some((action) => action.type === 'restart');
      // Each probe tries again; that it still fails is no news, only that another restart was not made is.
      if (!watched.unsaved || restartGivenUp) {
        this.publish(watched, { type: 'state_not_saved', reason: String(error), restartGivenUp });
      }
      watched.unsaved = true;
      return false;
    }
  }
}
