import type { Publish } from '../core/event.ts';
import { MINUTE, SECOND, type DurationMs } from '../core/time.ts';
import type { ClusterView, Ownership, ReplicaNews, ReplicaView } from '../store/ownership.ts';
import { StoreError, type StoredState } from '../store/store.ts';
import type { Cancel, Clock } from '../time/clock.ts';
import { assigned, nextMove, type Holder, type Move } from './shares.ts';

/** Renewals within the time of a lease: two may fail without anything being lost. */
const RENEWALS = 3;
/** While accounts move, or the database is away, this many looks within the time of a lease. */
const LOOKS_WHILE_MOVING = 15;
/** Until then accounts stay with replicas that have an older config: most get the new one soon. */
const CONFIG_SPREADS: DurationMs = 2 * MINUTE;
/** An account that stays free for this many looks is claimed, though another replica should have. */
const PATIENCE = 4;
/** After its end a lease is claimed this much later, or the claim would come a moment too early. */
const AFTER_END: DurationMs = SECOND / 20;

const UNREADABLE: ReadonlySet<StoreError['kind']> = new Set<StoreError['kind']>(['corrupt', 'newer_version']);

export type States = ReadonlyMap<string, StoredState>;

/** What the coordinator needs of the watchdog of its process. */
export interface ClusterHost {
  /** The accounts of the config in use, each with the number of its instances. */
  readonly weights: ReadonlyMap<string, number>;
  /** What this replica publishes. */
  readonly news: ReplicaNews;
  /** Whether a restart of the account is under way. */
  isRestarting(account: string): boolean;
  /**
   * Watches exactly these accounts from now on. Resolves when all is saved of those that it no longer watches.
   *
   * @param states of accounts that are owned from now on
   */
  watch(accounts: ReadonlySet<string>, states: States): Promise<void>;
  /**
   * What is known of the others now.
   *
   * @param news what this replica published right before
   */
  see(view: ClusterView, news: ReplicaNews): void;
}

export interface CoordinatorParts {
  readonly clock: Clock;
  readonly publish: Publish;
  readonly host: ClusterHost;
  /** Receives errors that are bugs. */
  readonly onError: (error: unknown) => void;
}

/** What a replica owns. */
export interface Shares {
  readonly owned: readonly string[];
  /** How many replicas live, this one included. */
  readonly replicas: number;
  /** How long the first of the owned accounts stays its own, at least, by this process's clock; null: it owns none. */
  readonly leftFor: DurationMs | null;
  /** How many accounts it took over from replicas that were no longer heard of. */
  readonly takeovers: number;
}

/** Whether a restart may still be made, which is not known without the owner of its account. */
export type MayRestart = (account: string) => boolean;

/**
 * Shares the accounts out between replicas: renews what this one owns, claims what nobody owns, gives away what is too much,
 * and has the watchdog follow. An account without a known owner, because the database is away, is watched and not restarted,
 * until another one is heard to own it.
 */
export class Coordinator {
  readonly #parts: CoordinatorParts;
  #ownership: Ownership | null = null;
  readonly #loaded = new Set<string>();
  #watched: ReadonlySet<string> = new Set();
  #view: ClusterView = { at: 0, replicas: [], foreign: [], lost: [], configAges: new Map() };
  #announced: string | null = null;
  /** For how many looks each account has been free. */
  #waited = new Map<string, number>();
  #differs = '';
  #unreadable = '';
  #working: Promise<unknown> = Promise.resolve();
  #cancelLook: Cancel = () => undefined;
  #state: 'idle' | 'running' | 'renewing' | 'ended' = 'idle';
  #takeovers = 0;

  constructor(parts: CoordinatorParts) {
    this.#parts = parts;
  }

  /** The others that live, as of the last renewal. */
  get replicas(): readonly ReplicaView[] {
    return this.#view.replicas;
  }

