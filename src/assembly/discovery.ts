import { isDeepStrictEqual } from 'node:util';
import type { DiscoverSettings } from '../config/config.ts';
import { isChosen } from '../core/discovery/patterns.ts';
import { followList, type WatchedList } from '../core/discovery/watched-list.ts';
import type { ListTrouble, Publish } from '../core/event.ts';
import { SECOND, type DurationMs, type EpochMs } from '../core/time.ts';
import type { ListResult } from '../gateway/gateway.ts';
import type { Account, DiscoveryStatus } from '../runtime/fleet/account.ts';
import { LONGEST_QUIET } from '../runtime/probing/prober.ts';
import type { Reloaded } from '../runtime/reconcile/apply-reload.ts';
import type { Watchdog } from '../runtime/watchdog.ts';
import { stateKey } from '../store/store.ts';
import { sleep, type Clock } from '../time/clock.ts';
import type { LiveConfig } from './live-config.ts';

/** Deadline of one list. Some gateways look each instance up for it. */
const TIMEOUT: DurationMs = 30 * SECOND;
/** After a list that is not followed, the next one is requested this soon, unless it would be sooner anyway. */
const AGAIN: DurationMs = 30 * SECOND;
const SHORTEST: DurationMs = SECOND;
/** One list that is not followed may be a hiccup. */
const TROUBLES_TO_TELL = 2;

const NOTHING_YET: DiscoveryStatus = { listedAt: null, found: 0, unusable: 0, trouble: null };

export interface DiscoveryParts {
  readonly clock: Clock;
  readonly publish: Publish;
  readonly live: LiveConfig;
  readonly watchdog: Watchdog;
  /** The fleet has changed, because instances were found or are gone. */
  readonly onFound: (reloaded: Reloaded) => void;
  /** Receives errors that are bugs. */
  readonly onError: (error: unknown) => void;
}

/** The search for the instances of one account. */
interface Search {
  readonly account: Account;
  readonly settings: DiscoverSettings;
  readonly stop: AbortController;
  list: WatchedList<string | null>;
  /** Lists in a row that were not followed. */
  troubles: number;
  /** The next list is followed, whatever it looks like. */
  force: boolean;
  /** Ends the wait for the next list. */
  hurry: () => void;
}

/**
 * Has the watchdog watch what the gateways of accounts list. Only what this process watches is searched: of several
 * replicas, that is the owner of the account. An instance comes and goes by the path of a reload.
 */
export class Discovery {
  private readonly parts: DiscoveryParts;
  private readonly searches = new Map<string, Search>();

  constructor(parts: DiscoveryParts) {
    this.parts = parts;
  }

  /** Begins and ends searches, as the config in use and the accounts of the fleet say. To be called after each change of either. */
  follow(): void {
    const { live, watchdog } = this.parts;
    const { accounts } = watchdog.fleet;
    for (const [name, search] of this.searches) {
      const settings = live.current.accounts.get(name)?.discover ?? null;
      const isSame = accounts.get(name) === search.account && isDeepStrictEqual(settings, search.settings);
      if (!isSame) this.end(name, search);
    }
    for (const [name, account] of accounts) {
      const settings = live.current.accounts.get(name)?.discover ?? null;
      if (settings === null || this.searches.has(name)) continue;
      // After a change of the settings it goes on from what was found.
      const found = [...live.foundOf(name)].filter(([id]) => isChosen(id, settings));
      const list = new Map(found.map(([id, each]) => [id, { found: each, misses: 0 }]));
      const stop = new AbortController();
      const search = { account, settings, stop, list, troubles: 0, force: false, hurry: () => undefined };
      account.discovery ??= NOTHING_YET;
      this.searches.set(name, search);
      void this.run(search).catch(this.parts.onError);
    }
  }

  /** A person says that the next lists are right, whatever they look like. They are requested at once. */
  believe(): void {
    for (const search of this.searches.values()) {
      search.force = true;
      search.hurry();
    }
  }

  stop(): void {
    for (const [name, search] of this.searches) this.end(name, search);
  }

  private end(name: string, { stop, account }: Search): void {
    stop.abort();
    this.searches.delete(name);
    account.discovery = null;
  }

  private async run(search: Search): Promise<void> {
    const { clock } = this.parts;
    const { signal } = search.stop;
    const isOver = (): boolean => signal.aborted;
    while (!isOver()) {
      const wait = await this.once(search);
      const waiting = new AbortController();
      search.hurry = () => waiting.abort();
      signal.addEventListener('abort', search.hurry, { once: true });
      if (!search.force && !isOver()) await sleep(clock, wait, waiting.signal);
      signal.removeEventListener('abort', search.hurry);
    }
  }

