import type { Publish } from '../../core/event.ts';
import type { GroupEffect, GroupObservation } from '../../core/group/group.ts';
import type { Policy } from '../../core/policy.ts';
import type { DurationMs, EpochMs } from '../../core/time.ts';
import { sleep, type Cancel, type Clock } from '../../time/clock.ts';
import type { FleetRegistry } from '../fleet/fleet-registry.ts';
import type { Account, Instance } from '../fleet/fleet.ts';
import { HealthPoller } from '../guards/health-poller.ts';
import type { Guards } from '../guards/guards.ts';
import type { Scheduler } from '../schedule/scheduler.ts';

export interface GuardLoopParts {
  readonly clock: Clock;
  readonly publish: Publish;
  readonly registry: FleetRegistry;
  readonly guards: Guards;
  readonly scheduler: Scheduler;
}

/**
 * Passes observations to the guards and performs their effects, in the order given. It also observes what does not come
 * from probes: the gateways' own health routes, our own network, and the passing of time.
 */
export class GuardLoop {
  private readonly parts: GuardLoopParts;
  private readonly alarms = new Map<Account, Cancel>();
  private readonly polls = new Map<Account, AbortController>();
  private running = false;
  private stopped = false;

  constructor(parts: GuardLoopParts) {
    this.parts = parts;
  }

  start(): void {
    this.running = true;
    this.parts.guards.start();
    for (const account of this.parts.registry.fleet.accounts.values()) this.poll(account);
    void this.followNetwork();
  }

  stop(): void {
    this.stopped = true;
    this.parts.guards.stop();
    for (const account of [...this.polls.keys(), ...this.alarms.keys()]) this.leave(account);
  }

  /** The accounts of the fleet have changed; `joined`, `left` and `look` follow. */
  adoptAccounts(): void {
    const { guards, registry } = this.parts;
    const { accounts } = registry.fleet;
    guards.adopt(accounts);
    for (const account of [...this.polls.keys(), ...this.alarms.keys()]) {
      if (!accounts.has(account.name)) this.leave(account);
    }
    if (!this.running) return;
    for (const account of accounts.values()) this.poll(account);
  }

  /** Lets every account look at itself again. */
  look(): void {
    for (const account of this.parts.registry.fleet.accounts.values()) this.observe(account, { type: 'looked' });
  }

  /** An observation of an account's group; its effects are performed before this returns. */
  observe(account: Account, observation: GroupObservation): void {
    for (const effect of this.parts.guards.step(account, observation)) this.perform(account, effect);
    if (observation.type === 'transition') this.networkMayHaveChanged('no instance of any gateway gives an answer');
  }

  private perform(account: Account, effect: GroupEffect): void {
    const { clock, publish, registry, scheduler } = this.parts;
    switch (effect.type) {
      case 'publish':
        publish({ at: clock.now(), account: account.name, ...effect.event });
        return;
      case 'clear_suspicion':
        this.clearSuspicion(account);
        return;
      case 'probe': {
        const instance = registry.instanceOf(effect.key);
        if (instance !== undefined) scheduler.pullForward(instance, clock.now());
        return;
      }
      case 'wake':
        this.wakeAt(account, effect.at);
    }
  }

  /** One after the other: a hundred thousand at once, each with its save, would block the process for long. */
  private clearSuspicion(account: Account | null): void {
    for (const instance of this.parts.registry.fleet.instances.values()) {
      if (account === null || instance.account === account) instance.flight.toClear = true;
    }
  }

  private wakeAt(account: Account, at: EpochMs | null): void {
    const { clock } = this.parts;
    this.alarms.get(account)?.();
    this.alarms.delete(account);
    if (at === null || this.stopped) return;
    const ring = (): void => {
      this.alarms.delete(account);
      this.observe(account, { type: 'looked' });
    };
    this.alarms.set(account, clock.after(at - clock.now(), ring));
  }

  private leave(account: Account): void {
    this.polls.get(account)?.abort();
    this.polls.delete(account);
    this.alarms.get(account)?.();
    this.alarms.delete(account);
  }

  private poll(account: Account): void {
    if (this.polls.has(account)) return;
    const controller = new AbortController();
    this.polls.set(account, controller);
    void this.pollHealth(account, controller.signal);
  }

  /** Calls the gateway's own health route for as long as the account is watched. */
  private async pollHealth(account: Account, signal: AbortSignal): Promise<void> {
    const { clock, guards } = this.parts;
    const poller = new HealthPoller();
    const isWatched = (): boolean => !signal.aborted;
    while (isWatched()) {
      const since = clock.now();
      const health = await poller.poll(account.healthRoute, signal);
      const counts = health !== 'down' || (await guards.mayBlame(since));
      if (!isWatched()) return;
      poller.record(counts ? health : 'unknown');
      if (poller.down !== account.group.unhealthyRoute)
        this.observe(account, { type: 'health_route', down: poller.down });
      await sleep(clock, poller.wait, signal);
    }
  }

  private async followNetwork(): Promise<void> {
    for (;;) {
      const reason = await this.parts.guards.networkChecked();
      if (this.stopped) return;
      this.networkMayHaveChanged(reason);
    }
  }

  private networkMayHaveChanged(reason: string): void {
    const { clock, publish, guards, registry, scheduler } = this.parts;
    const change = guards.networkTransition();
    if (change === null) return;
    const at = clock.now();
    if (change === 'down') {
      publish({ at, type: 'own_network_down', reason });
      return;
    }
    publish({ at, type: 'own_network_up' });
    // Until our network was known to be down, missing answers counted against the instances.
    this.clearSuspicion(null);
    // Since then they have counted for nothing, even if a gateway has gone down meanwhile; so all are probed again.
    const unknown: Instance[] = [];
    for (const instance of registry.fleet.instances.values()) {
      if (instance.lastProbe?.cause === 'own_network') unknown.push(instance);
    }
    void scheduler.hasten(unknown);
  }
}

/** The guards watch an instance from now on. A restart of it that is under way may be a canary. */
export function joinedAs({ key, state, policy }: Instance, now: EpochMs): GroupObservation {
  const isUnderWay = state.phase === 'restarting' || state.phase === 'recovering';
  // A planned restart is usually one of a healthy instance, which shows nothing about sick ones.
  const isShowing = isUnderWay && state.history.at(-1)?.trigger !== 'schedule';
  return { type: 'joined', key, state, shownBy: isShowing ? now + timeToShow(policy) : null };
}

/** Twice the time in which a restart should show its effect: all its calls, and the grace. */
export function timeToShow({ restart }: Policy): DurationMs {
  return 2 * (restart.timeout * (1 + restart.retries) + restart.grace);
}
