import type { DurationMs } from '../../core/time.ts';

/** Another replica that watches a part of the same fleet. */
export interface Peer {
  /** Names its machine or container to people. */
  readonly replica: string;
  /** Where it answers HTTP, without a slash at the end; null: it says nowhere. */
  readonly advertise: string | null;
}

export interface PeerRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Null: none. */
  readonly body: string | null;
  readonly timeout: DurationMs;
}

export interface PeerAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** The other replicas, and what of the config they watch. */
export interface Peers {
  readonly replica: string;
  /** Of this replica: the fingerprint of its config. */
  readonly config: string;
  /** Of this replica: why its leases are not renewed; null: they are. */
  readonly leaseTrouble: string | null;
  /** The others that live. */
  list(): readonly Peer[];
  /** Who watches an account; null: nobody is known to. */
  ownerOf(account: string): Peer | 'self' | null;
  /** The account of a configured instance; null: there is no such instance. */
  accountOf(name: string): string | null;
  /** All accounts of the config. */
  accounts(): Iterable<string>;
  /** Whether the config has this account. */
  hasAccount(account: string): boolean;
  /** Whether accounts of the config have their instances found, which the config does not name then. */
  readonly discovers: boolean;
  /** Whether the config has an instance of this account with this id. */
  hasInstance(account: string, id: string): boolean;
  /** The place of a configured instance in the config; null: there is no such instance. */
  placeOf(name: string): number | null;
  /** What people call a configured instance; null: nothing else than its name, or there is no such instance. */
  displayNameOf(name: string): string | null;
  /** Whether this is the token that replicas show each other. */
  isPeerToken(shown: string): boolean;
  /**
   * Calls a replica once.
   *
   * @throws PeerError with a reason for people
   */
  call(peer: Peer, request: PeerRequest): Promise<PeerAnswer>;
  /** Text of a stream of a replica as it comes, until it ends. Never rejects. */
  stream(peer: Peer, path: string, signal: AbortSignal, onText: (text: string) => void): Promise<void>;
}

/** A replica gave no answer. `sent`: what was requested may have happened. */
export class PeerError extends Error {
  override readonly name = 'PeerError';
  readonly sent: boolean;

  constructor(message: string, sent: boolean) {
    super(message);
    this.sent = sent;
  }
}

/** Marks a request of another replica: the answer is about this one alone, and is not passed on. */
export const FROM_PEER = 'x-watchdog-replica';

/** Marks the answer to a replica that has another token. */
export const REFUSED_PEER = { [FROM_PEER]: 'refused' } as const;
