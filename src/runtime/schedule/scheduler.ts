import { probeDelay } from '../../core/instance/cadence.ts';
import { isPaused } from '../../core/instance/holds.ts';
import { spreadOver, type InstanceState } from '../../core/instance/instance.ts';
import { SECOND, type DurationMs, type EpochMs } from '../../core/time.ts';
import type { Calendar } from '../../time/calendar.ts';
import { sleep, type Cancel } from '../../time/clock.ts';
import { DueQueue } from '../../collections/due-queue.ts';
import { Mailbox } from '../../collections/mailbox.ts';
import { bulkInterval, type Instance, type ProbeSchedule } from '../fleet/instance.ts';
import { firstWait, slotOf, slotWithin } from './probe-slots.ts';
import type { Times } from '../../time/wall-clock.ts';

/** Instances that share a cron expression are spread over this much time after it fires. */
const CRON_SPREAD: DurationMs = 10 * SECOND;
/** What lists confirm is probed when this many of them did not come; what a list does not confirm is probed at once. */
const LISTS_MISSED = 4;
/** Queueing this many again takes a millisecond or two. */
const PORTION = 2_000;

export interface SchedulerParts extends Times {
  readonly calendar: Calendar;
}

/**
 * Knows when each instance is due, and hands due instances to the loop that probes them. One queue and one timer for
 * all. An instance is either queued, or its probe is under way, so probes of one instance never overlap. Missed rounds
 * are skipped, not replayed.
 */
export class Scheduler {
  private readonly parts: SchedulerParts;
  private readonly queue = new DueQueue<ProbeSchedule>();
  private readonly fired = new Mailbox<null>();
  private cancelTimer: Cancel | null = null;
  private timerAt: EpochMs = Number.POSITIVE_INFINITY;
  private running = false;
  private readonly stopped = new AbortController();

  constructor(parts: SchedulerParts) {
    this.parts = parts;
  }

  /** Resolves with the due instances, as soon as there are some; each counts as being probed until `ended`. */
  async due(): Promise<readonly Instance[]> {
    for (;;) {
      await this.fired.take();
      const due = this.takeDue();
      this.arm();
      if (due.length > 0) return due;
    }
  }

  /** Whether the probe of a due instance may still begin; a restart or a reload may have come since. */
  mayBegin(instance: Instance): boolean {
    return this.running && instance.isWatched && instance.state.phase !== 'restarting';
  }

  /** The probe begins. Returns whether it is out of turn. */
  begun({ schedule, state }: Instance): boolean {
    const outOfTurn = schedule.turnAt !== null && state.phase === 'suspect';
    if (!outOfTurn) schedule.turnAt = null;
    return outOfTurn;
  }

  /** A due instance was not probed, because it must not be now. */
  skipped({ schedule }: Instance): void {
    schedule.probing = false;
  }

  /** The probe has ended: plans the next one. */
  ended(instance: Instance): void {
    instance.schedule.probing = false;
    this.plan(instance);
  }

  /** The gateway asked for silence about an instance until then. */
  silence({ schedule }: Instance, until: EpochMs): void {
    schedule.quietUntil = until;
  }

  /**
   * Queues the first probe of each instance. They are spread over as long as the account's rate limit needs for them, at
   * most one interval, so that a start neither floods a gateway nor makes a small fleet wait. See `firstWait` for their
   * order.
   */
  start(instances: Iterable<Instance>): void {
    this.running = true;
    this.add(instances);
  }

  /** Queues the first probe of instances that were not watched before, spread in the same way. */
  add(instances: Iterable<Instance>): void {
    // An instance that left and is back during its probe is planned when that has ended.
    const fresh = [...instances].filter(({ definition, schedule }) => definition.enabled && !schedule.probing);
    for (const { instance, window } of windows(fresh)) this.planFirst(instance, window);
  }

  /**
   * Probes each as soon as a start would, if it is not due sooner. A large fleet is queued in portions, between which
   * due instances are probed.
   */
  async hasten(instances: Iterable<Instance>): Promise<void> {
    const { clock } = this.parts;
    let done = 0;
    for (const { instance, window } of windows([...instances])) {
      this.pullForward(instance, clock.now() + slotWithin(instance.state.seed, window));
      done += 1;
      if (done % PORTION === 0) await sleep(clock, 0, this.stopped.signal);
    }
  }