  /** Who owns an account, as of the last renewal; null: nobody is known to. */
  ownerOf(account: string): ReplicaView | 'self' | null {
    if (this.#ownership?.accounts.includes(account) === true) return 'self';
    const owner = this.#view.foreign.find((each) => each.account === account)?.owner ?? null;
    return this.#view.replicas.find((each) => each.owner === owner) ?? null;
  }

  /** Names this process among the replicas. */
  get owner(): string {
    return this.#ownership?.owner ?? '';
  }

  /** The accounts that this replica owns. */
  get owned(): readonly string[] {
    return this.#ownership?.accounts ?? [];
  }

  /** The accounts that are watched, owned or not. */
  get watched(): ReadonlySet<string> {
    return this.#watched;
  }

  /** The owned accounts whose states are known. */
  get loaded(): ReadonlySet<string> {
    return this.#loaded;
  }

  /** What this replica owns, for metrics. */
  get shares(): Shares {
    const ownership = this.#ownership;
    const ends = this.owned.map((account) => ownership?.heldUntil(account) ?? 0);
    const leftFor = ends.length === 0 ? null : Math.min(...ends) - this.#parts.clock.now();
    return { owned: this.owned, replicas: this.replicas.length + 1, leftFor, takeovers: this.#takeovers };
  }

  /** Whether nobody else can own the account now: by the monotonic clock, with some time for the call to be sent. */
  readonly mayRestart: MayRestart = (account) => {
    const ownership = this.#ownership;
    if (ownership === null) return false;
    return this.#parts.clock.now() < ownership.heldUntil(account) - ownership.leaseFor / RENEWALS / 2;
  };

  /**
   * Joins the others: claims the first accounts, and has them watched. To be called once, before `start`.
   *
   * @param ownership null: nobody can say whose the accounts are now, so all of them are watched
   */
  async join(ownership: Ownership | null): Promise<void> {
    this.#ownership = ownership;
    try {
      if (ownership !== null) {
        await this.#renew(ownership);
        await this.#follow(ownership);
        return;
      }
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
    }
    await this.#watch(this.#parts.host.weights.keys());
  }

  /** The place of the state was found after all; null: it has no owners. Resolves when the watchdog has followed. */
  async found(ownership: Ownership | null): Promise<void> {
    this.#ownership = ownership;
    if (this.#state === 'running') await this.#inTurn(() => this.#look());
  }

  /** Looks regularly from now on. */
  start(): void {
    this.#state = 'running';
    this.#lookIn(this.#delay());
  }

  /**
   * Another config takes the place of the one in use: claims what is new in it, then has `swap` watch these accounts.
   *
   * @param weights the accounts of the new config
   * @throws what `swap` throws; then nothing has changed
   */
  async reconfigure<T>(
    weights: ReadonlyMap<string, number>,
    swap: (accounts: ReadonlySet<string>, states: States) => Promise<T>,
  ): Promise<T> {
    return await this.#inTurn(async () => {
      const ownership = this.#ownership;
      const fresh = [...weights.keys()].filter((account) => !this.#parts.host.weights.has(account));
      const { accounts, states } = await this.#claimFresh(ownership, weights, fresh);
      const next = new Set([...this.#watched].filter((account) => weights.has(account)));
      for (const account of accounts) next.add(account);
      const result = await swap(next, states);
      this.#watched = next;
      if (this.#state === 'running') this.#lookIn(0);
      return result;
    });
  }

  /** Renews from now on, and does nothing else: the process ends. Resolves when nothing is under way. */
  async settle(): Promise<void> {
    if (this.#state === 'running') this.#state = 'renewing';
    await this.#working;
  }

  /** No longer renews. */
  async end(): Promise<void> {
    this.#state = 'ended';
    this.#cancelLook();
    await this.#working;
  }

  #lookIn(delay: DurationMs): void {
    this.#cancelLook();
    if (this.#state === 'ended') return;
    this.#cancelLook = this.#parts.clock.after(delay, () => {
      void this.#inTurn(() => this.#look()).catch(this.#parts.onError);
    });
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#working.then(work);
    this.#working = turn.catch(() => undefined);
    return turn;
  }

  async #look(): Promise<void> {
    if (this.#state === 'ended') return;
    let delay = this.#soon;
    try {
      const ownership = this.#ownership;
      if (ownership !== null) {
        await this.#renew(ownership);
        if (this.#state === 'running') {
          await this.#follow(ownership);
          delay = this.#delay();
        }
      }
    } catch (error) {
      // Saves fail as well then, and say why.
      if (!(error instanceof StoreError)) throw error;
    } finally {
      this.#lookIn(delay);
    }
  }

  get #soon(): DurationMs {
    return (this.#ownership?.leaseFor ?? 15 * SECOND) / LOOKS_WHILE_MOVING;
  }

  /** Until the next look: sooner when a lease ends before, or accounts are on their way. */
  #delay(): DurationMs {
    const ownership = this.#ownership;
    if (ownership === null) return this.#soon;
    const { weights } = this.#parts.host;
    const regular = ownership.leaseFor / RENEWALS;
    const configured = this.#view.foreign.filter(({ account }) => weights.has(account));
    const isMoving = configured.some(({ freeIn }) => freeIn <= 0) || this.#nextMove() !== null;
    const ends = configured.flatMap(({ freeIn }) => (freeIn > 0 ? [freeIn + AFTER_END] : []));
    return Math.min(isMoving ? this.#soon : regular, ...ends.map((end) => Math.max(end, AFTER_END)));
  }

  async #renew(ownership: Ownership): Promise<void> {
    const { host } = this.#parts;
    const { news } = host;
    if (this.#announced !== news.config) {
      await ownership.announce(news.config, this.#announced !== null);
      this.#announced = news.config;
    }
    const before = this.#view.replicas;
    this.#view = await ownership.renew(news);
    this.#report(before);
    host.see(this.#view, news);
  }

  /** Has the watchdog follow the view: drops what others own, claims what nobody owns, gives away what is too much. */
  async #follow(ownership: Ownership): Promise<void> {
    const { host, clock, publish } = this.#parts;
    const foreign = new Map(this.#view.foreign.map((each) => [each.account, each]));
    const isOthers = (account: string): boolean => {
      const owner = foreign.get(account)?.owner ?? null;
      return owner !== null && (foreign.get(account)?.freeIn ?? 0) > 0;
    };
    const dropped = [...this.#watched].filter(
      (account) => !ownership.accounts.includes(account) && (isOthers(account) || this.#view.lost.includes(account)),
    );
    for (const account of this.#view.lost) this.#loaded.delete(account);
    if (dropped.length > 0) {
      publish({ at: clock.now(), type: 'accounts_lost', accounts: dropped });
      await this.#watch([...this.#watched].filter((account) => !dropped.includes(account)));
    }
    const claimed = await this.#claim(ownership, host.weights);
    // Who else has accounts at the same gateways has to be known before anything is restarted there.
    if (claimed.length > 0) await this.#renew(ownership);
    await this.#enter(ownership);
    await this.#give(ownership);
  }

  /** Claims what this replica should have, and what others should have and did not take. Orphans are claimed as well. */
  async #claim(ownership: Ownership, weights: ReadonlyMap<string, number>): Promise<readonly string[]> {
    const known = new Map(this.#view.foreign.map((each) => [each.account, each.freeIn]));
    const owned = new Set(ownership.accounts);
    const free = [...new Set([...weights.keys(), ...known.keys()])].filter(
      (account) => !owned.has(account) && (known.get(account) ?? 0) <= 0,
    );
    this.#waited = new Map(free.map((account) => [account, (this.#waited.get(account) ?? 0) + 1]));
    const holders = this.#holders(0);
    const shares = assigned(free, holders, (account) => weights.get(account) ?? 0);
    const isLate = (account: string): boolean => weights.has(account) && (this.#waited.get(account) ?? 0) > PATIENCE;
    const wanted = free.filter((account) => shares.get(account) === ownership.owner || isLate(account));
    const claimed = await ownership.claim(wanted);
    if (claimed.length === 0) return [];
    const from = [...new Set(claimed.flatMap(({ takenFrom }) => takenFrom ?? []))].map(nameOf);
    if (from.length > 0) this.#takeovers += claimed.filter(({ takenFrom }) => takenFrom !== null).length;
    const accounts = claimed.map(({ account }) => account);
    const { clock, publish } = this.#parts;
    publish({
      at: clock.now(),
      type: 'accounts_claimed',
      accounts: accounts.filter((each) => weights.has(each)),
      from,
    });
    this.#view = { ...this.#view, foreign: this.#view.foreign.filter(({ account }) => !accounts.includes(account)) };
    return accounts;
  }

  /** Watches what is owned and not watched yet, or watched without its states. */
  async #enter(ownership: Ownership): Promise<void> {
    const entering = ownership.accounts.filter((account) => !this.#loaded.has(account));
    if (entering.length === 0) return;
    const { weights } = this.#parts.host;
    const configured = entering.filter((account) => weights.has(account));
    let states: States;
    try {
      states = await ownership.states(entering);
    } catch (error) {
      if (!(error instanceof StoreError) || !UNREADABLE.has(error.kind)) throw error;
      this.#reportUnreadable(error);
      // Without its states nothing of it can be saved, so nothing is restarted.
      await this.#watch([...this.#watched, ...configured]);
      return;
    }
    this.#unreadable = '';
    await this.#watch([...this.#watched, ...configured], states);
    for (const account of entering) this.#loaded.add(account);
  }

  /** A person has to repair them; until then they are tried again with each look. */
  #reportUnreadable({ message: reason }: StoreError): void {
    if (reason === this.#unreadable) return;
    this.#unreadable = reason;
    const { clock, publish } = this.#parts;
    publish({ at: clock.now(), type: 'state_unusable', reason, soughtAgain: true });
  }

  async #give(ownership: Ownership): Promise<void> {
    const { host, clock, publish } = this.#parts;
    const { weights } = host;
    // What a newer config may have is not for this replica to forget.
    const orphans = this.#isOutdated ? ownership.accounts.filter((account) => !weights.has(account)) : [];
    const move = this.#nextMove();
    const moved =
      move?.from === ownership.owner ? move.accounts.find((account) => !host.isRestarting(account)) : undefined;
    const leaving = moved === undefined ? orphans : [...orphans, moved];
    if (leaving.length === 0) return;
    await this.#watch([...this.#watched].filter((account) => account !== moved));
    for (const account of leaving) this.#loaded.delete(account);
    if (moved !== undefined) {
      const to = this.#view.replicas.find(({ owner }) => owner === move?.to)?.replica ?? null;
      publish({ at: clock.now(), type: 'accounts_released', accounts: [moved], to });
    }
    await ownership.release(leaving);
    const given = leaving.map((account) => ({ account, owner: null, freeIn: 0 }));
    this.#view = { ...this.#view, foreign: [...this.#view.foreign, ...given] };
    for (const account of leaving) this.#waited.set(account, 1);
  }

  async #watch(accounts: Iterable<string>, states: States = new Map()): Promise<void> {
    const next = new Set(accounts);
    await this.#parts.host.watch(next, states);
    this.#watched = next;
  }

  /** The accounts that a new config brings; without the database all of them, because nobody can say whose they are. */
  async #claimFresh(
    ownership: Ownership | null,
    weights: ReadonlyMap<string, number>,
    fresh: readonly string[],
  ): Promise<{ readonly accounts: readonly string[]; readonly states: States }> {
    // What is owned already, because its states were there before its config.
    const known = ownership?.accounts.filter((account) => weights.has(account)) ?? [];
    if (ownership === null || fresh.length === 0) return { accounts: [...known, ...fresh], states: new Map() };
    try {
      const claimed = await this.#claim(ownership, weights);
      const states = await ownership.states(claimed);
      for (const account of claimed) this.#loaded.add(account);
      return { accounts: [...known, ...claimed.filter((account) => weights.has(account))], states };
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      return { accounts: [...known, ...fresh], states: new Map() };
    }
  }

  /** One at a time: not before the last one has found its owner. */
  #nextMove(): Move | null {
    const { weights } = this.#parts.host;
    const isFree = this.#view.foreign.some(({ account, freeIn }) => weights.has(account) && freeIn <= 0);
    if (isFree) return null;
    return nextMove(this.#holders(CONFIG_SPREADS), (account) => weights.get(account) ?? 0);
  }

  /** @param spreads for this long after a new config all replicas count as having it */
  #holders(spreads: DurationMs): readonly Holder[] {
    const ownership = this.#ownership;
    if (ownership === null) return [];
    const { newest, age } = this.#newestConfig();
    const { config } = this.#parts.host.news;
    const isCurrent = (fingerprint: string): boolean => fingerprint === newest || age < spreads;
    const others = this.#view.replicas.map(({ owner, config: theirs }) => ({
      owner,
      current: isCurrent(theirs),
      accounts: this.#view.foreign.flatMap((each) => (each.owner === owner ? [each.account] : [])),
    }));
    return [{ owner: ownership.owner, current: isCurrent(config), accounts: ownership.accounts }, ...others];
  }

  get #isOutdated(): boolean {
    return this.#newestConfig().newest !== this.#parts.host.news.config;
  }

