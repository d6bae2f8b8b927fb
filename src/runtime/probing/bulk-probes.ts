import { WITNESSES } from '../../core/group/suspicion.ts';
import { probeDelay } from '../../core/instance/cadence.ts';
import { isConfirmedByList, judge, teachesNothing } from '../../core/instance/on-probe.ts';
import { SECOND, type DurationMs, type EpochMs } from '../../core/time.ts';
import { verdictOf, type Cause } from '../../core/verdict.ts';
import type { ListResult } from '../../gateway/gateway.ts';
import { sleep } from '../../time/clock.ts';
import type { FleetRegistry } from '../fleet/fleet-registry.ts';
import { bulkInterval, type Instance } from '../fleet/instance.ts';
import type { Account } from '../fleet/account.ts';
import type { Fleet } from '../fleet/fleet.ts';
import { callList } from './list-call.ts';
import { LONGEST_QUIET } from './prober.ts';
import type { LoopParts, Reconciler } from '../reconcile/reconciler.ts';

export interface BulkProbesParts extends LoopParts {
  readonly registry: FleetRegistry;
  readonly reconciler: Reconciler;
  /** Ends it. */
  readonly signal: AbortSignal;
}

/** Judging this many instances takes about a millisecond. */
const STEP = 250;

/** What one list says, and when it was requested. */
interface Reading {
  readonly startedAt: EpochMs;
  readonly seconds: number;
  readonly latenessSeconds: number;
}

/** The instances of an account whose regular probes its list takes the place of. */
interface Members {
  readonly instances: readonly Instance[];
  /** The shortest of their intervals, and the longest of their deadlines. */
  readonly every: DurationMs;
  readonly timeout: DurationMs;
}

/**
 * One request for all instances of an account, in place of their regular probes. What its list confirms counts as probed.
 * Everything else (what it does not name, or of which it says something new) is probed by itself, and so is every
 * instance of an account whose list cannot be had.
 */
export class BulkProbes {
  private readonly parts: BulkProbesParts;
  private readonly running = new Set<Account>();
  private readonly members = new WeakMap<Fleet, ReadonlyMap<Account, Members>>();

  constructor(parts: BulkProbesParts) {
    this.parts = parts;
  }

  /** Begins with the accounts that have such instances now. Those that no longer have any end by themselves. */
  follow(): void {
    for (const account of this.membersNow().keys()) {
      if (this.running.has(account)) continue;
      this.running.add(account);
      account.usesBulk = true;
      void this.run(account);
    }
  }

  private async run(account: Account): Promise<void> {
    const { clock, signal } = this.parts;
    let dueAt = clock.now();
    while (!signal.aborted) {
      const members = this.membersNow().get(account);
      if (members === undefined) break;
      const quiet = await this.once(account, members, dueAt);
      const now = clock.now();
      // Missed rounds are skipped, not replayed.
      dueAt = Math.max(dueAt + members.every, now, quiet === null ? 0 : now + Math.min(quiet, LONGEST_QUIET));
      await sleep(clock, dueAt - now, signal);
    }
    this.running.delete(account);
    account.usesBulk = false;
    account.listTrouble = null;
  }

  /** @returns the wait that the gateway asked for; null: none */
  private async once(account: Account, members: Members, dueAt: EpochMs): Promise<DurationMs | null> {
    const { clock, stalls, drain, signal } = this.parts;
    const startedAt = clock.now();
    const result = await callList(account, members.timeout, signal, drain);
    if (result === null) return null;
    const seconds = (clock.now() - startedAt) / SECOND;
    const reading = { startedAt, seconds, latenessSeconds: (startedAt - dueAt) / SECOND };
    const isStalled = stalls.stalledSince(startedAt, members.timeout);
    if (result.type === 'failed') {
      this.failed(account, result);
      // A gateway that wants to be left alone is not to be asked for each of them instead.
      if (result.cause !== 'rate_limited') this.probe(members.instances);
      return result.retryAfter;
    }
    this.worked(account);
    if (!isStalled) await this.apply(members, result.instances, reading);
    return null;
  }