  /**
   * The wall clock was set. An instance with a cron cadence is probed when the clock reaches its time. A down instance
   * whose pause is over now is probed as soon as a start would. An instance that is due any moment keeps its time.
   */
  followClock(instances: Iterable<Instance>): void {
    const now = this.parts.clock.now();
    const wall = this.parts.wall.now();
    const freed: Instance[] = [];
    for (const instance of instances) {
      const { state, policy, schedule } = instance;
      const { queueIndex, dueAt, turnAt } = schedule;
      if (queueIndex === -1) continue;
      if (state.phase === 'down' && state.pause !== null && !isPaused(state, wall)) freed.push(instance);
      if (policy.probe.cadence.type !== 'cron' || turnAt !== null || dueAt <= now + CRON_SPREAD) continue;
      if (probeDelay(state, policy, now, wall) === null) {
        this.put(instance, this.regular(instance, instance.seen.lastAt ?? now, now));
      }
    }
    void this.hasten(freed);
  }

  /** No further probe of this instance begins. */
  remove(instance: Instance): void {
    this.queue.remove(instance.schedule);
  }

  /** No further probe begins. */
  stop(): void {
    this.running = false;
    this.stopped.abort();
    this.cancelTimer?.();
  }

  /** Queues the next probe of an instance by its current state. */
  plan(instance: Instance): void {
    const { schedule } = instance;
    if (!this.running || schedule.probing || !instance.isWatched) return;
    if (instance.state.phase === 'restarting') {
      // The end of the call plans again.
      this.queue.remove(instance.schedule);
      return;
    }
    const now = this.parts.clock.now();
    const last = instance.seen.lastAt ?? now;
    const from = instance.state.phase === 'recovering' ? Math.max(last, instance.state.since) : last;
    // Only the end of a pause is a time on the wall, and very few instances are paused.
    const wall = instance.state.pause === null ? now : this.parts.wall.now();
    const delay = probeDelay(instance.state, instance.policy, now, wall);
    const regular = delay === null ? this.regular(instance, from, now) : from + delay;
    // A probe out of turn does not delay the regular one, or constant requests would keep an outage from being found.
    const due = instance.state.phase === 'suspect' ? (schedule.turnAt ?? regular) : regular;
    const { requestedAt: wantedAt } = schedule;
    schedule.requestedAt = null;
    schedule.turnAt = schedule.byRequest && wantedAt !== null && wantedAt < due ? due : null;
    schedule.byRequest = false;
    this.put(instance, Math.max(now, Math.min(due, wantedAt ?? due)));
    schedule.unlessListed = delay === null && wantedAt === null && bulkInterval(instance) !== null;
  }

  /** Makes the next probe begin by `at` on request, even if that is out of turn. */
  ask(instance: Instance, at: EpochMs): void {
    const { schedule } = instance;
    if (!this.running || !instance.isWatched) return;
    if (schedule.probing) {
      schedule.requestedAt = Math.min(at, schedule.requestedAt ?? at);
      schedule.byRequest = true;
    } else if (schedule.queueIndex !== -1 && at < schedule.dueAt) {
      schedule.turnAt ??= schedule.dueAt;
      this.put(instance, at);
    }
  }

  /** Makes the next probe begin by `at`, unless it is due sooner; one under way is not the next one. */
  pullForward(instance: Instance, at: EpochMs): void {
    const { schedule } = instance;
    if (!this.running) return;
    if (schedule.probing) schedule.requestedAt = at;
    else if (schedule.queueIndex !== -1 && at < schedule.dueAt) this.put(instance, at);
  }

  /** How long the first instance in the queue has been overdue; 0 when everything is on time. */
  overdue(): DurationMs {
    const first = this.queue.peek();
    return first === undefined ? 0 : Math.max(0, this.parts.clock.now() - first.dueAt);
  }

