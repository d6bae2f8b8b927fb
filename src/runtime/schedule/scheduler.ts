import { probeDelay } from '../../core/instance/cadence.ts';
import { isPaused } from '../../core/instance/holds.ts';
import { spreadOver } from '../../core/instance/instance.ts';
import { SECOND, type DurationMs, type EpochMs } from '../../core/time.ts';
import type { Calendar } from '../../time/calendar.ts';
import { sleep, type Cancel, type Clock } from '../../time/clock.ts';
import { DueQueue } from '../../collections/due-queue.ts';
import type { Instance } from '../fleet/fleet.ts';
import { slotWithin, slotOf } from './probe-slots.ts';
import type { WallClock } from '../../time/wall-clock.ts';

/** Instances that share a cron expression are spread over this much time after it fires. */
const CRON_SPREAD: DurationMs = 10 * SECOND;
/** So many are queued anew in a millisecond or two. */
const PORTION = 2_000;

export interface SchedulerParts {
  readonly clock: Clock;
  readonly wall: WallClock;
  readonly calendar: Calendar;
  /** Probes once and decides; must not reject. The instance's lane has been entered. */
  readonly probe: (instance: Instance) => Promise<void>;
  /** Called when a probe has ended and the next one is planned. */
  readonly probed: (instance: Instance) => void;
}

/**
 * Hop 1: knows when each instance is due, and starts its probe then. One queue and one timer for all of them. An
 * instance is either queued, or its probe is under way; so probes of one instance never overlap, and rounds that were
 * missed are skipped, not replayed.
 */
export class Scheduler {
  private readonly parts: SchedulerParts;
  private readonly queue = new DueQueue<Instance>();
  private cancelTimer: Cancel | null = null;
  private timerAt: EpochMs = Number.POSITIVE_INFINITY;
  private running = false;
  private readonly stopped = new AbortController();

  constructor(parts: SchedulerParts) {
    this.parts = parts;
  }

  /**
   * Queues the first probe of each instance. They are spread by the instances' stable places over as long as the
   * account's rate limit needs for them, at most one interval, so that a start neither floods a gateway nor makes a
   * small fleet wait.
   */
  start(instances: Iterable<Instance>): void {
    this.running = true;
    this.add(instances);
  }

  /** Queues the first probe of instances that were not watched before, spread in the same way. */
  add(instances: Iterable<Instance>): void {
    // One that is being probed already, because it comes back soon after it left, is planned when that has ended.
    const fresh = [...instances].filter(({ definition, probing }) => definition.enabled && !probing);
    for (const { instance, window } of windows(fresh)) this.planFirst(instance, window);
  }

  /**
   * Makes the next probe of each begin as soon as a start would make it begin, if it is not due sooner. Very many are
   * queued in portions, between which what is due has its turn.
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
   * The wall clock was set: what waits for a time of a schedule is probed when the clock comes to that, and who is down
   * and was paused until now as soon as a start would probe it. Whoever is due any moment has been called for a reason.
   */
  followClock(instances: Iterable<Instance>): void {
    const now = this.parts.clock.now();
    const wall = this.parts.wall.now();
    const freed: Instance[] = [];
    for (const instance of instances) {
      const { state, policy, queueIndex, dueAt, turnAt } = instance;
      if (queueIndex === -1) continue;
      if (state.phase === 'down' && state.pause !== null && !isPaused(state, wall)) freed.push(instance);
      if (policy.probe.cadence.type !== 'cron' || turnAt !== null || dueAt <= now + CRON_SPREAD) continue;
      if (probeDelay(state, policy, now, wall) === null) {
        this.put(instance, this.regular(instance, instance.lastProbe?.at ?? now, now));
      }
    }
    void this.hasten(freed);
  }

  /** No further probe of this instance begins. */
  remove(instance: Instance): void {
    this.queue.remove(instance);
  }

  /** No further probe begins. */
  stop(): void {
    this.running = false;
    this.stopped.abort();
    this.cancelTimer?.();
    this.cancelTimer = null;
  }

  /** Queues the next probe of an instance by where it stands now. */
  plan(instance: Instance): void {
    if (!this.running || instance.probing || !mayBeProbed(instance)) return;
    if (instance.state.phase === 'restarting') {
      // The end of the call plans again.
      this.queue.remove(instance);
      return;
    }
    const now = this.parts.clock.now();
    const last = instance.lastProbe?.at ?? now;
    const from = instance.state.phase === 'recovering' ? Math.max(last, instance.state.since) : last;
    const delay = probeDelay(instance.state, instance.policy, now, this.parts.wall.now());
    const regular = delay === null ? this.regular(instance, from, now) : from + delay;
    // A look out of turn does not put off the turn, or whoever asks all the time would keep an outage from being found.
    const due = instance.state.phase === 'suspect' ? (instance.turnAt ?? regular) : regular;
    const { wantedAt: wantedBy } = instance;
    instance.wantedAt = null;
    instance.turnAt = instance.askedFor && wantedBy !== null && wantedBy < due ? due : null;
    instance.askedFor = false;
    this.put(instance, Math.max(now, Math.min(due, wantedBy ?? due)));
  }

