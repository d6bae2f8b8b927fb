import type { InstanceTrouble } from '../../core/event.ts';
import type { InstanceState } from '../../core/instance/instance.ts';
import type { Action } from '../../core/instance/observation.ts';
import type { StateStore, StoredState } from '../../store/store.ts';
import type { EpochMs } from '../../core/time.ts';
import type { FleetRegistry } from '../fleet/fleet-registry.ts';
import type { Instance } from '../fleet/instance.ts';

export interface Saved {
  /** False: it could not be saved, so the next observation tries again. */
  readonly ok: boolean;
  /** The result, where it is news. */
  readonly news: Exclude<InstanceTrouble, { readonly type: 'decision_failed' }> | null;
}

const SAVED: Saved = { ok: true, news: null };

/** The only writer of an instance's state and its revision: in memory at once, and in the store before any effect. */
export class StateWriter {
  private readonly store: StateStore;

  constructor(store: StateStore) {
    this.store = store;
  }

  /** Sets the state; it is saved when its decision is carried out. */
  put(instance: Instance, state: InstanceState): void {
    instance.state = state;
  }

  /** Sets the state and the revision under which the store has it. */
  restore(instance: Instance, { state, revision }: StoredState): void {
    instance.state = state;
    instance.revision = revision;
  }

  /** Saves the state if the actions require it, or if an earlier save failed. Never rejects. */
  async save(instance: Instance, actions: readonly Action[]): Promise<Saved> {
    const mustSave = actions.some((action) => action.type === 'save');
    if (!mustSave && !instance.unsaved) return SAVED;
    // A removed instance without a stored state needs none.
    if (instance.state.removedAt !== null && instance.revision === 0 && !instance.unsaved) return SAVED;
    const wasUnsaved = instance.unsaved;
    try {
      instance.revision = await this.store.save(instance.key, instance.state, instance.revision);
      instance.unsaved = false;
      return wasUnsaved ? { ok: true, news: { type: 'state_saved_again' } } : SAVED;
    } catch (error) {
      instance.unsaved = true;
      const restartGivenUp = actions.some((action) => action.type === 'restart');
      // Each probe tries again. A repeated failure is no news, unless another restart was not made.
      const isNews = !wasUnsaved || restartGivenUp;
      return { ok: false, news: isNews ? { type: 'state_not_saved', reason: String(error), restartGivenUp } : null };
    }
  }

  /**
   * Records that the instance of a stored state is not configured. An instance that comes back meanwhile must know the
   * revision.
   *
   * @throws StoreError
   */
  async markRemoved(key: string, registry: FleetRegistry, now: EpochMs): Promise<void> {
    const stored = registry.unclaimed.get(key);
    if (stored === undefined) return;
    const state = { ...stored.state, removedAt: now };
    const revision = await this.store.save(key, state, stored.revision);
    const instance = registry.instanceOf(key);
    if (instance === undefined) registry.keepUnclaimed(key, { state, revision });
    else if (instance.revision === stored.revision) instance.revision = revision;
  }

  /**
   * Removes a state from the store. An instance that comes back meanwhile is saved as a new one.
   *
   * @throws StoreError
   */
  async remove(key: string, registry: FleetRegistry): Promise<void> {
    await this.store.remove(key);
    const instance = registry.instanceOf(key);
    if (instance !== undefined) instance.revision = 0;
  }
}
