import type { AccountEvent, InstanceEvent } from '../../core/event.ts';
import {
  allowedSick,
  canBeCounted,
  counted,
  EMPTY_TALLY,
  gatewayLooksDown,
  isSick,
  healthClassOf,
  type GuardPolicy,
  type HealthClass,
} from '../../core/group/tally.ts';
import type { Hold } from '../../core/instance/instance.ts';
import type { DurationMs, EpochMs } from '../../core/time.ts';
import type { Cause } from '../../core/verdict.ts';
import type { Cancel, Clock } from '../../time/clock.ts';
import type { Account, Instance } from '../fleet/fleet.ts';
import { OutageSuspicion } from './outage-suspicion.ts';
import { HealthPoller } from './health-poller.ts';
import { RestartQueue } from './restart-queue.ts';
import { StormWatch, type Sick } from './storm-watch.ts';
import type { WallClock } from '../../time/wall-clock.ts';

export interface AccountGuardParts {
  readonly clock: Clock;
  readonly wall: WallClock;
  readonly policy: GuardPolicy & { readonly stormCooldown: DurationMs };
  readonly publish: (event: AccountEvent) => void;
  /** Makes an instance be probed now, because it may be restarted now. */
  readonly call: (instance: Instance) => void;
  /** Whether a failure since then may be the gateway's, for our own network is up. */
  readonly mayBlame: (since: EpochMs) => Promise<boolean>;
  /** The gateway is back: what its instances did meanwhile is not held against them. */
  readonly judgeAfresh: () => void;
}

/** Holds that end by themselves as soon as there is room; whoever meets no others waits in line. */
const HELD_FOR_ROOM: ReadonlySet<Hold> = new Set<Hold>(['storm', 'concurrency']);

/**
 * Sees the instances of one account together, and holds restarts that would be right for one of them but wrong for the
 * account: in a storm, while the gateway is down, and beyond its limits.
 */
export class AccountGuard {
  /** The account may be replaced by a reload; its guard stays. */
  account: Account;
  private readonly parts: AccountGuardParts;
  private readonly line = new RestartQueue();
  private tally = EMPTY_TALLY;
  private readonly storms: StormWatch;
  private readonly doubt: OutageSuspicion;
  private outage = false;
  private readonly health: HealthPoller;
  private cancelTimer: Cancel | null = null;
  private timerAt: EpochMs = Number.POSITIVE_INFINITY;

  constructor(account: Account, parts: AccountGuardParts) {
    this.account = account;
    this.parts = parts;
    this.doubt = new OutageSuspicion(parts.call);
    this.storms = new StormWatch(parts.publish);
    this.health = new HealthPoller({
      clock: parts.clock,
      route: () => this.account.healthRoute,
      mayBlame: parts.mayBlame,
      onChange: () => {
        this.look();
      },
    });
  }

  get inStorm(): boolean {
    return this.storms.isOn;
  }

  get inOutage(): boolean {
    return this.outage;
  }

  /** What the instances say about the way to the gateway; null: there is none that could tell. */
  get reached(): boolean | null {
    const { watched, unanswered } = this.tally;
    return watched === 0 ? null : unanswered < watched;
  }

  /** Counts from nothing again. */
  clear(): void {
    this.tally = EMPTY_TALLY;
  }

  /** Counts an instance that is watched from now on. A restart of it that is under way may be a canary. */
  join(instance: Instance): void {
    if (!instance.definition.enabled) return;
    instance.healthClass = healthClassOf(instance.state);
    this.tally = counted(this.tally, instance.healthClass, 1);
    const { phase, history } = instance.state;
    const isUnderWay = phase === 'restarting' || phase === 'recovering';
    // A planned restart is most often one of a healthy instance, which shows nothing about the sick.
    if (isUnderWay && history.at(-1)?.trigger !== 'schedule') {
      this.storms.restartBegan(instance.key, this.canaryEnds(instance));
    }
  }

  /** Counts an instance no more that has been counted until now. */
  leave(instance: Instance): void {
    this.tally = counted(this.tally, instance.healthClass, -1);
  }

  /** Lets an instance go that is watched no more. */
  forget(instance: Instance): void {
    this.line.leave(instance);
    this.doubt.forget(instance);
    this.outcome(instance, false);
  }

  /** A probe has ended, also a healthy one that is not observed because it changes nothing. */
  heard(instance: Instance, cause: Cause, startedAt: EpochMs): void {
    this.doubt.heard(instance, cause, startedAt);
  }

  /**
   * What holds a restart of this instance now. Room that was promised to others by calling them is no room; and as
   * whoever waits is called as soon as there is room, there is none to take from them.
   */
  holdsOn(instance: Instance): readonly Hold[] {
    const holds: Hold[] = [];
    const promised = this.line.expected - (this.line.isCalled(instance) ? 1 : 0);
    const allowed = this.storms.allows(this.parts.clock.now());
    const worse = this.storms.isMadeWorseBy(instance.healthClass === 'well', this.sick);
    if (allowed <= promised || worse) holds.push('storm');
    if (this.outage || this.mayBeOutage(instance)) holds.push('gateway_outage');
    if (this.account.restarts.free <= promised) holds.push('concurrency');
    return holds;
  }

  /** An instance was observed and its state has been settled. */
  observed(instance: Instance, events: readonly InstanceEvent[], changed: boolean): void {
    this.recountOne(instance);
    for (const event of events) this.hear(instance, event);
    const { holds } = instance.state;
    if (holds.includes('gateway_outage')) {
      if (this.mayBeOutage(instance)) this.doubt.wait(instance);
    } else if (holds.includes('storm')) this.storms.tell(this.sick);
    this.queue(instance, changed);
    this.look();
  }

