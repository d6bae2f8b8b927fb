import { isPaused } from '../core/instance/holds.ts';
import { isBlind } from '../core/instance/instance.ts';
import { covers, type MaintenanceWindow } from '../core/settings.ts';
import type { EpochMs } from '../core/time.ts';
import type { Instance } from '../runtime/fleet/instance.ts';
import type { TimeClass } from './bucket.ts';

/**
 * What an instance is now, for its availability; null: it is not watched. An operator's pause and a maintenance window
 * come first: what happens in them is expected.
 *
 * @param open the maintenance windows that are open
 */
export function timeClassOf(instance: Instance, open: readonly MaintenanceWindow[], wall: EpochMs): TimeClass | null {
  const { state, isWatched } = instance;
  if (!isWatched) return null;
  if (isPaused(state, wall) || (open.length > 0 && open.some((window) => covers(window, instance)))) return 'paused';
  if (isBlind(state)) return 'unknown';
  switch (state.phase) {
    case 'healthy':
    case 'unknown':
      return state.phase;
    case 'needs_human':
      return 'needsHuman';
    default:
      return 'failing';
  }
}
