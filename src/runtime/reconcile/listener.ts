import { isPaused } from '../../core/instance/holds.ts';
import type { InstanceState } from '../../core/instance/instance.ts';
import type { Observation, Quiet } from '../../core/instance/observation.ts';
import { countedTime } from '../../core/silence/counted-time.ts';
import {
  countedUpTo,
  heardAt,
  mayBeTooLong,
  quietFrom,
  withoutTime,
  type Count,
} from '../../core/silence/quiet-time.ts';
import { awaitsRestart } from '../../core/silence/silence.ts';
import type { EpochMs } from '../../core/time.ts';
import type { Calendar } from '../../time/calendar.ts';
import type { Times } from '../../time/wall-clock.ts';
import type { Instance } from '../fleet/instance.ts';
import type { Guards } from '../guards/guards.ts';
import { isOpen } from '../guards/maintenance.ts';

export interface ListenerParts extends Times {
  readonly calendar: Calendar;
  readonly guards: Guards;
}

/**
 * Notes the signs of life of instances, and finds out at their probes whether one has shown none for too long. There
 * may be thousands of signs in a second, so each only sets a time; there is no timer.
 */
export class Listener {
  private readonly parts: ListenerParts;

  constructor(parts: ListenerParts) {
    this.parts = parts;
  }

  /** @returns whether the instance was silent, so that this is to be decided */
  heard(instance: Instance, at: EpochMs): boolean {
    const { activity, account, state } = instance;
    if (at <= activity.at) return false;
    activity.at = at;
    if (!(at <= account.heardAt)) account.heardAt = at;
    return wasSilent(state);
  }

  /** Whether an instance that probes find well has shown no sign of life for too long; null: nothing follows. */
  quietOf(instance: Instance): Quiet | null {
    const { policy, state, activity } = instance;
    const { silentAfter } = policy.activity;
    if (silentAfter === null || state.silence === null) return null;
    const { since } = state.silence;
    if (since !== null) return awaitsRestart(state, policy) ? { since, isShared: this.isShared(instance) } : null;
    const now = this.parts.clock.now();
    if (now < activity.at + silentAfter) return null;
    const quiet = heardAt(activity.quiet ?? quietFrom(now), activity.lastAt);
    activity.quiet = quiet;
    if (!mayBeTooLong(quiet, silentAfter, now) || !this.countsNow(instance)) return null;
    activity.quiet = countedUpTo(quiet, now, this.countOf(instance));
    return activity.quiet.counted < silentAfter ? null : { since: quiet.since, isShared: this.isShared(instance) };
  }

  /** An observation was decided: an instance that is back begins to be counted, and a pause does not count. */
  follow(instance: Instance, before: InstanceState, { type }: Observation): void {
    const { policy, state, activity } = instance;
    if (policy.activity.silentAfter === null) return;
    if (type === 'resumed') activity.quiet = null;
    if (state === before) return;
    const now = this.parts.clock.now();
    const isBack = state.phase === 'healthy' && before.phase !== 'healthy' && before.phase !== 'suspect';
    if (isBack || (wasSilent(before) && !wasSilent(state))) activity.quiet = quietFrom(now);
    else if (before.pause !== null && before.pause !== state.pause && activity.quiet !== null) {
      const quiet = heardAt(activity.quiet, activity.lastAt);
      activity.quiet = withoutTime(quiet, before.pause.since, now, this.countOf(instance));
    }
  }

  /**
   * Whether its silence may not be its own: most of its account are silent, or none of the others was heard lately. When
   * the webhook of a gateway breaks, they become silent one after the other.
   */
  private isShared({ account, policy }: Instance): boolean {
    if (account.isSilent) return true;
    const { silentAfter } = policy.activity;
    if (account.group.trouble.expected < 2 || silentAfter === null) return false;
    return !(this.parts.clock.now() - account.heardAt <= silentAfter / 2);
  }

  private countsNow(instance: Instance): boolean {
    const { guards, wall, calendar } = this.parts;
    const shown = wall.now();
    if (isPaused(instance.state, shown)) return false;
    return !guards.maintenanceOf(instance).some((window) => isOpen(window, calendar, shown));
  }

  private countOf(instance: Instance): Count {
    const { guards, wall, calendar } = this.parts;
    const hours = { during: instance.policy.activity.during, except: guards.maintenanceOf(instance) };
    return (from, to) =>
      countedTime({ from: wall.at(from), to: wall.at(to) }, hours, (cron, after) => calendar.nextFire(cron, after));
  }
}

function wasSilent({ silence }: InstanceState): boolean {
  return silence !== null && silence.since !== null;
}