  private async apply(
    { instances }: Members,
    listed: Extract<ListResult, { type: 'listed' }>['instances'],
    reading: Reading,
  ): Promise<void> {
    const { clock, signal } = this.parts;
    const causes = new Map(listed.map(({ id, cause }) => [id, cause]));
    const confirmed: Instance[] = [];
    const found: Cause[] = [];
    const others: Instance[] = [];
    let steps = 0;
    for (const instance of instances) {
      if (++steps % STEP === 0) {
        await sleep(clock, 0, signal);
        if (signal.aborted) return;
      }
      if (!instance.isWatched || this.isProbedSince(instance, reading.startedAt)) continue;
      const judged = this.confirm(instance, causes.get(instance.phoneNumberId) ?? null, reading);
      if (judged === null) others.push(instance);
      else {
        confirmed.push(instance);
        found.push(judged);
      }
    }
    this.publishConfirmed(confirmed, found, reading);
    this.probe(others);
  }

  /** One event for all, and as many witnesses that the gateway answered as the guards remember. */
  private publishConfirmed(confirmed: readonly Instance[], causes: readonly Cause[], reading: Reading): void {
    const [first] = confirmed;
    if (first === undefined) return;
    const { clock, publish, guardLoop } = this.parts;
    const { account } = first;
    for (const instance of confirmed.slice(-WITNESSES)) {
      const cause = instance.seen.last?.cause ?? 'connected';
      guardLoop.observe(account, { type: 'probe_ended', key: instance.key, cause, startedAt: reading.startedAt });
    }
    const names = confirmed.map(({ name }) => name);
    publish({ type: 'list_finished', at: clock.now(), account: account.name, names, causes, ...reading });
  }

  /** What is found out about the instance itself counts more than any list. */
  private isProbedSince({ schedule, flight, seen }: Instance, startedAt: EpochMs): boolean {
    return schedule.probing || flight.settling !== null || (seen.lastAt !== null && seen.lastAt >= startedAt);
  }

  /** What a list confirms of an instance, which then counts as probed; null: nothing. */
  private confirm(instance: Instance, cause: Cause | null, { startedAt, seconds }: Reading): Cause | null {
    const { clock, wall, scheduler, reconciler, listener } = this.parts;
    const { state, policy, seen } = instance;
    if (cause === null || !isConfirmedByList(state, cause, policy)) return null;
    const judged = judge(state, cause, startedAt, policy);
    seen.confirm(startedAt, judged, seconds);
    const at = clock.now();
    const quiet = listener.quietOf(instance);
    const isWell = verdictOf(judged) === 'healthy' && quiet === null && !instance.unsaved;
    if (isWell && teachesNothing(state, judged, policy, at, wall.at(at))) return judged;
    void reconciler.observe(instance, { type: 'listed', cause, startedAt, quiet });
    scheduler.plan(instance);
    return judged;
  }

  /** Has those probed by themselves whose next probe is a regular one. */
  private probe(instances: readonly Instance[]): void {
    const { clock, wall, scheduler } = this.parts;
    const now = clock.now();
    const regular = instances.filter(
      ({ state, policy }) => probeDelay(state, policy, now, wall.now()) === null && state.phase !== 'restarting',
    );
    void scheduler.hasten(regular);
  }

  private failed(account: Account, { cause, detail }: Extract<ListResult, { type: 'failed' }>): void {
    if (cause === 'aborted') return;
    const before = account.listTrouble;
    account.listTrouble = { cause, detail };
    if (before?.cause === cause) return;
    const { clock, publish } = this.parts;
    publish({ at: clock.now(), account: account.name, type: 'bulk_failed', cause, detail });
  }

  private worked(account: Account): void {
    if (account.listTrouble === null) return;
    account.listTrouble = null;
    const { clock, publish } = this.parts;
    publish({ at: clock.now(), account: account.name, type: 'bulk_works' });
  }

  /** One pass over the fleet after each reload. */
  private membersNow(): ReadonlyMap<Account, Members> {
    const { fleet } = this.parts.registry;
    const known = this.members.get(fleet) ?? membersOf(fleet);
    this.members.set(fleet, known);
    return known;
  }
}

function membersOf({ instances }: Fleet): ReadonlyMap<Account, Members> {
  const found = new Map<Account, { instances: Instance[]; every: DurationMs; timeout: DurationMs }>();
  for (const instance of instances.values()) {
    const every = bulkInterval(instance);
    if (every === null || !instance.definition.enabled) continue;
    const { timeout } = instance.policy.probe;
    const members = found.get(instance.account) ?? { instances: [], every, timeout };
    members.instances.push(instance);
    members.every = Math.min(members.every, every);
    members.timeout = Math.max(members.timeout, timeout);
    found.set(instance.account, members);
  }
  return found;
}
