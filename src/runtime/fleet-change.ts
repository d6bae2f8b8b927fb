import type { Watched } from './fleet.ts';
import type { Guards } from './guards.ts';
import type { PlannedRestarts } from './planned-restarts.ts';
import type { FleetChange } from './roster.ts';
import type { Scheduler } from './scheduler.ts';
import type { Tick } from './tick.ts';

export interface Followers {
  readonly scheduler: Scheduler;
  readonly planned: PlannedRestarts;
  readonly tick: Tick;
  readonly guards: Pick<Guards, 'watch' | 'forget'>;
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
  /** Names under which nobody, or somebody else, is watched now. */
  readonly forgotten: readonly SeriesOwner[];
  readonly forgottenAccounts: readonly string[];
  /** Settles when the last restart call of a removed instance has ended. */
  readonly settled: Promise<void>;
}

/**
 * Makes everybody follow a change of the fleet. Who did not change notices nothing: it stays in the queue where it is.
 * Newcomers are spread like at a start. What is in flight ends as it began.
 */
export function follow(change: FleetChange, { scheduler, planned, tick, guards }: Followers): Reloaded {
  const { fleet, entering, leaving, redefined, changedAccounts, leavingAccounts, retired } = change;
  const disabled = redefined.filter(({ watched }) => !watched.definition.enabled);
  for (const watched of [...leaving, ...disabled.map((entry) => entry.watched)]) {
    scheduler.remove(watched);
    guards.forget(watched);
  }
  const awoken = redefined.filter(({ watched, before }) => watched.definition.enabled && !before.enabled);
  const beginning = [...entering, ...awoken.map(({ watched }) => watched)];
  for (const watched of beginning) {
    // What the state says of a call that is still in flight is true, not left over from a process that died.
    if (!tick.isCalling(watched)) void tick.observe(watched, { type: 'resumed' });
  }
  const policyChanged = new Set(redefined.flatMap((entry) => (entry.policyChanged ? [entry.watched] : [])));
  for (const watched of fleet.instances.values()) {
    const gatewayChanged = changedAccounts.has(watched.account);
    if (!gatewayChanged && !policyChanged.has(watched)) continue;
    void tick.observe(watched, { type: 'reconfigured', gatewayChanged });
  }
  guards.watch(fleet);
  planned.replace(fleet.instances.values());
  reschedule(change, policyChanged, beginning, scheduler);
  for (const gateway of retired) tick.retire(gateway);
  return {
    added: entering.length,
    removed: leaving.length,
    changed: redefined.length,
    changedAccounts: changedAccounts.size,
    forgotten: forgottenOf(change),
    forgottenAccounts: leavingAccounts.map(({ name }) => name),
    settled: Promise.all(leaving.map((watched) => tick.settled(watched))).then(() => undefined),
  };
}

function reschedule(
  { fleet, changedAccounts }: FleetChange,
  policyChanged: ReadonlySet<Watched>,
  beginning: readonly Watched[],
  scheduler: Scheduler,
): void {
  for (const watched of policyChanged) if (watched.lastProbe !== null) scheduler.plan(watched);
  scheduler.add(beginning);
  // A token or an address that was mended shall show at once, and one that was broken too.
  scheduler.hasten([...fleet.instances.values()].filter(({ account }) => changedAccounts.has(account)));
}

function forgottenOf({ leaving, redefined }: FleetChange): SeriesOwner[] {
  const renamed = redefined.filter(({ watched, before }) => watched.name !== before.name);
  return [
    ...leaving.map(({ name, account }) => ({ name, account: account.name })),
    ...renamed.map(({ watched, before }) => ({ name: before.name, account: watched.account.name })),
  ];
}
