import type { WatchEvent } from '../../core/event.ts';
import type { InstanceState } from '../../core/instance/instance.ts';
import type { Action } from '../../core/instance/observation.ts';
import type { StateStore } from '../../store/store.ts';
import type { Instance } from '../fleet/fleet.ts';

/** Hop 4: has what was decided written down, for no effect may come before its record. */
export class Saving {
  private readonly store: StateStore;
  private readonly publish: (instance: Instance, event: WatchEvent) => void;

  constructor(store: StateStore, publish: (instance: Instance, event: WatchEvent) => void) {
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
    instance: Instance,
    before: InstanceState,
    state: InstanceState,
    actions: readonly Action[],
  ): Promise<boolean> {
    const wanted = actions.some((action) => action.type === 'save');
    if (!wanted && !instance.unsaved) return true;
    const record = { ...state, revision: before.revision + 1 };
    instance.state = record;
    try {
      await this.store.save(instance.key, record);
      if (instance.unsaved) this.publish(instance, { type: 'state_saved_again' });
      instance.unsaved = false;
      return true;
    } catch (error) {
      instance.state = { ...state, revision: before.revision };
      const restartGivenUp = actions.some((action) => action.type === 'restart');
      // Each probe tries again; that it still fails is no news, only that another restart was not made is.
      if (!instance.unsaved || restartGivenUp) {
        this.publish(instance, { type: 'state_not_saved', reason: String(error), restartGivenUp });
      }
      instance.unsaved = true;
      return false;
    }
  }
}
