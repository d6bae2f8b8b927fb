import type { DurationMs } from '../core/time.ts';
import type { Ownership } from '../store/ownership.ts';
import { StoreError } from '../store/store.ts';
import type { ClusterParts, States } from './cluster-host.ts';
import type { Outlook } from './outlook.ts';

const UNREADABLE: ReadonlySet<StoreError['kind']> = new Set<StoreError['kind']>(['corrupt', 'newer_version']);

/** Has the watchdog watch what this replica owns, and what nobody is known to own. */
export class WatchedAccounts {
  readonly #parts: ClusterParts;
  readonly #outlook: Outlook;
  #watched: ReadonlySet<string> = new Set();
  readonly #loaded = new Set<string>();
  #unreadable = '';

  constructor(parts: ClusterParts, outlook: Outlook) {
    this.#parts = parts;
    this.#outlook = outlook;
  }

  /** The accounts that are watched, owned or not. */
  get watched(): ReadonlySet<string> {
    return this.#watched;
  }

  /** Those of the owned accounts whose states are known. */
  get loaded(): ReadonlySet<string> {
    return this.#loaded;
  }

  /** Watches exactly these from now on. Resolves when all is saved of those that are no longer watched. */
  async watch(accounts: Iterable<string>, states: States = new Map()): Promise<void> {
    const next = new Set(accounts);
    await this.#parts.host.watch(next, states);
    this.#watched = next;
  }

  /** The watchdog was given these already, by a reload, with the states of some of them. */
  adopt(accounts: ReadonlySet<string>): void {
    this.#watched = accounts;
  }

  noteLoaded(accounts: readonly string[]): void {
    for (const account of accounts) this.#loaded.add(account);
  }

  /** Drops what others own. */
  async drop(ownership: Ownership): Promise<void> {
    const { clock, publish } = this.#parts;
    const lost = this.#outlook.takeLost();
    const owned = new Set(ownership.accounts);
    const isDropped = (account: string): boolean =>
      !owned.has(account) && (this.#outlook.isOthers(account) || lost.has(account));
    const dropped = [...this.#watched].filter(isDropped);
    for (const account of lost) this.#loaded.delete(account);
    if (dropped.length === 0) return;
    publish({ at: clock.now(), type: 'accounts_lost', accounts: dropped });
    await this.watch([...this.#watched].filter((account) => !isDropped(account)));
  }

  /**
   * Watches what is owned and not watched yet, or watched without its states.
   *
   * @param patience for their states; then they are watched without them, until they come. Null: however long it takes
   * @throws StoreError when the database is away
   */
  async enter(ownership: Ownership, patience: DurationMs | null): Promise<void> {
    const entering = ownership.accounts.filter((account) => !this.#loaded.has(account));
    if (entering.length === 0) return;
    const { weights } = this.#parts.host;
    const configured = entering.filter((account) => weights.has(account));
    let states: States;
    try {
      const reading = ownership.states(entering);
      if (patience !== null && !(await this.#isSoon(reading, patience))) await this.watchOwned(ownership);
      states = await reading;
    } catch (error) {
      if (!(error instanceof StoreError) || !UNREADABLE.has(error.kind)) throw error;
      this.#reportUnreadable(error);
      await this.watchOwned(ownership);
      return;
    }
    this.#unreadable = '';
    await this.watch([...this.#watched, ...configured], states);
    this.noteLoaded(entering);
  }

  /** Watches what is owned, though its states may not be known: then it is probed, and nothing of it is restarted. */
  async watchOwned({ accounts }: Ownership): Promise<void> {
    const { weights } = this.#parts.host;
    const unwatched = accounts.filter((account) => weights.has(account) && !this.#watched.has(account));
    if (unwatched.length > 0) await this.watch([...this.#watched, ...unwatched]);
  }

  /** Whether it settles within this time. */
  async #isSoon(work: Promise<unknown>, patience: DurationMs): Promise<boolean> {
    return await new Promise((resolve) => {
      const cancel = this.#parts.clock.after(patience, () => resolve(false));
      const settled = (): void => {
        cancel();
        resolve(true);
      };
      work.then(settled, settled);
    });
  }

  /** No longer watches these, and no longer knows their states. Resolves when all of them is saved. */
  async leave(accounts: readonly string[]): Promise<void> {
    const left = new Set(accounts);
    await this.watch([...this.#watched].filter((account) => !left.has(account)));
    for (const account of accounts) this.#loaded.delete(account);
  }

  /** A person has to repair them; until then they are tried again with each look. */
  #reportUnreadable({ message: reason }: StoreError): void {
    if (reason === this.#unreadable) return;
    this.#unreadable = reason;
    const { clock, publish } = this.#parts;
    publish({ at: clock.now(), type: 'state_unusable', reason, soughtAgain: true });
  }
}
