import { Agent, request } from 'undici';
import type { Coordinator } from '../cluster/coordinator.ts';
import { sameToken } from '../http/access/access.ts';
import { FROM_PEER, PeerError, REFUSED_PEER, type Peer, type PeerRequest, type Peers } from '../http/peers/peers.ts';
import type { Config } from '../config/config.ts';
import { textUpTo } from '../network/text-up-to.ts';
import { USER_AGENT } from '../network/user-agent.ts';
import { idKey } from '../core/discovery/found-names.ts';
import { SECOND } from '../core/time.ts';
import { deadline, type Clock } from '../time/clock.ts';

/** A page of a thousand instances has one or two megabytes. */
const LONGEST_ANSWER = 16 * 1024 * 1024;

const OTHER_TOKEN = 'its config sets another cluster.token';
/** Also of one that ran here before and was killed, for as long as its leases last. */
const SAME_PLACE = 'its config sets the same cluster.advertise as this one';

export interface ReplicaPeersParts {
  readonly clock: Clock;
  readonly coordinator: Pick<Coordinator, 'replicas' | 'ownerOf' | 'trouble'>;
  /** What this replica is called. */
  readonly replica: string;
  /** The config in use, with all its instances. */
  readonly config: () => Config;
  /** What tells it from other configs. */
  readonly fingerprint: () => string;
}

/** Calls the other replicas over HTTP, where they say that they answer, with the token that all of them have. */
export class ReplicaPeers implements Peers {
  readonly replica: string;
  readonly #parts: ReplicaPeersParts;
  readonly #closing = new AbortController();
  readonly #agent = new Agent({ connect: { timeout: 3 * SECOND }, keepAliveTimeout: 30 * SECOND });
  #places: Places | null = null;

  constructor(parts: ReplicaPeersParts) {
    this.replica = parts.replica;
    this.#parts = parts;
  }

  get config(): string {
    return this.#parts.fingerprint();
  }

  get leaseTrouble(): string | null {
    return this.#parts.coordinator.trouble;
  }

  list(): readonly Peer[] {
    return this.#parts.coordinator.replicas;
  }

  ownerOf(account: string): Peer | 'self' | null {
    return this.#parts.coordinator.ownerOf(account);
  }

  accountOf(name: string): string | null {
    return this.#known().byName.get(name)?.account ?? null;
  }

  accounts(): Iterable<string> {
    return this.#parts.config().accounts.keys();
  }

  hasAccount(account: string): boolean {
    return this.#parts.config().accounts.has(account);
  }

  get discovers(): boolean {
    return [...this.#parts.config().accounts.values()].some(({ discover }) => discover !== null);
  }

  hasInstance(account: string, id: string): boolean {
    return this.#known().ids.has(idKey(account, id));
  }

  placeOf(name: string): number | null {
    return this.#known().byName.get(name)?.place ?? null;
  }

  displayNameOf(name: string): string | null {
    const place = this.placeOf(name);
    return place === null ? null : (this.#parts.config().instances[place]?.displayName ?? null);
  }

  isPeerToken(shown: string): boolean {
    const { token } = this.#parts.config().cluster;
    return token !== null && sameToken(shown, token);
  }

  async call(peer: Peer, { method, path, headers, body, timeout }: PeerRequest): ReturnType<Peers['call']> {
    const { url, authorization } = this.#way(peer);
    const limit = deadline(this.#parts.clock, this.#closing.signal, timeout);
    const { signal } = limit;
    const own = { ...headers, 'user-agent': USER_AGENT, [FROM_PEER]: 'true', authorization };
    const sent = { method, headers: own, body, signal, dispatcher: this.#agent };
    try {
      const answer = await request(`${url}${path}`, sent as Parameters<typeof request>[1]);
      const type = answer.headers['content-type'];
      const text = await textUpTo(LONGEST_ANSWER, answer.body);
      if (answer.headers[FROM_PEER] === REFUSED_PEER[FROM_PEER]) throw new PeerError(OTHER_TOKEN, false);
      if (text === null) throw new PeerError('its answer is too long', true);
      const contentType = typeof type === 'string' ? type : 'application/json';
      return { status: answer.statusCode, contentType, body: text };
    } catch (error) {
      if (error instanceof PeerError) throw error;
      const code = codeOf(error);
      throw new PeerError(`${code} at ${url}`, !NEVER_SENT.has(code));
    } finally {
      limit.dispose();
    }
  }

  async stream(peer: Peer, path: string, signal: AbortSignal, onText: (text: string) => void): Promise<void> {
    try {
      const { url, authorization } = this.#way(peer);
      const headers = { accept: 'text/event-stream', [FROM_PEER]: 'true', authorization };
      const answer = await request(`${url}${path}`, {
        headers,
        signal,
        dispatcher: this.#agent,
        bodyTimeout: 60 * SECOND,
      });
      answer.body.setEncoding('utf8');
      for await (const text of answer.body) if (answer.statusCode === 200) onText(String(text));
    } catch {
      // A client that needs more asks again.
    }
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#agent.destroy();
  }

  #way({ advertise }: Peer): { readonly url: string; readonly authorization: string } {
    const { token } = this.#parts.config().cluster;
    if (token === null) throw new PeerError('the config sets no cluster.token', false);
    if (advertise === null) throw new PeerError('its config sets no cluster.advertise', false);
    if (advertise === this.#parts.config().cluster.advertise) throw new PeerError(SAME_PLACE, false);
    return { url: advertise, authorization: `Bearer ${token}` };
  }

  #known(): Places {
    const config = this.#parts.config();
    if (this.#places?.of !== config) {
      const byName = new Map(config.instances.map((each, place) => [each.name, { place, account: each.account }]));
      const ids = new Set(config.instances.map(({ account, phoneNumberId }) => idKey(account, phoneNumberId)));
      this.#places = { of: config, byName, ids };
    }
    return this.#places;
  }
}

/** Where the instances of a config stand. */
interface Places {
  readonly of: Config;
  readonly byName: ReadonlyMap<string, { readonly place: number; readonly account: string }>;
  readonly ids: ReadonlySet<string>;
}

/** Without a connection nothing was requested. */
const NEVER_SENT: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EHOSTUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'no answer';
  if ('code' in error && typeof error.code === 'string') return error.code;
  return error.name === 'AbortError' ? 'no answer in time' : error.name;
}
