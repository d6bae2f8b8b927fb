import { HOUR, MINUTE, SECOND, type DurationMs, type EpochMs } from '../../src/core/time.ts';
import { Chance } from '../../src/simulation/chance.ts';
import { SimulatedInstance } from '../../src/simulation/simulated-instance.ts';
import { promisesSettled, SimulatedClock } from '../../src/simulation/simulated-clock.ts';
import { WorldGateway } from '../../src/simulation/world-gateway.ts';
import { stateKey } from '../../src/store/store.ts';
import { HOPS } from '../simulation/process.ts';
import { PRODUCT, type Product } from './product.ts';
import { SharedDatabase, type Slip } from './shared-database.ts';
import { WORLDS, type Fault, type World, type WorldName } from './worlds.ts';
import { COOLDOWN, EVERY, LEASE, LIMITS, SimulatedReplica } from './simulated-replica.ts';

const ACCOUNTS = ['a', 'b', 'c', 'd', 'e', 'f'];
const EACH = 4;
/** From a lease that ended to the first probe of everything: the claim, the states, and a round of that account. */
const ROUND: DurationMs = EVERY + 10 * SECOND;
/** A replica learns the shared time from one statement, so it may be wrong by half of what that takes. */
const TOLERANCE: DurationMs = 3 * SECOND;

/** What breaks is reported with the first of these words. */
export type Rule = 'record' | 'ownership' | 'cooldown' | 'limits' | 'watched again' | 'lost' | 'kept' | 'given';

export interface DayResult {
  readonly restarts: number;
  readonly takeovers: number;
  /** The first breach of a rule; null: all held. */
  readonly breach: string | null;
}

/**
 * Lives through hours with several real watchdogs over one database, which die, freeze, are slow, and are cut off, on machines
 * whose clocks are minutes apart.
 *
 * @param slips conditions that are missing in the statements
 * @param world what happens in them
 */
export async function replicasDay(
  seed: number,
  hours: number,
  product: Product = PRODUCT,
  slips: readonly Slip[] = [],
  world: WorldName = 'usual',
): Promise<DayResult> {
  return await new Day(seed, product, slips, WORLDS[world]).run(hours * HOUR);
}

class Day {
  private readonly chance: Chance;
  private readonly clock: SimulatedClock;
  private readonly database: SharedDatabase;
  private readonly phones: readonly SimulatedInstance[];
  private readonly gateways: ReadonlyMap<string, WorldGateway>;
  private readonly product: Product;
  private readonly world: World;
  private readonly begun = new Map<SimulatedInstance, EpochMs[]>();
  private readonly seenAt = new Map<SimulatedInstance, EpochMs>();
  private readonly replicas = new Set<SimulatedReplica>();
  /** Owners that are dead, frozen or cut off, each with those that have released an account for it since its last claim. */
  private readonly silent = new Map<string, Set<SimulatedReplica>>();
  private started = 0;
  private takeovers = 0;
  /** While the database is away, and until everybody has heard that it is back, nobody need be watched by an owner. */
  private excusedUntil: EpochMs = 0;
  private breach: string | null = null;

  constructor(seed: number, product: Product, slips: readonly Slip[], world: World) {
    this.product = product;
    this.world = world;
    this.chance = new Chance(seed);
    this.clock = new SimulatedClock(undefined, this.chance.fork(), promisesSettled);
    this.database = new SharedDatabase(this.clock, slips);
    this.phones = ACCOUNTS.flatMap((account, place) =>
      Array.from({ length: EACH }, (_, index) => {
        const id = String(1000 + place * EACH + index);
        const parts = { clock: this.clock, cure: { after: 5 * SECOND, chance: 0.7 }, changed: () => undefined };
        return new SimulatedInstance({ account, name: `n${id}`, id }, parts);
      }),
    );
    this.gateways = new Map(ACCOUNTS.map((account) => [account, this.gatewayOf(account)]));
  }

  async run(duration: DurationMs): Promise<DayResult> {
    const { clock, chance } = this;
    const end = clock.now() + duration;
    const size = chance.whole(1, 5);
    for (const phone of this.phones) this.seenAt.set(phone, clock.now() + ROUND);
    for (let index = 0; index < size; index += 1) void this.start();
    while (clock.now() < end && this.breach === null) {
      if (chance.happens(this.world.trouble)) this.disturb();
      for (const phone of this.phones) if (chance.happens(this.world.sickness)) phone.become('disconnected');
      await clock.run(chance.between(2, 20) * SECOND);
      this.look();
    }
    const restarts = [...this.begun.values()].reduce((sum, times) => sum + times.length, 0);
    for (const { process } of this.replicas) process.die();
    return { restarts, takeovers: this.takeovers, breach: this.breach };
  }

  private disturb(): void {
    const { chance, replicas, world } = this;
    if (replicas.size === 0 || world.faults.length === 0) return;
    const replica = chance.pick([...replicas]);
    const lasts = chance.between(1, 90) * SECOND;
    const fault = world.faults[chance.whole(0, world.faults.length - 1)] ?? 'dies';
    if (fault === 'database away') this.away(lasts);
    const all = fault === 'all die' || fault === 'all slow';
    for (const each of all ? [...replicas] : [replica]) this.trouble(each, fault, lasts);
  }

