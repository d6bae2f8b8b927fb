import type { ParsedCron } from '../core/cron.ts';
import { spreadOver } from '../core/instance.ts';
import { HOUR, SECOND, type DurationMs, type EpochMs } from '../core/time.ts';
import type { Calendar } from './calendar.ts';
import type { Cancel, Clock } from './clock.ts';
import type { Watched } from './fleet.ts';

/** A planned restart that could not start within this time is skipped. */
const LATEST: DurationMs = HOUR;
/** Instances that share a schedule are probed, and with that restarted, over this much time. */
const SPREAD: DurationMs = 10 * SECOND;

export interface PlannedRestartsParts {
  readonly clock: Clock;
  readonly calendar: Calendar;
  /** Marks an instance for a restart until `expiresAt`, and makes its next probe begin within `wait`. */
  readonly plan: (watched: Watched, expiresAt: EpochMs, wait: DurationMs) => void;
}

interface Group {
  readonly cron: ParsedCron;
  readonly members: Set<Watched>;
  cancel: Cancel;
}

/**
 * Marks instances for a restart when their schedule fires; their next probe, which is pulled forward, starts it.
 * One timer per distinct schedule. What fires while the process is not running is skipped, not made up for.
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
    const group = { cron, members: new Set<Watched>(), cancel: () => undefined };
    this.groups.set(key, group);
    this.arm(group, this.parts.clock.now());
    return group;
  }

  private dropEmptyGroups(): void {
    for (const [key, group] of this.groups) {
      if (group.members.size > 0) continue;
      group.cancel();
      this.groups.delete(key);
    }
  }

  private arm(group: Group, after: EpochMs): void {
    const { clock, calendar } = this.parts;
    const fire = calendar.nextFire(group.cron, after);
    if (fire === null) return;
    group.cancel = clock.after(fire - clock.now(), () => {
      const now = clock.now();
      this.arm(group, now);
      // Woken much too late, by a process that stood still: this round is skipped like any missed one.
      if (now - fire < LATEST) this.mark(group, fire);
    });
  }

  private mark(group: Group, fire: EpochMs): void {
    const next = this.parts.calendar.nextFire(group.cron, fire) ?? Number.POSITIVE_INFINITY;
    const expiresAt = Math.min(fire + LATEST, next);
    for (const watched of group.members) this.parts.plan(watched, expiresAt, spreadOver(watched.state.seed, SPREAD));
  }
}
