import type { Shares } from '../core/shares.ts';
import { SECOND, type DurationMs } from '../core/time.ts';
import type { Ownership, ReplicaView } from '../store/ownership.ts';
import { StoreError } from '../store/store.ts';
import type { Cancel } from '../time/clock.ts';
import { Claims } from './claims.ts';
import type { ClusterParts, States } from './cluster-host.ts';
import { Outlook } from './outlook.ts';
import { WatchedAccounts } from './watched-accounts.ts';

/** Renewals within the time of a lease: two may fail without anything being lost. */
const RENEWALS = 3;
/** While accounts move, or the database is away, this many looks within the time of a lease. */
const LOOKS_WHILE_MOVING = 15;
/** After its end a lease is claimed this much later, or the claim would come a moment too early. */
const AFTER_END: DurationMs = SECOND / 20;

export interface CoordinatorParts extends ClusterParts {
  /** Receives errors that are bugs. */
  readonly onError: (error: unknown) => void;
}

/**
 * Shares the accounts out between replicas: renews what this one owns, claims what nobody owns, gives away what is too much,
 * and has the watchdog follow. An account without a known owner, because the database is away, is watched and not restarted,
 * until another one is heard to own it.
 */
export class Coordinator {
  readonly #parts: CoordinatorParts;
  #ownership: Ownership | null = null;
  readonly #outlook: Outlook;
  readonly #claims: Claims;
  readonly #accounts: WatchedAccounts;
  #working: Promise<unknown> = Promise.resolve();
  #cancelLook: Cancel = () => undefined;
  #state: 'idle' | 'running' | 'renewing' | 'ended' = 'idle';

  constructor(parts: CoordinatorParts) {
    this.#parts = parts;
    this.#outlook = new Outlook(parts);
    this.#claims = new Claims(parts, this.#outlook);
    this.#accounts = new WatchedAccounts(parts, this.#outlook);
  }

  /** The others that live, as of the last renewal. */
  get replicas(): readonly ReplicaView[] {
    return this.#outlook.replicas;
  }

