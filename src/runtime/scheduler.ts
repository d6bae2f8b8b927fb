import { probeDelay } from '../core/cadence.ts';
import { isPaused } from '../core/holds.ts';
import { spreadOver } from '../core/instance.ts';
import { SECOND, type DurationMs, type EpochMs } from '../core/time.ts';
import type { Calendar } from './calendar.ts';
import { sleep, type Cancel, type Clock } from './clock.ts';
import { DueQueue } from './due-queue.ts';
import type { Watched } from './fleet.ts';
import { placeWithin, slotOf } from './places.ts';
import type { WallClock } from './wall-clock.ts';

/** Instances that share a cron expression are spread over this much time after it fires. */
const CRON_SPREAD: DurationMs = 10 * SECOND;
/** So many are queued anew in a millisecond or two. */
const PORTION = 2_000;

export interface SchedulerParts {
  readonly clock: Clock;
  readonly wall: WallClock;
  readonly calendar: Calendar;
  /** Probes once and decides; must not reject. The instance's lane has been entered. */
  readonly probe: (watched: Watched) => Promise<void>;
  /** Called when a probe has ended and the next one is planned. */
  readonly probed: (watched: Watched) => void;
}

/**
 * Hop 1: knows when each instance is due, and starts its probe then. One queue and one timer for all of them. An
 * instance is either queued, or its probe is under way; so probes of one instance never overlap, and rounds that were
 * missed are skipped, not replayed.
 */
export class Scheduler {
  private readonly parts: SchedulerParts;
  private readonly queue = new DueQueue<Watched>();
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
  start(instances: Iterable<Watched>): void {
    this.running = true;
    this.add(instances);
  }

  /** Queues the first probe of instances that were not watched before, spread in the same way. */
  add(instances: Iterable<Watched>): void {
    // One that is being probed already, because it comes back soon after it left, is planned when that has ended.
    const fresh = [...instances].filter(({ definition, probing }) => definition.enabled && !probing);
    for (const { watched, window } of windows(fresh)) this.planFirst(watched, window);
  }

  /**
   * Makes the next probe of each begin as soon as a start would make it begin, if it is not due sooner. Very many are
   * queued in portions, between which what is due has its turn.
   */
  async hasten(instances: Iterable<Watched>): Promise<void> {
    const { clock } = this.parts;
    let done = 0;
    for (const { watched, window } of windows([...instances])) {
      this.pullForward(watched, clock.now() + placeWithin(watched.state.seed, window));
      done += 1;
      if (done % PORTION === 0) await sleep(clock, 0, this.stopped.signal);
    }
  }

  /**
   * The wall clock was set: what waits for a time of a schedule is probed when the clock comes to that, and who is down
   * and was paused until now as soon as a start would probe it. Whoever is due any moment has been called for a reason.
   */
  followClock(instances: Iterable<Watched>): void {
    const now = this.parts.clock.now();
    const wall = this.parts.wall.now();
    const freed: Watched[] = [];
    for (const watched of instances) {
      const { state, policy, queueIndex, dueAt, turnAt } = watched;
      if (queueIndex === -1) continue;
      if (state.phase === 'down' && state.pause !== null && !isPaused(state, wall)) freed.push(watched);
      if (policy.probe.cadence.type !== 'cron' || turnAt !== null || dueAt <= now + CRON_SPREAD) continue;
      if (probeDelay(state, policy, now, wall) === null) {
        this.put(watched, this.regular(watched, watched.lastProbe?.at ?? now, now));
      }
    }
    void this.hasten(freed);
  }

  /** No further probe of this instance begins. */
  remove(watched: Watched): void {
    this.queue.remove(watched);
  }

  /** No further probe begins. */
  stop(): void {
    this.running = false;
    this.stopped.abort();
    this.cancelTimer?.();
    this.cancelTimer = null;
  }

  /** Queues the next probe of an instance by where it stands now. */
  plan(watched: Watched): void {
    if (!this.running || watched.probing || !mayBeProbed(watched)) return;
    if (watched.state.phase === 'restarting') {
      // The end of the call plans again.
      this.queue.remove(watched);
      return;
    }
    const now = this.parts.clock.now();
    const last = watched.lastProbe?.at ?? now;
    const from = watched.state.phase === 'recovering' ? Math.max(last, watched.state.since) : last;
    const delay = probeDelay(watched.state, watched.policy, now, this.parts.wall.now());
    const regular = delay === null ? this.regular(watched, from, now) : from + delay;
    // A look out of turn does not put off the turn, or whoever asks all the time would keep an outage from being found.
    const due = watched.state.phase === 'suspect' ? (watched.turnAt ?? regular) : regular;
    const { wantedBy } = watched;
    watched.wantedBy = null;
    watched.turnAt = watched.askedFor && wantedBy !== null && wantedBy < due ? due : null;
    watched.askedFor = false;
    this.put(watched, Math.max(now, Math.min(due, wantedBy ?? due)));
  }

