import { SECOND, type DurationMs, type EpochMs } from '../../core/time.ts';
import type { Fleet } from '../fleet/fleet.ts';
import type { Scheduler } from '../schedule/scheduler.ts';
import type { Prober } from './prober.ts';

/** The queue's head or a probe this much later than it may be means that the loop has stopped. */
const LOOP_IS_LATE: DurationMs = 10 * SECOND;

/** What is later than it may be, in words; empty while the loop makes progress. */
export function late(scheduler: Scheduler, prober: Prober, now: EpochMs): readonly string[] {
  const late: string[] = [];
  const overdue = scheduler.overdue();
  if (overdue > LOOP_IS_LATE) late.push(`the scheduler is ${Math.round(overdue / SECOND)} s behind`);
  for (const { instance, probingSince } of prober.underWay) {
    const { name, policy } = instance;
    if (probingSince === null || now - probingSince <= 2 * policy.probe.timeout + LOOP_IS_LATE) continue;
    late.push(`the probe of ${name} has been under way for ${Math.round((now - probingSince) / SECOND)} s`);
  }
  return late;
}

/** Whether every instance with a fixed interval has been probed once, or is being probed. */
export function isFirstRoundOut({ instances }: Fleet): boolean {
  for (const { definition, policy, seen, schedule } of instances.values()) {
    const counts = definition.enabled && policy.probe.cadence.type === 'every';
    if (counts && seen.lastAt === null && !schedule.probing) return false;
  }
  return true;
}
