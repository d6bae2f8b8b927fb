import type { MaintenanceWindow } from '../../core/settings.ts';
import type { EpochMs } from '../../core/time.ts';
import type { Calendar } from '../../time/calendar.ts';

/** The instance that a window may cover. */
interface Coverable {
  readonly name: string;
  readonly account: string;
}

/** Whether a window that covers this instance is open when the wall clock shows `wall`. */
export function inMaintenance(
  instance: Coverable,
  windows: readonly MaintenanceWindow[],
  calendar: Calendar,
  wall: EpochMs,
): boolean {
  return windows.some((window) => covers(window, instance) && isOpen(window, calendar, wall));
}

/** Whether a window is for an instance. */
export function covers({ accounts, instances }: MaintenanceWindow, instance: Coverable): boolean {
  if (accounts.length === 0 && instances.length === 0) return true;
  return accounts.includes(instance.account) || instances.includes(instance.name);
}

/** Whether it opened within the last `duration`. */
export function isOpen({ cron, duration }: MaintenanceWindow, calendar: Calendar, wall: EpochMs): boolean {
  const opened = calendar.nextFire(cron, wall - duration);
  return opened !== null && opened <= wall;
}
