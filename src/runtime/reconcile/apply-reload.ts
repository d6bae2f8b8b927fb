import type { AboutInstance } from '../../core/event.ts';
import type { ReloadCounts } from '../../core/reload.ts';
import type { FleetChange, Redefined } from '../fleet/fleet-change.ts';
import type { Account } from '../fleet/account.ts';
import type { Fleet } from '../fleet/fleet.ts';
import type { Instance } from '../fleet/instance.ts';
import type { PlannedRestarts } from '../schedule/planned-restarts.ts';
import type { Scheduler } from '../schedule/scheduler.ts';
import type { Clock } from '../../time/clock.ts';
import type { GatewayDrain } from './gateway-drain.ts';
import { joinedAs, type GuardLoop } from './guard-loop.ts';
import type { Reconciler } from './reconciler.ts';
import { recall } from './resume.ts';

export interface ApplyReloadParts {
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly planned: PlannedRestarts;
  readonly reconciler: Reconciler;
  readonly drain: GatewayDrain;
  readonly guardLoop: GuardLoop;
  /** What has changed of what this process owns; by default nothing has. */
  readonly ownership?: OwnershipChange;
}

/** Accounts that came from, or go to, another process that has the same config. */
export interface OwnershipChange {
  /** With the states as the former owner left them. */
  readonly taken: ReadonlySet<string>;
  readonly left: ReadonlySet<string>;
}

const NO_CHANGE: OwnershipChange = { taken: new Set(), left: new Set() };

/** What a reload did to the fleet. */
export interface Reloaded extends Omit<ReloadCounts, 'waitingForRestart'> {
  /** Instances that are watched now and were not, or under another name. */
  readonly newcomers: readonly Instance[];
  /** Labels of metrics under which no instance, or another one, is watched now. */
  readonly forgotten: readonly Pick<AboutInstance, 'name' | 'account'>[];
  readonly forgottenAccounts: readonly string[];
  /** Settles when the last restart call of a removed instance has ended. */
  readonly settled: Promise<void>;
  /** Settles when nothing of a removed instance is being saved. */
  readonly saved: Promise<void>;
}

/**
 * Applies a change of the fleet to everything that works on it. An unchanged instance keeps its place in the queue and
 * is not even looked at, unless the way to its gateway changed. New instances are spread as at a start. Calls in flight
 * end as they began.
 */
export function applyReload(change: FleetChange, parts: ApplyReloadParts): Reloaded {
  const { fleet, entering, leaving, redefined, changedAccounts, leavingAccounts, retired } = change;
  const { clock, scheduler, planned, reconciler, drain, guardLoop, ownership = NO_CHANGE } = parts;
  const now = clock.now();
  const disabled = redefined.filter(({ instance }) => !instance.definition.enabled);
  const awoken = redefined.filter(({ instance, before }) => instance.definition.enabled && !before.enabled);
  const beginning = [...entering, ...awoken.map(({ instance }) => instance)];
  guardLoop.adoptAccounts();
  for (const instance of leaving) leave(instance, instance.definition.enabled, parts);
  for (const { instance, before } of disabled) leave(instance, before.enabled, parts);
  for (const instance of beginning)
    if (instance.isWatched) guardLoop.observe(instance.account, joinedAs(instance, now));
  for (const instance of leaving) {
    if (!ownership.left.has(instance.account.name)) void reconciler.observe(instance, { type: 'removed' });
  }
  for (const instance of beginning) {
    // The call in the state is really in flight, not left over from a process that died.
    const isCalling = reconciler.isCalling(instance);
    void reconciler.observe(
      instance,
      isCalling ? { type: 'reconfigured', gatewayChanged: false } : { type: 'resumed' },
    );
    if (ownership.taken.has(instance.account.name)) recall(instance, parts);
  }
  const policyChanged = new Set(redefined.flatMap((entry) => (entry.policyChanged ? [entry.instance] : [])));
  const elsewhere = instancesOf(fleet, changedAccounts);
  for (const instance of new Set([...elsewhere, ...policyChanged])) {
    void reconciler.observe(instance, { type: 'reconfigured', gatewayChanged: changedAccounts.has(instance.account) });
  }
  guardLoop.look();
  planned.follow([...leaving, ...entering, ...redefined.map(({ instance }) => instance)]);
  reschedule(scheduler, policyChanged, beginning, elsewhere);
  for (const gateway of retired) drain.retire(gateway);
  return {
    added: entering.length,
    removed: leaving.length,
    changed: redefined.length,
    changedAccounts: changedAccounts.size,
    newcomers: [...beginning, ...renamedIn(change).map(({ instance }) => instance)],
    forgotten: forgottenOf(change),
    forgottenAccounts: leavingAccounts.map(({ name }) => name),
    settled: Promise.all(leaving.map((instance) => reconciler.settled(instance))).then(() => undefined),
    saved: Promise.all(leaving.map(decided)).then(() => reconciler.saveRest(leaving)),
  };
}

/** Resolves when no decision about an instance is being carried out. */
async function decided({ flight }: Instance): Promise<void> {
  while (flight.settling !== null) await flight.settling;
}

function leave(instance: Instance, wasCounted: boolean, { scheduler, guardLoop }: ApplyReloadParts): void {
  const { key, state, account } = instance;
  scheduler.remove(instance);
  guardLoop.observe(account, { type: 'left', key, state: wasCounted ? state : null });
}

function reschedule(
  scheduler: Scheduler,
  policyChanged: ReadonlySet<Instance>,
  beginning: readonly Instance[],
  elsewhere: readonly Instance[],
): void {
  for (const instance of policyChanged) if (instance.lastProbe !== null) scheduler.plan(instance);
  scheduler.add(beginning);
  // The effect of a new token or address, good or bad, is to show at once.
  void scheduler.hasten(elsewhere);
}

function instancesOf({ instances }: Fleet, accounts: ReadonlySet<Account>): readonly Instance[] {
  return accounts.size === 0 ? [] : [...instances.values()].filter(({ account }) => accounts.has(account));
}

function renamedIn({ redefined }: FleetChange): readonly Redefined[] {
  return redefined.filter(({ instance, before }) => instance.name !== before.name);
}

function forgottenOf(change: FleetChange): Reloaded['forgotten'] {
  return [
    ...change.leaving.map(({ name, account }) => ({ name, account: account.name })),
    ...renamedIn(change).map(({ instance, before }) => ({ name: before.name, account: instance.account.name })),
  ];
}
