import { HOUR, MINUTE, SECOND, type DurationMs, type EpochMs } from '../../src/core/time.ts';
import { Chance } from '../../src/simulation/chance.ts';
import { SimulatedInstance } from '../../src/simulation/scenario-instance.ts';
import { promisesSettled, SimulatedClock } from '../../src/simulation/simulated-clock.ts';
import { WorldGateway } from '../../src/simulation/world-gateway.ts';
import { stateKey } from '../../src/store/store.ts';
import { HOPS } from '../simulation/process.ts';
import { PRODUCT, type Product } from './product.ts';
import { SharedDatabase, type Slip } from './shared-database.ts';
import { COOLDOWN, EVERY, LEASE, LIMITS, SimulatedReplica } from './simulated-replica.ts';

const ACCOUNTS = ['a', 'b', 'c', 'd', 'e', 'f'];
const EACH = 4;
/** From a lease that ended to the first probe of everything: the claim, the states, and a round of that account. */
const ROUND: DurationMs = EVERY + 10 * SECOND;
/** A replica learns the shared time from one statement, so it may be wrong by half of what that takes. */
const TOLERANCE: DurationMs = 3 * SECOND;

/** What breaks is reported with the first of these words. */
export type Rule = 'record' | 'ownership' | 'cooldown' | 'limits' | 'watched again' | 'lost';

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
 */
export async function replicasDay(
  seed: number,
  hours: number,
  product: Product = PRODUCT,
  slips: readonly Slip[] = [],
): Promise<DayResult> {
  return await new Day(seed, product, slips).run(hours * HOUR);
}

class Day {
  private readonly chance: Chance;
  private readonly clock: SimulatedClock;
  private readonly database: SharedDatabase;
  private readonly phones: readonly SimulatedInstance[];
  private readonly gateways: ReadonlyMap<string, WorldGateway>;
  private readonly product: Product;
  private readonly begun = new Map<SimulatedInstance, EpochMs[]>();
  private readonly seenAt = new Map<SimulatedInstance, EpochMs>();
  private readonly replicas = new Set<SimulatedReplica>();
  private started = 0;
  private takeovers = 0;
  /** While the database is away, and until everybody has heard that it is back, nobody need be watched by an owner. */
  private excusedUntil: EpochMs = 0;
  private breach: string | null = null;

  constructor(seed: number, product: Product, slips: readonly Slip[]) {
    this.product = product;
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
      if (chance.happens(0.3)) this.disturb();
      for (const phone of this.phones) if (chance.happens(0.01)) phone.become('disconnected');
      await clock.run(chance.between(2, 20) * SECOND);
      this.look();
    }
    const restarts = [...this.begun.values()].reduce((sum, times) => sum + times.length, 0);
    for (const { process } of this.replicas) process.die();
    return { restarts, takeovers: this.takeovers, breach: this.breach };
  }

  private disturb(): void {
    const { chance, clock, database } = this;
    if (this.replicas.size === 0) return;
    const replica = chance.pick([...this.replicas]);
    const lasts = chance.between(1, 90) * SECOND;
    switch (chance.whole(0, 6)) {
      case 0:
        replica.process.die();
        return;
      case 1:
        replica.process.diesAt = chance.pick(HOPS);
        return;
      case 2:
        replica.process.freeze(lasts);
        return;
      case 3:
        replica.cut = true;
        clock.after(lasts, () => (replica.cut = false));
        return;
      case 4:
        replica.losesAnswers = true;
        clock.after(lasts / 4, () => (replica.losesAnswers = false));
        return;
      case 5:
        replica.slow = true;
        clock.after(lasts, () => (replica.slow = false));
        return;
      default:
        if (database.away) return;
        database.away = true;
        this.excusedUntil = Number.POSITIVE_INFINITY;
        clock.after(lasts, () => {
          database.away = false;
          this.excusedUntil = clock.now() + LEASE + ROUND;
        });
    }
  }

  private async start(): Promise<void> {
    this.started += 1;
    const replica: SimulatedReplica = new SimulatedReplica(`r${this.started}`, {
      ...{ clock: this.clock, chance: this.chance.fork(), database: this.database, product: this.product },
      gateways: this.gateways,
      phones: this.phones,
      onCall: (owner, account) => this.mayCall(owner, account),
      onDeath: () => {
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
    // Whoever is left has taken over by then, if anybody is.
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