  /** @returns when the next list is to be requested */
  private async once(search: Search): Promise<DurationMs> {
    const { clock, watchdog, live } = this.parts;
    const { account, settings, stop } = search;
    const every = Math.max(SHORTEST, settings.every);
    const force = search.force || live.current.allowShrink;
    search.force = false;
    const startedAt = clock.now();
    const result = await watchdog.list(account, TIMEOUT, stop.signal);
    if (result === null || (result.type === 'failed' && result.cause === 'aborted')) return every;
    const trouble = result.type === 'failed' ? failed(result) : await this.apply(search, result, startedAt, force);
    if (trouble === null) return every;
    this.note(search, trouble);
    const quiet = result.type === 'failed' ? Math.min(result.retryAfter ?? 0, LONGEST_QUIET) : 0;
    return Math.max(Math.min(every, AGAIN), quiet);
  }

  /** Has the fleet follow a list; or says why it is not followed. */
  private async apply(
    search: Search,
    { instances, unusable }: Extract<ListResult, { type: 'listed' }>,
    startedAt: EpochMs,
    force: boolean,
  ): Promise<ListTrouble | null> {
    const { live, watchdog, publish, clock, onFound } = this.parts;
    const { account, settings, stop, list: before } = search;
    const chosen = instances.filter(({ id }) => isChosen(id, settings));
    const found = new Map(chosen.map(({ id, token }) => [id, token]));
    const list = followList(before, found, (id) => this.stays(account, id), force);
    if (list === 'empty') return { why: 'empty' };
    if (list === 'shrunk') return { why: 'shrunk', listed: found.size, watched: before.size };
    let [added, removed] = [0, 0];
    if (!isSameList(before, list)) {
      const next = new Map([...list].map(([id, each]) => [id, each.found]));
      const reloaded = await live.rediscover(watchdog, account.name, next);
      if (stop.signal.aborted) return null;
      ({ added, removed } = reloaded);
      onFound(reloaded);
    }
    search.list = list;
    const watched = this.watchedOf(account);
    // Those for which no name is left.
    const left = unusable + [...list.keys()].filter((id) => !watched.has(id)).length;
    const { length } = [...watched.values()].filter((discovered) => discovered);
    if (added > 0 || removed > 0 || left !== account.discovery?.unusable) {
      publish({ at: clock.now(), account: account.name, type: 'instances_discovered', added, removed, unusable: left });
    }
    const trouble = account.discovery?.trouble ?? null;
    account.discovery = { listedAt: startedAt, found: length, unusable: left, trouble: null };
    search.troubles = 0;
    if (trouble !== null) publish({ at: clock.now(), account: account.name, type: 'discovery_failed_ended' });
    return null;
  }

  /** The ids of the instances of an account, each with whether it was found. */
  private watchedOf(account: Account): ReadonlyMap<string, boolean> {
    const watched = new Map<string, boolean>();
    for (const instance of this.parts.watchdog.fleet.instances.values()) {
      if (instance.account === account) watched.set(instance.phoneNumberId, instance.discovered);
    }
    return watched;
  }

  /**
   * Whether an instance is kept although the list does not name it: it is being restarted, or the list leaves out what
   * does not run, and it was healthy here before.
   */
  private stays(account: Account, id: string): boolean {
    const instance = this.parts.watchdog.instanceOf(stateKey(account.name, id));
    if (instance === undefined) return false;
    const { phase, known } = instance.state;
    return phase === 'restarting' || phase === 'recovering' || (account.list?.partial === true && known);
  }

  private note(search: Search, trouble: ListTrouble): void {
    const { account } = search;
    search.troubles += 1;
    if (search.troubles < TROUBLES_TO_TELL) return;
    const before = account.discovery?.trouble ?? null;
    account.discovery = { ...(account.discovery ?? NOTHING_YET), trouble };
    if (before?.why === trouble.why && causeOf(before) === causeOf(trouble)) return;
    const { clock, publish } = this.parts;
    publish({ at: clock.now(), account: account.name, type: 'discovery_failed_began', ...trouble });
  }
}

function failed({ cause, detail }: Extract<ListResult, { type: 'failed' }>): ListTrouble {
  return { why: 'failed', cause, detail };
}

function causeOf(trouble: ListTrouble): string | null {
  return trouble.why === 'failed' ? trouble.cause : null;
}

/** Whether the same instances are watched with the same tokens. */
function isSameList(one: WatchedList<string | null>, other: WatchedList<string | null>): boolean {
  if (one.size !== other.size) return false;
  return [...one].every(([id, { found }]) => other.get(id)?.found === found);
}
