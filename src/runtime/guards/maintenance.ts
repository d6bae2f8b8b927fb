import type { MaintenanceWindow } from '../../core/settings.ts';
import type { EpochMs } from '../../core/time.ts';
import type { Calendar } from '../../time/calendar.ts';
import type { Instance } from '../fleet/fleet.ts';

/** Whether a window that covers this instance is open when the wall clock shows `wall`. */
export function inMaintenance(
  instance: Instance,
  windows: readonly MaintenanceWindow[],
  calendar: Calendar,
  wall: EpochMs,
): boolean {
  return windows.some((window) => covers(window, instance) && isOpen(window, calendar, wall));
}

function covers({ accounts, instances }: MaintenanceWindow, instance: Instance): boolean {
  if (accounts.length === 0 && instances.length === 0) return true;
  return accounts.includes(instance.account.name) || instances.includes(instance.name);
}

/** Whether it opened within the last `duration`. */
export function isOpen({ cron, duration }: MaintenanceWindow, calendar: Calendar, wall: EpochMs): boolean {
  const opened = calendar.nextFire(cron, wall - duration);
  return opened !== null && opened <= wall;
}
