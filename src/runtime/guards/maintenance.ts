import type { MaintenanceWindow } from '../../core/settings.ts';
import type { EpochMs } from '../../core/time.ts';
import type { Calendar } from '../../time/calendar.ts';

/** Whether it opened within the last `duration`. */
export function isOpen({ cron, duration }: MaintenanceWindow, calendar: Calendar, wall: EpochMs): boolean {
  const opened = calendar.nextFire(cron, wall - duration);
  return opened !== null && opened <= wall;
}
