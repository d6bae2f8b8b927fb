import { isIP } from 'node:net';
import { Pool } from 'undici';
import { MINUTE, SECOND, type DurationMs, type EpochMs } from '../../../core/time.ts';
import { USUAL_AGE } from '../../../network/names.ts';
import { Connector, type ConnectorParts } from './connector.ts';

/** No connection is used for longer, because load balancers send only new ones to new machines. */
const LONGEST_LIFE: DurationMs = MINUTE;
/** How often the name is looked up while its connections are in use. */
const LOOK_EVERY: DurationMs = 10 * SECOND;

/** Common to all connections. Undici's own deadlines are off: every exchange has one. */
export const CLIENT_OPTIONS = {
  pipelining: 1,
  /** How long an unused connection is kept, unless the gateway's `Keep-Alive: timeout=…` is shorter. */
  keepAliveTimeout: MINUTE,
  headersTimeout: 0,
  bodyTimeout: 0,
  maxHeaderSize: 16 * 1024,
} as const;

/** Connections that are kept between calls, and what opens them. */
export interface Kept {
  readonly pool: Pool;
  readonly connector: Connector;
}

export interface KeptConnectionsParts extends Omit<ConnectorParts, 'usedOnce'> {
  readonly origin: string;
  /** Most connections at a time, at least 1. */
  readonly concurrency: number;
}

/**
 * Connections to one origin that are kept between calls, for a minute at most. They also end when the origin's name no
 * longer leads to their addresses. Calls under way on them end as usual.
 */
export class KeptConnections {
  readonly #parts: KeptConnectionsParts;
  readonly #hostname: string;
  readonly #retired = new Set<Kept>();
  #current: Kept;
  #openedAt: EpochMs;
  #lookedAt: EpochMs;

  constructor(parts: KeptConnectionsParts) {
    this.#parts = parts;
    this.#hostname = parts.proxy?.hostname ?? new URL(parts.origin).hostname.replace(/^\[|\]$/gu, '');
    this.#current = this.#open();
    this.#openedAt = parts.clock.now();
    this.#lookedAt = this.#openedAt;
  }

  /** Those for a call that begins `now`. */
  at(now: EpochMs): Kept {
    if (now - this.#openedAt >= LONGEST_LIFE) this.#renew();
    else if (now - this.#lookedAt >= LOOK_EVERY) this.#lookAtName(now);
    return this.#current;
  }

  /** Ends all connections at once. */
  async close(): Promise<void> {
    await Promise.all([this.#current, ...this.#retired].map(({ pool }) => pool.destroy()));
    for (const { connector } of [this.#current, ...this.#retired]) connector.close();
  }

  #open(): Kept {
    const { origin, concurrency, ...parts } = this.#parts;
    const connector = new Connector({ ...parts, usedOnce: false });
    const pool = new Pool(origin, { ...CLIENT_OPTIONS, connections: concurrency, connect: connector.connect });
    return { pool, connector };
  }

  #renew(): void {
    const old = this.#current;
    this.#current = this.#open();
    this.#openedAt = this.#parts.clock.now();
    this.#lookedAt = this.#openedAt;
    this.#retired.add(old);
    void old.pool
      .close()
      .catch(() => undefined)
      .then(() => {
        old.connector.close();
        this.#retired.delete(old);
      });
  }

  #lookAtName(now: EpochMs): void {
    this.#lookedAt = now;
    if (isIP(this.#hostname) !== 0) return;
    const { connector } = this.#current;
    this.#parts.names.addresses(this.#hostname, USUAL_AGE).then(
      (addresses) => {
        if (connector === this.#current.connector && connector.leadsElsewhere(addresses)) this.#renew();
      },
      // Without an answer the connections are as good as they were.
      () => undefined,
    );
  }
}
