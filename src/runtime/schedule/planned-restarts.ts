import type { ParsedCron } from '../../core/schedule/cron.ts';
import { spreadOver } from '../../core/instance/instance.ts';
import type { ObservationOf } from '../../core/instance/observation.ts';
import { HOUR, MINUTE, SECOND, type DurationMs, type EpochMs } from '../../core/time.ts';
import { Mailbox } from '../../collections/mailbox.ts';
import type { Cancel } from '../../time/clock.ts';
import type { Instance } from '../fleet/instance.ts';
import type { SchedulerParts } from './scheduler.ts';

/** A planned restart that could not start within this time is skipped. */
const LATEST: DurationMs = HOUR;
/** A scheduled time noticed later than this was missed: the clock was set, or this process stood still. */
const ON_TIME: DurationMs = MINUTE;
/** Instances that share a schedule are probed, and so restarted, over this much time. */
const SPREAD: DurationMs = 10 * SECOND;

/** The schedule of an instance has fired. */
export interface Fired {
  readonly instance: Instance;
  readonly firing: Omit<ObservationOf<'restart_planned'>, 'type'>;
  /** Its probe, which starts the restart, is to begin this long from now. */
  readonly wait: DurationMs;
}

interface Group {
  readonly cron: ParsedCron;
  readonly members: Set<Instance>;
  /** When it fires next, on the wall; null: never. */
  next: EpochMs | null;
  cancel: Cancel;
}

/**
 * Finds the instances due for a planned restart when the wall clock reaches a time of their schedule. One timer per
 * distinct schedule. A time that passes while the process is not running, or that the clock jumps over, is skipped, not
 * made up for. A time that the clock reaches twice is planned once: the states know their restarts.
 */
export class PlannedRestarts {
  private readonly parts: SchedulerParts;
  private readonly fired = new Mailbox<Fired>();
  private readonly groups = new Map<string, Group>();
  /** The group of each instance with a schedule. */
  private readonly groupByInstance = new Map<Instance, Group>();

  constructor(parts: SchedulerParts) {
    this.parts = parts;
  }

  /** Follows instances that are new or may have changed. A schedule that goes on keeps its timer, so no firing is lost. */
  follow(changed: Iterable<Instance>): void {
    for (const instance of changed) {
      if (instance.removed) this.unassign(instance);
      else this.assign(instance);
    }
    this.dropEmptyGroups();
  }

  /** The wall clock was set, so it reaches the times of all schedules sooner, later, again or not at all. */
  followClock(): void {
    for (const group of this.groups.values()) {
      if (group.next !== null && this.parts.wall.now() >= group.next) this.fire(group, group.next);
      else this.arm(group);
    }
  }

  /** Resolves with the instances whose schedule has fired, as soon as one has. */
  due(): Promise<readonly Fired[]> {
    return this.fired.take();
  }

  stop(): void {
    for (const group of this.groups.values()) group.cancel();
    this.groups.clear();
    this.groupByInstance.clear();
  }

  private assign(instance: Instance): void {
    const { schedule } = instance.policy.restart;
    const group = schedule === null || !instance.definition.enabled ? null : this.groupOf(schedule);
    if (group !== this.groupByInstance.get(instance)) this.unassign(instance);
    if (group === null) return;
    group.members.add(instance);
    this.groupByInstance.set(instance, group);
  }

  private unassign(instance: Instance): void {
    this.groupByInstance.get(instance)?.members.delete(instance);
    this.groupByInstance.delete(instance);
  }

  private groupOf(cron: ParsedCron): Group {
    const key = `${cron.timezone} ${cron.expression}`;
    const known = this.groups.get(key);
    if (known !== undefined) return known;
    const group: Group = { cron, members: new Set(), next: null, cancel: () => undefined };
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
    const { wall, calendar } = this.parts;
    const missed = wall.now() - dueAt > ON_TIME;
    this.arm(group);
    const next = calendar.nextFire(group.cron, dueAt) ?? Number.POSITIVE_INFINITY;
    const firing = { dueAt, expiresAt: Math.min(dueAt + LATEST, next), missed };
    for (const instance of group.members) {
      this.fired.put({ instance, firing, wait: spreadOver(instance.state.seed, SPREAD) });
    }
  }
}
