import type { ParsedCron } from '../core/cron.ts';
import { spreadOver } from '../core/instance.ts';
import { HOUR, MINUTE, SECOND, type DurationMs, type EpochMs } from '../core/time.ts';
import type { Calendar } from './calendar.ts';
import type { Cancel, Clock } from './clock.ts';
import type { Watched } from './fleet.ts';
import type { WallClock } from './wall-clock.ts';

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
  readonly plan: (watched: Watched, firing: Firing, wait: DurationMs) => void;
}

interface Group {
  readonly cron: ParsedCron;
  readonly members: Set<Watched>;
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
  private readonly places = new Map<Watched, Group>();

  constructor(parts: PlannedRestartsParts) {
    this.parts = parts;
  }

  start(instances: Iterable<Watched>): void {
    this.replace(instances);
  }

  /** From now on these are the instances. A schedule that goes on keeps its timer, so no firing is lost over it. */
  replace(instances: Iterable<Watched>): void {
    const gone = new Set(this.places.keys());
    for (const watched of instances) {
      this.place(watched);
      gone.delete(watched);
    }
    for (const watched of gone) this.take(watched);
    this.dropEmptyGroups();
  }

  /** The same, told of those alone for whom something may have changed. */
  follow(changed: Iterable<Watched>): void {
    for (const watched of changed) {
      if (watched.removed) this.take(watched);
      else this.place(watched);
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

  private place(watched: Watched): void {
    const { schedule } = watched.policy.restart;
    const wanted = schedule === null || !watched.definition.enabled ? null : this.groupOf(schedule);
    if (wanted !== this.places.get(watched)) this.take(watched);
    if (wanted === null) return;
    wanted.members.add(watched);
    this.places.set(watched, wanted);
  }

  private take(watched: Watched): void {
    this.places.get(watched)?.members.delete(watched);
    this.places.delete(watched);
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
    for (const watched of group.members) plan(watched, firing, spreadOver(watched.state.seed, SPREAD));
  }
}