  /** A restart that had been decided was not made after all. */
  givenUp(instance: Instance): void {
    this.recountOne(instance);
    this.outcome(instance, false);
    this.look();
  }

  /** A restart call has ended, so there may be room. */
  roomMayHaveCome(): void {
    this.look();
  }

  start(): void {
    this.health.start();
  }

  close(): void {
    this.health.stop();
    this.cancelTimer?.();
    this.cancelTimer = null;
    this.timerAt = Number.POSITIVE_INFINITY;
  }

  private get sick(): Sick {
    const { sick, watched } = this.tally;
    return { sick, watched, allowed: allowedSick(this.parts.policy, watched) };
  }

  private mayBeOutage(instance: Instance): boolean {
    return !this.outage && canBeCounted(this.tally) && this.doubt.isInDoubt(instance);
  }

  private recountOne(instance: Instance): void {
    const sickness: HealthClass = healthClassOf(instance.state);
    if (sickness === instance.healthClass || !instance.definition.enabled || instance.removed) return;
    this.tally = counted(counted(this.tally, instance.healthClass, -1), sickness, 1);
    instance.healthClass = sickness;
  }

  private hear(instance: Instance, event: InstanceEvent): void {
    switch (event.type) {
      case 'restart_started':
        this.storms.tell(this.sick);
        if (isSick({ phase: event.intent.from })) this.storms.restartBegan(instance.key, this.canaryEnds(instance));
        return;
      case 'healed':
        this.outcome(instance, true);
        return;
      case 'not_healed':
        this.outcome(instance, false);
        return;
      case 'restart_finished':
        if (event.outcome === 'rejected' || event.outcome === 'unreachable') this.outcome(instance, false);
        return;
      case 'phase_changed':
        if (event.to === 'needs_human') this.outcome(instance, false);
        return;
      default:
        return;
    }
  }

  /** Twice the time in which a restart should show: all its calls, and the grace. */
  private canaryEnds({ policy: { restart } }: Instance): EpochMs {
    return this.parts.clock.now() + 2 * (restart.timeout * (1 + restart.retries) + restart.grace);
  }

  private outcome({ key }: Instance, healed: boolean): void {
    this.storms.restartShowed(key, healed, this.parts.policy.stormCooldown, this.parts.clock.now());
  }

  /**
   * In line stands who was seen to be sick and is held by nothing but the lack of room, the oldest outage first; whoever
   * has had a restart since stands as far behind as if its outage had begun then, or the oldest would have every turn.
   * Whoever was called and cannot go because the room is gone again keeps its place. If there is room, but not for it,
   * it leaves the line until its next probe at the usual time: called again at once, it would be probed without end.
   */
  private queue(instance: Instance, changed: boolean): void {
    const { holds, failingSince, planned, history } = instance.state;
    // One that is disabled may still be paused or reset; called, it would never answer, and keep its place for good.
    const mayGo = instance.definition.enabled && !instance.removed;
    const onlyForRoom = mayGo && holds.length > 0 && holds.every((hold) => HELD_FOR_ROOM.has(hold));
    const wasCalled = this.line.isCalled(instance);
    if (!onlyForRoom || wasCalled) this.line.leave(instance);
    const waits = wasCalled ? this.room(this.parts.clock.now()) <= 0 : changed;
    if (!onlyForRoom || !waits) return;
    const plannedAt = planned === null ? null : this.parts.wall.momentOf(planned.dueAt);
    const since = failingSince ?? plannedAt ?? instance.state.since;
    this.line.join(instance, Math.max(since, history.at(-1)?.at ?? since));
  }

  /** Looks at the whole: storm, outage, who may go now, and when to look again. */
  look(): void {
    const now = this.parts.clock.now();
    this.lookAtStorm(now);
    this.lookAtOutage();
    while (!this.outage && this.line.waiting > 0 && this.room(now) > 0) {
      const next = this.line.call();
      if (next !== undefined) this.parts.call(next);
    }
    this.arm(now);
  }

  private room(now: EpochMs): number {
    return Math.min(this.storms.allows(now), this.account.restarts.free) - this.line.expected;
  }

  private lookAtStorm(now: EpochMs): void {
    const mayBeOutage = canBeCounted(this.tally) && 2 * this.tally.unreachable > this.tally.sick;
    this.storms.look(this.sick, this.outage || mayBeOutage, this.parts.policy.stormCooldown, now);
  }

  private lookAtOutage(): void {
    const down = this.health.down || this.doubt.isConfirmed || gatewayLooksDown(this.tally, this.outage);
    if (down === this.outage) return;
    this.outage = down;
    const { unreachable, watched } = this.tally;
    if (down) this.doubt.settle();
    if (down) this.parts.publish({ type: 'gateway_outage_began', unreachable, watched });
    else {
      this.parts.publish({ type: 'gateway_outage_ended' });
      this.parts.judgeAfresh();
    }
  }

  /** Room that comes by time alone: a quiet time or a pause between canaries ends, the minute of the limit passes. */
  private arm(now: EpochMs): void {
    const at = this.looksAgainAt(now);
    if (at === this.timerAt) return;
    this.cancelTimer?.();
    this.cancelTimer = null;
    this.timerAt = at;
    if (at === Number.POSITIVE_INFINITY) return;
    this.cancelTimer = this.parts.clock.after(at - now, () => {
      this.cancelTimer = null;
      this.timerAt = Number.POSITIVE_INFINITY;
      this.look();
    });
  }

  private looksAgainAt(now: EpochMs): EpochMs {
    const freesAt = this.account.restarts.freesAt(this.line.expected);
    const minutePasses =
      this.line.waiting > 0 && freesAt !== null && freesAt > now ? freesAt : Number.POSITIVE_INFINITY;
    return Math.min(this.storms.looksAgainAt(now), minutePasses);
  }
}