  /** Makes the next probe begin by `at` because somebody asks for it, though it may not be its turn. */
  ask(watched: Watched, at: EpochMs): void {
    if (!this.running || !mayBeProbed(watched)) return;
    if (watched.probing) {
      watched.wantedBy = Math.min(at, watched.wantedBy ?? at);
      watched.askedFor = true;
    } else if (watched.queueIndex !== -1 && at < watched.dueAt) {
      watched.turnAt ??= watched.dueAt;
      this.put(watched, at);
    }
  }

  /** Makes the next probe begin by `at`, unless it is due sooner; one that is under way is not the next one. */
  pullForward(watched: Watched, at: EpochMs): void {
    if (!this.running) return;
    if (watched.probing) watched.wantedBy = at;
    else if (watched.queueIndex !== -1 && at < watched.dueAt) this.put(watched, at);
  }

  /** How long the first instance in the queue has been overdue; 0 when everything is on time. */
  overdue(): DurationMs {
    const first = this.queue.peek();
    return first === undefined ? 0 : Math.max(0, this.parts.clock.now() - first.dueAt);
  }

  private planFirst(watched: Watched, window: DurationMs): void {
    const now = this.parts.clock.now();
    const { cadence } = watched.policy.probe;
    if (cadence.type === 'every') {
      this.put(watched, now + placeWithin(watched.state.seed, Math.min(window, cadence.every)));
    } else {
      this.put(watched, this.regular(watched, now, now));
    }
  }

  /**
   * The next place of the instance on its regular grid. The grid is anchored at the epoch and shifted by the
   * instance's own place, so an even spread survives restarts and reloads without being stored. After a probe off the
   * grid the first place less than half an interval away is left out.
   */
  private regular(watched: Watched, from: EpochMs, now: EpochMs): EpochMs {
    const { cadence } = watched.policy.probe;
    const { seed } = watched.state;
    if (cadence.type === 'every') {
      const { every } = cadence;
      const shift = placeWithin(seed, every, slotOf(watched.account, every));
      const after = Math.max(from + every / 2, now);
      return (Math.floor((after - shift) / every) + 1) * every + shift;
    }
    const shift = spreadOver(seed, CRON_SPREAD);
    const { wall, calendar } = this.parts;
    const fire = calendar.nextFire(cadence.cron, wall.at(Math.max(from, now) - shift));
    // A cron that never fires is refused by the config.
    return fire === null ? Number.POSITIVE_INFINITY : wall.momentOf(fire) + shift;
  }

  private put(watched: Watched, at: EpochMs): void {
    this.queue.put(watched, Math.max(at, watched.quietUntil));
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
    for (let watched = this.queue.takeDue(now); watched !== undefined; watched = this.queue.takeDue(now)) {
      this.begin(watched);
    }
    this.arm();
  }

  private begin(watched: Watched): void {
    watched.probing = true;
    const { lane } = watched.account;
    lane.enter(() => {
      if (!this.running || watched.state.phase === 'restarting' || !mayBeProbed(watched)) {
        // A restart or a reload came in while this probe waited for its turn.
        watched.probing = false;
        lane.leave();
        return;
      }
      const { gateway } = watched.account;
      const finished = (): void => {
        watched.probing = false;
        this.plan(watched);
        // Its answer came over a way that was given up meanwhile, so nothing is known yet.
        if (gateway !== watched.account.gateway) void this.hasten([watched]);
        this.parts.probed(watched);
      };
      this.parts.probe(watched).then(finished, finished);
    });
  }
}

function mayBeProbed({ definition, removed }: Watched): boolean {
  return definition.enabled && !removed;
}

/** Over how much time each account's instances are spread: as long as its rate limit needs for them. */
function windows(instances: readonly Watched[]): { readonly watched: Watched; readonly window: DurationMs }[] {
  const sizes = new Map<string, number>();
  for (const { account } of instances) sizes.set(account.name, (sizes.get(account.name) ?? 0) + 1);
  return instances.map((watched) => {
    const { name, requestsPerSecond } = watched.account;
    const needed = ((sizes.get(name) ?? 1) / requestsPerSecond) * SECOND;
    return { watched, window: Math.max(SECOND, needed) };
  });
}