  private planFirst(instance: Instance, window: DurationMs): void {
    const now = this.parts.clock.now();
    const { cadence } = instance.policy.probe;
    const unlessListed = bulkInterval(instance) !== null && isListed(instance.state);
    if (cadence.type === 'every' && !unlessListed) {
      this.put(instance, now + firstWait(instance.state.seed, window, cadence.every, now));
    } else this.put(instance, this.regular(instance, now, now));
    instance.schedule.unlessListed = unlessListed;
  }

  /**
   * The next slot of the instance on its regular grid. The grid is anchored at the epoch and shifted by the instance's
   * own slot, so an even spread survives restarts and reloads without being stored. After a probe off the grid, a slot
   * less than a quarter of the interval away is left out.
   */
  private regular(instance: Instance, from: EpochMs, now: EpochMs): EpochMs {
    const { cadence } = instance.policy.probe;
    const { seed } = instance.state;
    if (cadence.type === 'every') {
      const { every } = cadence;
      const shift = slotWithin(seed, every, slotOf(instance.account, every));
      // Where a list is to take its place, it is made only if the list does not come, or does not confirm.
      const after = Math.max(from + every / 4 + (bulkInterval(instance) ?? 0), now);
      return (Math.floor((after - shift) / every) + 1) * every + shift;
    }
    const shift = spreadOver(seed, CRON_SPREAD);
    const { wall, calendar } = this.parts;
    const fire = calendar.nextFire(cadence.cron, wall.at(Math.max(from, now) - shift));
    // The config refuses a cron that never fires.
    return fire === null ? Number.POSITIVE_INFINITY : wall.momentOf(fire) + shift;
  }

  private put({ schedule }: Instance, at: EpochMs): void {
    schedule.unlessListed = false;
    this.queue.put(schedule, Math.max(at, schedule.quietUntil));
    this.arm();
  }

  /** Sets the timer to the first due time, unless it is set to one at least as early. */
  private arm(): void {
    const first = this.queue.peek();
    if (!this.running || first === undefined || first.dueAt >= this.timerAt) return;
    this.cancelTimer?.();
    this.timerAt = first.dueAt;
    this.cancelTimer = this.parts.clock.after(Math.max(0, first.dueAt - this.parts.clock.now()), () => {
      this.timerAt = Number.POSITIVE_INFINITY;
      this.fired.put(null);
    });
  }

  /**
   * Whether a list has confirmed an instance since its probe was planned, so that it is planned again. That is looked at when
   * the probe is due, because a list may confirm very many instances, each time.
   */
  private isPutOff(instance: Instance, now: EpochMs): boolean {
    const every = bulkInterval(instance);
    const { lastAt } = instance.seen;
    if (every === null || lastAt === null || lastAt + every * 1.5 <= now || !isListed(instance.state)) return false;
    // All that one list confirmed wake the process up together.
    this.put(instance, lastAt + every * LISTS_MISSED);
    instance.schedule.unlessListed = true;
    return true;
  }

  private takeDue(): readonly Instance[] {
    const now = this.parts.clock.now();
    const due: Instance[] = [];
    for (let first = this.queue.takeDue(now); first !== undefined; first = this.queue.takeDue(now)) {
      if (first.unlessListed && this.isPutOff(first.instance, now)) continue;
      first.probing = true;
      due.push(first.instance);
    }
    return due;
  }
}

/** Whether a list may show how the instance is; what is in trouble is probed. */
function isListed({ phase }: InstanceState): boolean {
  return phase === 'healthy' || phase === 'unknown' || phase === 'needs_human';
}

/** The time over which each account's instances are spread, which its rate limit determines. */
function windows(instances: readonly Instance[]): { readonly instance: Instance; readonly window: DurationMs }[] {
  const sizes = new Map<string, number>();
  for (const { account } of instances) sizes.set(account.name, (sizes.get(account.name) ?? 0) + 1);
  return instances.map((instance) => {
    const { name, requestsPerSecond } = instance.account;
    const needed = ((sizes.get(name) ?? 1) / requestsPerSecond) * SECOND;
    return { instance, window: Math.max(SECOND, needed) };
  });
}