  /** Who owns an account, as of the last renewal; null: nobody is known to. */
  ownerOf(account: string): ReplicaView | 'self' | null {
    if (this.#ownership?.owns(account) === true) return 'self';
    const owner = this.#outlook.foreign.get(account)?.owner ?? null;
    return this.replicas.find((each) => each.owner === owner) ?? null;
  }

  /** Names this process among the replicas. */
  get owner(): string {
    return this.#ownership?.owner ?? '';
  }

  /** The accounts that this replica owns. */
  get owned(): readonly string[] {
    return this.#ownership?.accounts ?? [];
  }

  /** The owned accounts whose states are known. */
  get loaded(): ReadonlySet<string> {
    return this.#accounts.loaded;
  }

  /** Why its leases are not renewed, so that it restarts nothing; null: they are. */
  get trouble(): string | null {
    return this.#outlook.trouble;
  }

  /** What this replica owns, for metrics. */
  get shares(): Shares {
    const ownership = this.#ownership;
    const ends = this.owned.map((account) => ownership?.heldUntil(account) ?? 0);
    const leftFor = ends.length === 0 ? null : Math.min(...ends) - this.#parts.clock.now();
    return { owned: this.owned, replicas: this.replicas.length + 1, leftFor, takeovers: this.#claims.takeovers };
  }

  /**
   * Whether nobody else can own the account now, by the monotonic clock, with some time for the call to be sent; and what its
   * former owner did is known.
   */
  mayRestart(account: string): boolean {
    const ownership = this.#ownership;
    if (ownership === null || !this.loaded.has(account)) return false;
    return this.#parts.clock.now() < ownership.heldUntil(account) - ownership.leaseFor / RENEWALS / 2;
  }

  /**
   * Joins the others: claims the first accounts, and has them watched. To be called once, before `start`.
   *
   * @param ownership null: nobody can say whose the accounts are now, so all of them are watched
   */
  async join(ownership: Ownership | null): Promise<void> {
    this.#ownership = ownership;
    try {
      if (ownership !== null) {
        await this.#outlook.renew(ownership);
        await this.#renewing(ownership, () => this.#follow(ownership));
        return;
      }
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
    }
    await this.#accounts.watch(this.#parts.host.weights.keys());
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
      const next = new Set([...this.#accounts.watched].filter((account) => weights.has(account)));
      for (const account of accounts) next.add(account);
      const result = await this.#renewing(ownership, () => swap(next, states));
      this.#accounts.adopt(next);
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
    const ownership = this.#ownership;
    let delay = this.#soon;
    try {
      if (ownership !== null) {
        await this.#outlook.renew(ownership);
        if (this.#state === 'running') {
          await this.#renewing(ownership, () => this.#follow(ownership));
          delay = this.#delay();
        }
      }
    } catch (error) {
      // Saves fail as well then, and say why.
      if (!(error instanceof StoreError)) throw error;
      if (ownership !== null && this.#state === 'running') await this.#accounts.watchOwned(ownership);
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
    const configured = [...this.#outlook.foreign.values()].filter(({ account }) => weights.has(account));
    const isMoving = configured.some(({ freeIn }) => freeIn <= 0) || this.#outlook.nextMove(ownership) !== null;
    const ends = configured.flatMap(({ freeIn }) => (freeIn > 0 ? [freeIn + AFTER_END] : []));
    return Math.min(isMoving ? this.#soon : regular, ...ends.map((end) => Math.max(end, AFTER_END)));
  }

  /** Renews meanwhile: where an account has many instances, it may take longer than a lease until they are watched. */
  async #renewing<T>(ownership: Ownership | null, work: () => Promise<T>): Promise<T> {
    if (ownership === null) return await work();
    const { clock, onError } = this.#parts;
    let isDone = false;
    let cancel: Cancel = () => undefined;
    const renew = async (): Promise<void> => {
      try {
        await this.#outlook.renew(ownership);
      } catch (error) {
        if (!(error instanceof StoreError)) onError(error);
      }
      // It may have been done while that was under way.
      if (!isDone) renewLater();
    };
    const renewLater = (): void => {
      cancel = clock.after(ownership.leaseFor / RENEWALS, () => void renew());
    };
    renewLater();
    try {
      return await work();
    } finally {
      isDone = true;
      cancel();
    }
  }

  /** Has the watchdog follow the view: drops what others own, claims what nobody owns, gives away what is too much. */
  async #follow(ownership: Ownership): Promise<void> {
    await this.#accounts.drop(ownership);
    const claimed = await this.#claims.claim(ownership, this.#parts.host.weights);
    // Who else has accounts at the same gateways has to be known before anything is restarted there.
    if (claimed.length > 0) await this.#outlook.renew(ownership);
    // Before the start nothing is probed, with or without its states.
    const patience = this.#state === 'idle' ? null : ownership.leaseFor / RENEWALS;
    await this.#accounts.enter(ownership, patience);
    await this.#give(ownership);
  }

  async #give(ownership: Ownership): Promise<void> {
    const { host, clock, publish } = this.#parts;
    const { weights } = host;
    // What a newer config may have is not for this replica to forget.
    const orphans = this.#outlook.isOutdated ? ownership.accounts.filter((account) => !weights.has(account)) : [];
    const move = this.#outlook.nextMove(ownership);
    const moved =
      move?.from === ownership.owner ? move.accounts.find((account) => !host.isRestarting(account)) : undefined;
    const leaving = moved === undefined ? orphans : [...orphans, moved];
    if (leaving.length === 0) return;
    await this.#accounts.leave(leaving);
    if (moved !== undefined) {
      const to = this.replicas.find(({ owner }) => owner === move?.to)?.replica ?? null;
      publish({ at: clock.now(), type: 'accounts_released', accounts: [moved], to });
    }
    await ownership.release(leaving);
    this.#outlook.noteReleased(leaving);
    if (move !== null && moved !== undefined) this.#outlook.noteGiven(moved, move.to);
    this.#claims.leaveToOthers(leaving);
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
      const claimed = await this.#claims.claim(ownership, weights);
      const states = await ownership.states(claimed);
      this.#accounts.noteLoaded(claimed);
      return { accounts: [...known, ...claimed.filter((account) => weights.has(account))], states };
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      return { accounts: [...known, ...fresh], states: new Map() };
    }
  }
}
