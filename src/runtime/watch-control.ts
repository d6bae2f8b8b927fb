import { allHarm } from '../core/group/group.ts';
import type { Release } from '../core/group/harm.ts';
import type { Answer } from '../core/instance/draft.ts';
import { harmfulRestarts, type RestartRecord } from '../core/instance/instance.ts';
import type { Observation, RestartRequested } from '../core/instance/observation.ts';
import type { EpochMs } from '../core/time.ts';
import type { Clock } from '../time/clock.ts';
import type { Account, SharedGateway } from './fleet/account.ts';
import type { Fleet } from './fleet/fleet.ts';
import type { Instance } from './fleet/instance.ts';
import type { Guards } from './guards/guards.ts';
import type { Echoes } from './probing/echoes.ts';
import type { GuardLoop } from './reconcile/guard-loop.ts';
import type { ProbeLoop, RequestedProbe } from './probing/probe-loop.ts';
import type { Observed, Reconciler } from './reconcile/reconciler.ts';
import type { Scheduler } from './schedule/scheduler.ts';

/** What became of a restart that somebody asked for. */
export interface RequestedRestart extends Pick<Answer, 'held' | 'skipped'> {
  /** Why it was given up although nothing held it; null: it was not. */
  readonly failed: string | null;
  /** Settles with the record of the call; null when there was no call. */
  readonly ended: Promise<RestartRecord | null> | null;
}

/** What became of something else that somebody asked for. */
export type Requested = Pick<Observed, 'answer' | 'saved'>;

export interface WatchControlParts {
  readonly clock: Clock;
  /** Another object after each reload. */
  readonly fleet: () => Fleet;
  readonly guards: Guards;
  readonly guardLoop: GuardLoop;
  readonly scheduler: Scheduler;
  readonly reconciler: Reconciler;
  readonly probeLoop: ProbeLoop;
  /** null: no instance sends messages. */
  readonly echoes: Echoes | null;
}

/** What operators, alerts and the webhooks of gateways can have a watchdog do. */
export class WatchControl {
  private readonly parts: WatchControlParts;

  constructor(parts: WatchControlParts) {
    this.parts = parts;
  }

  /** Restarts an instance because somebody asked for it, unless something holds it; `force` overrides holds. */
  async requestRestart(
    instance: Instance,
    request: Pick<RestartRequested, 'trigger' | 'requestedBy' | 'force'>,
  ): Promise<RequestedRestart> {
    const { answer, ended } = await this.parts.reconciler.observe(instance, () => {
      const { removed, definition } = instance;
      const disabled = removed || !(definition.enabled || request.force);
      return {
        type: 'restart_requested',
        ...request,
        disabled,
        holds: this.parts.guards.holdsOn(instance, request.trigger),
      };
    });
    const { held, skipped } = answer;
    const isDecided = held.length === 0 && skipped === null;
    const failed = isDecided && ended === null ? 'the intent could not be saved, so the call was not made' : null;
    return { held, skipped, failed, ended };
  }

  /** See {@link ProbeLoop.probeNow}. */
  probeNow(instance: Instance): Promise<RequestedProbe> {
    return this.parts.probeLoop.probeNow(instance);
  }

  /** See {@link ProbeLoop.hint}. */
  hint(instance: Instance): EpochMs {
    return this.parts.probeLoop.hint(instance);
  }

  /**
   * Something flows through the instance, such as a message.
   *
   * @returns when: now
   */
  heard(instance: Instance): EpochMs {
    const now = this.parts.clock.now();
    this.parts.reconciler.heard(instance, now);
    return now;
  }

  /** The webhook of a message that an instance had to send came; whether it was awaited. */
  echoed(mark: string): boolean {
    return this.parts.echoes?.heard(mark) ?? false;
  }

  /** Holds automatic restarts of an instance; it is probed on. Resolves when that is saved, or cannot be. */
  async pause(instance: Instance, pause: { reason: string; by: string; until: EpochMs | null }): Promise<Requested> {
    return await this.parts.reconciler.observe(instance, { type: 'pause_requested', ...pause });
  }

  /** Lets automatic restarts go on, after a fresh look at the instance. */
  async unpause(instance: Instance, by: string): Promise<Requested> {
    return await this.observeAndProbe(instance, { type: 'unpause_requested', by });
  }

  /** Notes that an operator knows of the trouble of an instance; where it has none, its state stays without. */
  async acknowledge(
    instance: Instance,
    acknowledgement: { reason: string | null; by: string; until: EpochMs | null },
  ): Promise<Requested> {
    return await this.parts.reconciler.observe(instance, { type: 'acknowledge_requested', ...acknowledgement });
  }

  /** Forgets attempts, budget and cooldown; skipped while a restart is to show its effect. */
  async reset(instance: Instance, by: string): Promise<Requested> {
    return await this.observeAndProbe(instance, { type: 'reset_requested', by });
  }

  /**
   * Lets restarts of an account go on that were held because restarts did harm. Where its gateway is held, whose restarts
   * did harm in several accounts, all of these are released.
   *
   * @returns how many harmful restarts no longer count, and whether all of that was saved
   */
  async release(account: Account, by: string): Promise<{ readonly harmed: number; readonly saved: boolean }> {
    const { shared } = account;
    const isWholeGateway = shared?.group.harmful === true;
    const { length: harmed } = allHarm((isWholeGateway ? shared : account).group);
    const accounts = isWholeGateway ? shared.accounts : new Set([account]);
    const saved = await this.releaseAll(accounts, { at: this.parts.clock.now(), by }, isWholeGateway);
    return { harmed, saved };
  }

  /** A person has released a gateway by way of another replica. */
  async releaseToo({ accounts }: SharedGateway, release: Release): Promise<void> {
    await this.releaseAll(accounts, release, true);
  }

  private async releaseAll(
    accounts: ReadonlySet<Account>,
    release: Release,
    isWholeGateway: boolean,
  ): Promise<boolean> {
    const instances = [...this.parts.fleet().instances.values()].filter((instance) => accounts.has(instance.account));
    const observed = await Promise.all(
      instances
        .filter(({ state }) => harmfulRestarts(state).length > 0)
        .map((instance) => this.parts.reconciler.observe(instance, { type: 'release_requested', at: release.at })),
    );
    const keys = isWholeGateway ? null : new Set(instances.map(({ key }) => key));
    this.parts.guardLoop.release(accounts, { type: 'released', ...release, keys });
    return observed.every(({ saved }) => saved);
  }

  private async observeAndProbe(instance: Instance, observation: Observation): Promise<Requested> {
    const requested = await this.parts.reconciler.observe(instance, observation);
    this.parts.scheduler.ask(instance, this.parts.clock.now());
    return requested;
  }
}
