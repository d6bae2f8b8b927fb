import type { Account, Fleet, Instance } from '../fleet/fleet.ts';
import type { GatewayDrain } from './gateway-drain.ts';
import type { Guards } from '../guards/guards.ts';
import type { PlannedRestarts } from '../schedule/planned-restarts.ts';
import type { FleetChange, Redefined } from '../fleet/fleet-registry.ts';
import type { Scheduler } from '../schedule/scheduler.ts';
import type { Reconciler } from './reconciler.ts';

export interface Followers {
  readonly scheduler: Scheduler;
  readonly planned: PlannedRestarts;
  readonly tick: Reconciler;
  readonly inUse: GatewayDrain;
  readonly guards: Pick<Guards, 'follow' | 'forget' | 'look'>;
}

/** Which instance, as metrics know it. */
export interface SeriesOwner {
  readonly name: string;
  readonly account: string;
}

/** What a reload did to the fleet. */
export interface Reloaded {
  readonly added: number;
  readonly removed: number;
  readonly changed: number;
  readonly changedAccounts: number;
  /** Who is watched now and was not, or under another name. */
  readonly newcomers: readonly Instance[];
  /** Names under which nobody, or somebody else, is watched now. */
  readonly forgotten: readonly SeriesOwner[];
  readonly forgottenAccounts: readonly string[];
  /** Settles when the last restart call of a removed instance has ended. */
  readonly settled: Promise<void>;
}

/**
 * Makes everybody follow a change of the fleet. Who did not change notices nothing: it stays in the queue where it is,
 * and is not even looked at, unless its account reaches its gateway in another way.
 * Newcomers are spread like at a start. What is in flight ends as it began.
 */
export function applyReload(change: FleetChange, { scheduler, planned, tick, inUse, guards }: Followers): Reloaded {
  const { fleet, entering, leaving, redefined, changedAccounts, leavingAccounts, retired } = change;
  const disabled = redefined.filter(({ instance: instance }) => !instance.definition.enabled);
  for (const instance of [...leaving, ...disabled.map((entry) => entry.instance)]) {
    scheduler.remove(instance);
    guards.forget(instance);
  }
  const awoken = redefined.filter(({ instance: instance, before }) => instance.definition.enabled && !before.enabled);
  const beginning = [...entering, ...awoken.map(({ instance: instance }) => instance)];
  const asleep = disabled.filter(({ before }) => before.enabled).map(({ instance: instance }) => instance);
  guards.follow(fleet, beginning, [...leaving.filter(({ definition }) => definition.enabled), ...asleep]);
  for (const instance of beginning) {
    // What the state says of a call that is still in flight is true, not left over from a process that died.
    if (!tick.isCalling(instance)) void tick.observe(instance, { type: 'resumed' });
  }
  const policyChanged = new Set(redefined.flatMap((entry) => (entry.policyChanged ? [entry.instance] : [])));
  const elsewhere = instancesOf(fleet, changedAccounts);
  for (const instance of new Set([...elsewhere, ...policyChanged])) {
    void tick.observe(instance, { type: 'reconfigured', gatewayChanged: changedAccounts.has(instance.account) });
  }
  guards.look();
  planned.follow([...leaving, ...entering, ...redefined.map(({ instance: instance }) => instance)]);
  reschedule(scheduler, policyChanged, beginning, elsewhere);
  for (const gateway of retired) inUse.retire(gateway);
  return {
    added: entering.length,
    removed: leaving.length,
    changed: redefined.length,
    changedAccounts: changedAccounts.size,
    newcomers: [...beginning, ...renamedIn(change).map(({ instance: instance }) => instance)],
    forgotten: forgottenOf(change),
    forgottenAccounts: leavingAccounts.map(({ name }) => name),
    settled: Promise.all(leaving.map((instance) => tick.settled(instance))).then(() => undefined),
  };
}

function reschedule(
  scheduler: Scheduler,
  policyChanged: ReadonlySet<Instance>,
  beginning: readonly Instance[],
  elsewhere: readonly Instance[],
): void {
  for (const instance of policyChanged) if (instance.lastProbe !== null) scheduler.plan(instance);
  scheduler.add(beginning);
  // A token or an address that was mended shall show at once, and one that was broken too.
  void scheduler.hasten(elsewhere);
}

function instancesOf({ instances }: Fleet, accounts: ReadonlySet<Account>): readonly Instance[] {
  return accounts.size === 0 ? [] : [...instances.values()].filter(({ account }) => accounts.has(account));
}

function renamedIn({ redefined }: FleetChange): readonly Redefined[] {
  return redefined.filter(({ instance: instance, before }) => instance.name !== before.name);
}

function forgottenOf(change: FleetChange): SeriesOwner[] {
  return [
    ...change.leaving.map(({ name, account }) => ({ name, account: account.name })),
    ...renamedIn(change).map(({ instance: instance, before }) => ({
      name: before.name,
      account: instance.account.name,
    })),
  ];
}