  /** Makes the next probe begin by `at` because somebody asks for it, though it may not be its turn. */
  ask(instance: Instance, at: EpochMs): void {
    if (!this.running || !mayBeProbed(instance)) return;
    if (instance.probing) {
      instance.wantedAt = Math.min(at, instance.wantedAt ?? at);
      instance.askedFor = true;
    } else if (instance.queueIndex !== -1 && at < instance.dueAt) {
      instance.turnAt ??= instance.dueAt;
      this.put(instance, at);
    }
  }

  /** Makes the next probe begin by `at`, unless it is due sooner; one that is under way is not the next one. */
  pullForward(instance: Instance, at: EpochMs): void {
    if (!this.running) return;
    if (instance.probing) instance.wantedAt = at;
    else if (instance.queueIndex !== -1 && at < instance.dueAt) this.put(instance, at);
  }

  /** How long the first instance in the queue has been overdue; 0 when everything is on time. */
  overdue(): DurationMs {
    const first = this.queue.peek();
    return first === undefined ? 0 : Math.max(0, this.parts.clock.now() - first.dueAt);
  }

  private planFirst(instance: Instance, window: DurationMs): void {
    const now = this.parts.clock.now();
    const { cadence } = instance.policy.probe;
    if (cadence.type === 'every') {
      this.put(instance, now + slotWithin(instance.state.seed, Math.min(window, cadence.every)));
    } else {
      this.put(instance, this.regular(instance, now, now));
    }
  }

  /**
   * The next place of the instance on its regular grid. The grid is anchored at the epoch and shifted by the
   * instance's own place, so an even spread survives restarts and reloads without being stored. After a probe off the
   * grid the first place less than half an interval away is left out.
   */
  private regular(instance: Instance, from: EpochMs, now: EpochMs): EpochMs {
    const { cadence } = instance.policy.probe;
    const { seed } = instance.state;
    if (cadence.type === 'every') {
      const { every } = cadence;
      const shift = slotWithin(seed, every, slotOf(instance.account, every));
      const after = Math.max(from + every / 2, now);
      return (Math.floor((after - shift) / every) + 1) * every + shift;
    }
    const shift = spreadOver(seed, CRON_SPREAD);
    const { wall, calendar } = this.parts;
    const fire = calendar.nextFire(cadence.cron, wall.at(Math.max(from, now) - shift));
    // A cron that never fires is refused by the config.
    return fire === null ? Number.POSITIVE_INFINITY : wall.momentOf(fire) + shift;
  }

  private put(instance: Instance, at: EpochMs): void {
    this.queue.put(instance, Math.max(at, instance.quietUntil));
    this.arm();
  }

  /** Sets the timer to the first due time, if it is not set to one as early already. */
  private arm(): void {
    const first = this.queue.peek();
    if (!this.running || first === undefined || first.dueAt >= this.timerAt) return;
    this.cancelTimer?.();
    this.timerAt = first.dueAt;
    this.cancelTimer = this.parts.clock.after(Math.max(0, first.dueAt - this.parts.clock.now()), () => {
      this.timerAt = Number.POSITIVE_INFINITY;
      this.runDue();
    });
  }

  private runDue(): void {
    const now = this.parts.clock.now();
    for (let instance = this.queue.takeDue(now); instance !== undefined; instance = this.queue.takeDue(now)) {
      this.begin(instance);
    }
    this.arm();
  }

  private begin(instance: Instance): void {
    instance.probing = true;
    const { requests: lane } = instance.account;
    lane.enter(() => {
      if (!this.running || instance.state.phase === 'restarting' || !mayBeProbed(instance)) {
        // A restart or a reload came in while this probe waited for its turn.
        instance.probing = false;
        lane.leave();
        return;
      }
      const { gateway } = instance.account;
      const finished = (): void => {
        instance.probing = false;
        this.plan(instance);
        // Its answer came over a way that was given up meanwhile, so nothing is known yet.
        if (gateway !== instance.account.gateway) void this.hasten([instance]);
        this.parts.probed(instance);
      };
      this.parts.probe(instance).then(finished, finished);
    });
  }
}

function mayBeProbed({ definition, removed }: Instance): boolean {
  return definition.enabled && !removed;
}

/** Over how much time each account's instances are spread: as long as its rate limit needs for them. */
function windows(instances: readonly Instance[]): { readonly instance: Instance; readonly window: DurationMs }[] {
  const sizes = new Map<string, number>();
  for (const { account } of instances) sizes.set(account.name, (sizes.get(account.name) ?? 0) + 1);
  return instances.map((instance) => {
    const { name, requestsPerSecond } = instance.account;
    const needed = ((sizes.get(name) ?? 1) / requestsPerSecond) * SECOND;
    return { instance, window: Math.max(SECOND, needed) };
  });
}
