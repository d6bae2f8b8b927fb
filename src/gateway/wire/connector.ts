import { X509Certificate } from 'node:crypto';
import net from 'node:net';
import type { Socket } from 'node:net';
import tls from 'node:tls';
import type { SecureContext } from 'node:tls';
import { errors } from 'undici';
import type { buildConnector } from 'undici';
import type { DurationMs } from '../../core/time.ts';
import type { Clock } from '../../time/clock.ts';

/** How a gateway's certificate is checked. */
export interface TlsSettings {
  readonly context: SecureContext;
  readonly rejectUnauthorized: boolean;
}

/**
 * Prepares TLS once, because reading the authorities takes longer than a handshake. `ca` (PEM) replaces the system's
 * authorities; null keeps them. Throws where `ca` holds no certificate.
 */
export function tlsSettings(ca: string | null, insecureSkipVerify: boolean): TlsSettings {
  // The secure context ignores anything that is no certificate, and then trusts no one.
  if (ca !== null) assertCertificate(ca);
  const context = tls.createSecureContext(ca === null ? {} : { ca });
  return { context, rejectUnauthorized: !insecureSkipVerify };
}

function assertCertificate(pem: string): void {
  try {
    new X509Certificate(pem);
  } catch (cause) {
    throw new Error('tls.caFile: holds no certificate in PEM form (-----BEGIN CERTIFICATE-----)', { cause });
  }
}

/** Idle connections are checked by the kernel, so that one that died silently is noticed. */
const TCP_KEEP_ALIVE_MS = 60_000;

/**
 * Opens the connections of undici's clients to one origin. It replaces undici's own connector, because the time limit of
 * an attempt comes from the calls that wait for it, and because a call must know whether its connection is new.
 */
export class Connector {
  readonly #tls: TlsSettings | null;
  readonly #clock: Clock;
  readonly #sockets = new Set<Socket>();
  #timeout: DurationMs = 0;
  #session: Buffer | undefined;
  #handingOver = false;

  /** `settings` is null where the origin is plain HTTP. */
  constructor(settings: TlsSettings | null, clock: Clock) {
    this.#tls = settings;
    this.#clock = clock;
  }

  /**
   * True while a new connection is passed to undici, which immediately writes the request that waited for it. So at the
   * moment a request is written, this shows whether its connection is new or was used before.
   */
  get handingOver(): boolean {
    return this.#handingOver;
  }

  /** An attempt may take as long as the longest timeout of a call so far; each call has its own deadline besides. */
  allow(timeout: DurationMs): void {
    if (timeout > this.#timeout) this.#timeout = timeout;
  }

  readonly connect: buildConnector.connector = (options, callback) => {
    const socket = this.#open(options);
    socket.setNoDelay(true).setKeepAlive(true, TCP_KEEP_ALIVE_MS);
    this.#sockets.add(socket);
    let isPending = true;
    const cancel = this.#clock.after(this.#timeout, () => socket.destroy(new errors.ConnectTimeoutError()));
    const settle = (): boolean => {
      const wasPending = isPending;
      isPending = false;
      cancel();
      return wasPending;
    };
    socket.once(this.#tls === null ? 'connect' : 'secureConnect', () => {
      settle();
      this.#handOver(socket, callback);
    });
    socket.on('error', (error) => {
      if (settle()) callback(error, null);
    });
    socket.once('close', () => {
      settle();
      this.#sockets.delete(socket);
    });
  };

  /** Ends all connections and attempts at once. */
  close(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  #handOver(socket: Socket, callback: buildConnector.Callback): void {
    this.#handingOver = true;
    try {
      callback(null, socket);
    } finally {
      this.#handingOver = false;
    }
  }

  #open({ hostname, port }: buildConnector.Options): Socket {
    if (this.#tls === null) return net.connect({ host: hostname, port: Number(port || 80) });
    const socket = tls.connect({
      host: hostname,
      port: Number(port || 443),
      // An address must not be sent as a server name (RFC 6066 section 3).
      servername: net.isIP(hostname) === 0 ? hostname : '',
      secureContext: this.#tls.context,
      rejectUnauthorized: this.#tls.rejectUnauthorized,
      ALPNProtocols: ['http/1.1'],
      session: this.#session,
    });
    socket.on('session', (session) => {
      this.#session = session;
    });
    return socket;
  }
}