  #newestConfig(): { readonly newest: string; readonly age: DurationMs } {
    const { config } = this.#parts.host.news;
    const { configAges, replicas } = this.#view;
    let newest = config;
    let age = configAges.get(config) ?? 0;
    for (const { config: theirs } of replicas) {
      const theirAge = configAges.get(theirs) ?? 0;
      if (theirAge >= age) continue;
      newest = theirs;
      age = theirAge;
    }
    return { newest, age };
  }

  #report(before: readonly ReplicaView[]): void {
    const { clock, publish, host } = this.#parts;
    const at = clock.now();
    const { replicas } = this.#view;
    const count = replicas.length + 1;
    for (const { owner, replica } of replicas)
      if (!before.some((each) => each.owner === owner))
        publish({ at, type: 'replica_joined', replica, replicas: count });
    for (const { owner, replica } of before)
      if (!replicas.some((each) => each.owner === owner))
        publish({ at, type: 'replica_left', replica, replicas: count });
    const { config } = host.news;
    const different = replicas.filter((each) => each.config !== config).map(({ replica }) => replica);
    const differs = different.toSorted().join(', ');
    if (differs === this.#differs) return;
    this.#differs = differs;
    if (differs === '') publish({ at, type: 'configs_agree' });
    else publish({ at, type: 'configs_differ', replicas: different, outdated: this.#isOutdated });
  }
}

/** The part of an owner that names its machine to people. */
export function nameOf(owner: string): string {
  return owner.replace(/ \S+$/, '');
}
