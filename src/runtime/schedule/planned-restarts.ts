import type { ParsedCron } from '../../core/schedule/cron.ts';
import { spreadOver } from '../../core/instance/instance.ts';
import { HOUR, MINUTE, SECOND, type DurationMs, type EpochMs } from '../../core/time.ts';
import type { Calendar } from '../../time/calendar.ts';
import type { Cancel, Clock } from '../../time/clock.ts';
import type { Instance } from '../fleet/fleet.ts';
import type { WallClock } from '../../time/wall-clock.ts';

/** A planned restart that could not start within this time is skipped. */
const LATEST: DurationMs = HOUR;
/** A time of a schedule that is noticed later than this was passed over: the clock was set, or we slept. */
const ON_TIME: DurationMs = MINUTE;
/** Instances that share a schedule are probed, and with that restarted, over this much time. */
const SPREAD: DurationMs = 10 * SECOND;

/** A time on the wall for which a schedule wants a restart. */
export interface Firing {
  readonly dueAt: EpochMs;
  /** Not started by then, on the wall, it is skipped. */
  readonly expiresAt: EpochMs;
  /** It was passed over, so nothing comes of it. */
  readonly missed: boolean;
}

export interface PlannedRestartsParts {
  readonly clock: Clock;
  readonly wall: WallClock;
  readonly calendar: Calendar;
  /** Marks an instance for a restart, unless it was missed, and makes its next probe begin within `wait`. */
  readonly plan: (instance: Instance, firing: Firing, wait: DurationMs) => void;
}

interface Group {
  readonly cron: ParsedCron;
  readonly members: Set<Instance>;
  /** When it fires next, on the wall; null: never. */
  next: EpochMs | null;
  cancel: Cancel;
}

/**
 * Marks instances for a restart when the wall clock comes to a time of their schedule; their next probe, which is pulled
 * forward, starts it. One timer per distinct schedule. What fires while the process is not running, or is passed over by
 * the clock, is skipped, not made up for. What the clock comes to twice is planned once: their states know what they had.
 */
export class PlannedRestarts {
  private readonly parts: PlannedRestartsParts;
  private readonly groups = new Map<string, Group>();
  /** Where everybody is who has a schedule. */
  private readonly places = new Map<Instance, Group>();

  constructor(parts: PlannedRestartsParts) {
    this.parts = parts;
  }

  start(instances: Iterable<Instance>): void {
    this.replace(instances);
  }

  /** From now on these are the instances. A schedule that goes on keeps its timer, so no firing is lost over it. */
  replace(instances: Iterable<Instance>): void {
    const gone = new Set(this.places.keys());
    for (const instance of instances) {
      this.place(instance);
      gone.delete(instance);
    }
    for (const instance of gone) this.take(instance);
    this.dropEmptyGroups();
  }

  /** The same, told of those alone for whom something may have changed. */
  follow(changed: Iterable<Instance>): void {
    for (const instance of changed) {
      if (instance.removed) this.take(instance);
      else this.place(instance);
    }
    this.dropEmptyGroups();
  }

  /** The wall clock was set, so it comes to the times of all schedules sooner, later, again or not at all. */
  followClock(): void {
    for (const group of this.groups.values()) {
      if (group.next !== null && this.parts.wall.now() >= group.next) this.fire(group, group.next);
      else this.arm(group);
    }
  }

  stop(): void {
    for (const group of this.groups.values()) group.cancel();
    this.groups.clear();
    this.places.clear();
  }

  private place(instance: Instance): void {
    const { schedule } = instance.policy.restart;
    const wanted = schedule === null || !instance.definition.enabled ? null : this.groupOf(schedule);
    if (wanted !== this.places.get(instance)) this.take(instance);
    if (wanted === null) return;
    wanted.members.add(instance);
    this.places.set(instance, wanted);
  }

  private take(instance: Instance): void {
    this.places.get(instance)?.members.delete(instance);
    this.places.delete(instance);
  }

  private groupOf(cron: ParsedCron): Group {
    const key = `${cron.timezone} ${cron.expression}`;
    const known = this.groups.get(key);
    if (known !== undefined) return known;
    const group: Group = {
      cron,
      members: new Set(),
      next: null,
      cancel: () => undefined,
    };
    this.groups.set(key, group);
    this.arm(group);
    return group;
  }

  private dropEmptyGroups(): void {
    for (const [key, group] of this.groups) {
      if (group.members.size > 0) continue;
      group.cancel();
      this.groups.delete(key);
    }
  }

  private arm(group: Group): void {
    const { clock, wall, calendar } = this.parts;
    group.cancel();
    group.next = calendar.nextFire(group.cron, wall.now());
    if (group.next === null) return;
    const { next } = group;
    group.cancel = clock.after(wall.momentOf(next) - clock.now(), () => {
      if (wall.now() >= next) this.fire(group, next);
      else this.arm(group);
    });
  }

  private fire(group: Group, dueAt: EpochMs): void {
    const { wall, calendar, plan } = this.parts;
    const missed = wall.now() - dueAt > ON_TIME;
    this.arm(group);
    const next = calendar.nextFire(group.cron, dueAt) ?? Number.POSITIVE_INFINITY;
    const firing = { dueAt, expiresAt: Math.min(dueAt + LATEST, next), missed };
    for (const instance of group.members) plan(instance, firing, spreadOver(instance.state.seed, SPREAD));
  }
}