  private trouble(replica: SimulatedReplica, fault: Fault, lasts: DurationMs): void {
    const { chance, clock } = this;
    replica.troubledUntil = Math.max(replica.troubledUntil, clock.now() + lasts);
    const during = (flag: 'cut' | 'losesAnswers' | 'slow', span: DurationMs): void => {
      replica[flag] = true;
      clock.after(span, () => (replica[flag] = false));
    };
    switch (fault) {
      case 'dies':
      case 'all die':
        replica.process.die();
        return;
      case 'dies in a call':
        replica.process.diesAt = chance.pick(HOPS);
        return;
      case 'freezes':
        replica.process.freeze(lasts);
        this.silence(replica, lasts);
        return;
      case 'cut':
        during('cut', lasts);
        this.silence(replica, lasts);
        return;
      case 'answers lost':
        during('losesAnswers', lasts / 4);
        return;
      case 'slow':
      case 'all slow':
        during('slow', lasts);
        return;
      case 'database away':
    }
  }

  private silence({ owner }: SimulatedReplica, lasts: DurationMs): void {
    const { silent, clock } = this;
    if (silent.has(owner)) return;
    silent.set(owner, new Set());
    clock.after(lasts, () => silent.delete(owner));
  }

  /** What is given to one that is not there is watched by nobody for a while. The first one finds that out. */
  private given(from: SimulatedReplica, to: SimulatedReplica['owner']): void {
    const { silent, database } = this;
    // It may have sent that before.
    for (const owner of database.claimants) silent.get(owner)?.clear();
    database.claimants.clear();
    const givers = silent.get(to);
    if (givers?.has(from) === true)
      this.break('given', `${from.owner} released two accounts for ${to}, which is silent`);
    givers?.add(from);
  }

  private away(lasts: DurationMs): void {
    const { database, clock } = this;
    if (database.away) return;
    database.away = true;
    this.excusedUntil = Number.POSITIVE_INFINITY;
    clock.after(lasts, () => {
      database.away = false;
      this.excusedUntil = clock.now() + LEASE + ROUND;
    });
  }

  private async start(): Promise<void> {
    this.started += 1;
    const replica: SimulatedReplica = new SimulatedReplica(`r${this.started}`, {
      ...{ clock: this.clock, chance: this.chance.fork(), database: this.database, product: this.product },
      gateways: this.gateways,
      phones: this.phones,
      world: this.world,
      onCall: (owner, account) => this.mayCall(owner, account),
      onGiven: (to) => this.given(replica, to),
      onDeath: () => {
        this.silent.set(replica.owner, new Set());
        this.takeovers += replica.takeovers;
        this.replicas.delete(replica);
        this.clock.after(this.chance.between(1, 60) * SECOND, () => void this.start());
      },
    });
    this.replicas.add(replica);
    await replica.start();
  }

  private look(): void {
    const now = this.clock.now();
    const [conflict] = this.database.conflicts;
    if (conflict !== undefined) this.break('lost', conflict);
    const [taken] = this.database.taken;
    if (taken !== undefined) this.break('ownership', taken);
    this.lookAtTakeovers();
    // Those that are left have taken over by then, if there are any.
    const isAnybody = [...this.replicas].some(({ process, cut }) => process.awake && !cut);
    if (!isAnybody || now < this.excusedUntil) {
      for (const phone of this.phones) this.seenAt.set(phone, Math.max(this.seenAt.get(phone) ?? 0, now));
      return;
    }
    for (const [phone, at] of this.seenAt) {
      if (now - at > EVERY + LEASE + ROUND)
        this.break('watched again', `${phone.name} was not probed for ${now - at} ms`);
    }
  }

  /** Nobody takes an account over from a replica that can renew its lease. */
  private lookAtTakeovers(): void {
    const { database, replicas, excusedUntil } = this;
    for (const { account, from, at } of database.takeovers.splice(0)) {
      const former = [...replicas].find(({ owner }) => owner === from);
      const isExcused = former === undefined || at < Math.max(former.troubledUntil + 2 * LEASE, excusedUntil);
      if (!isExcused) this.break('kept', `${account} was taken over from ${from}, which could have renewed it`);
    }
  }

  private gatewayOf(account: string): WorldGateway {
    return new WorldGateway(
      this.phones.filter((phone) => phone.account === account),
      {
        clock: this.clock,
        chance: this.chance.fork(),
        witness: {
          probeAnswered: (phone) => void this.seenAt.set(phone, this.clock.now()),
          restartCalled: (phone) => this.restartCalled(phone),
          restartEnded: () => undefined,
        },
      },
    );
  }

  private mayCall(caller: string, account: string): void {
    const owner = this.database.ownerOf(account);
    if (owner !== caller) this.break('ownership', `${caller} restarts in ${account}, which ${owner ?? 'nobody'} owns`);
  }

  private restartCalled(phone: SimulatedInstance): void {
    const intent = this.database.stored(stateKey(phone.account, phone.id))?.state.intent ?? null;
    if (intent === null) this.break('record', `${phone.name} was restarted, and no intent is stored`);
    // A restart begins when it is decided; how long its save takes is the database's affair.
    const begun = intent?.startedAt ?? this.clock.now();
    const earlier = this.begun.get(phone) ?? [];
    const last = earlier.at(-1);
    if (last !== undefined && begun - last < COOLDOWN - TOLERANCE)
      this.break('cooldown', `${phone.name} was restarted again after ${begun - last} ms`);
    this.begun.set(phone, [...earlier, begun]);
    const all = [...this.begun.values()].flat().toSorted((one, other) => one - other);
    const tooMany = all.some((at, index) => at - (all[index - LIMITS.restartsPerMinute] ?? 0) < MINUTE - TOLERANCE);
    if (tooMany) this.break('limits', `more than ${LIMITS.restartsPerMinute} restarts within a minute`);
  }

  private break(rule: Rule, words: string): void {
    this.breach ??= `${rule}: ${words}`;
  }
}
