import type { Account, Fleet, Watched } from './fleet.ts';
import type { GatewayUse } from './gateway-use.ts';
import type { Guards } from './guards.ts';
import type { PlannedRestarts } from './planned-restarts.ts';
import type { FleetChange, Redefined } from './roster.ts';
import type { Scheduler } from './scheduler.ts';
import type { Tick } from './tick.ts';

export interface Followers {
  readonly scheduler: Scheduler;
  readonly planned: PlannedRestarts;
  readonly tick: Tick;
  readonly inUse: GatewayUse;
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
  readonly newcomers: readonly Watched[];
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
export function follow(change: FleetChange, { scheduler, planned, tick, inUse, guards }: Followers): Reloaded {
  const { fleet, entering, leaving, redefined, changedAccounts, leavingAccounts, retired } = change;
  const disabled = redefined.filter(({ watched }) => !watched.definition.enabled);
  for (const watched of [...leaving, ...disabled.map((entry) => entry.watched)]) {
    scheduler.remove(watched);
    guards.forget(watched);
  }
  const awoken = redefined.filter(({ watched, before }) => watched.definition.enabled && !before.enabled);
  const beginning = [...entering, ...awoken.map(({ watched }) => watched)];
  const asleep = disabled.filter(({ before }) => before.enabled).map(({ watched }) => watched);
  guards.follow(fleet, beginning, [...leaving.filter(({ definition }) => definition.enabled), ...asleep]);
  for (const watched of beginning) {
    // What the state says of a call that is still in flight is true, not left over from a process that died.
    if (!tick.isCalling(watched)) void tick.observe(watched, { type: 'resumed' });
  }
  const policyChanged = new Set(redefined.flatMap((entry) => (entry.policyChanged ? [entry.watched] : [])));
  const elsewhere = instancesOf(fleet, changedAccounts);
  for (const watched of new Set([...elsewhere, ...policyChanged])) {
    void tick.observe(watched, { type: 'reconfigured', gatewayChanged: changedAccounts.has(watched.account) });
  }
  guards.look();
  planned.follow([...leaving, ...entering, ...redefined.map(({ watched }) => watched)]);
  reschedule(scheduler, policyChanged, beginning, elsewhere);
  for (const gateway of retired) inUse.retire(gateway);
  return {
    added: entering.length,
    removed: leaving.length,
    changed: redefined.length,
    changedAccounts: changedAccounts.size,
    newcomers: [...beginning, ...renamedIn(change).map(({ watched }) => watched)],
    forgotten: forgottenOf(change),
    forgottenAccounts: leavingAccounts.map(({ name }) => name),
    settled: Promise.all(leaving.map((watched) => tick.settled(watched))).then(() => undefined),
  };
}

function reschedule(
  scheduler: Scheduler,
  policyChanged: ReadonlySet<Watched>,
  beginning: readonly Watched[],
  elsewhere: readonly Watched[],
): void {
  for (const watched of policyChanged) if (watched.lastProbe !== null) scheduler.plan(watched);
  scheduler.add(beginning);
  // A token or an address that was mended shall show at once, and one that was broken too.
  void scheduler.hasten(elsewhere);
}

function instancesOf({ instances }: Fleet, accounts: ReadonlySet<Account>): readonly Watched[] {
  return accounts.size === 0 ? [] : [...instances.values()].filter(({ account }) => accounts.has(account));
}

function renamedIn({ redefined }: FleetChange): readonly Redefined[] {
  return redefined.filter(({ watched, before }) => watched.name !== before.name);
}

function forgottenOf(change: FleetChange): SeriesOwner[] {
  return [
    ...change.leaving.map(({ name, account }) => ({ name, account: account.name })),
    ...renamedIn(change).map(({ watched, before }) => ({ name: before.name, account: watched.account.name })),
  ];
}
