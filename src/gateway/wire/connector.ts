import { X509Certificate } from 'node:crypto';
import net from 'node:net';
import type { OnReadOpts, Socket } from 'node:net';
import tls from 'node:tls';
import type { SecureContext } from 'node:tls';
import { errors } from 'undici';
import type { buildConnector } from 'undici';
import type { DurationMs } from '../../core/time.ts';
import type { Clock } from '../../time/clock.ts';
import { inPlace } from './read-in-place.ts';

/** How a gateway's certificate is judged. */
export interface TlsSettings {
  readonly context: SecureContext;
  readonly rejectUnauthorized: boolean;
}

/**
 * Prepares TLS once, for reading the authorities takes longer than a handshake. `ca` (PEM) takes the place of the
 * system's authorities; null keeps them. Throws where `ca` holds no certificate.
 */
export function tlsSettings(ca: string | null, insecureSkipVerify: boolean): TlsSettings {
  // The secure context itself passes over anything that is no certificate, and then trusts nobody.
  try {
    if (ca !== null) new X509Certificate(ca);
  } catch (cause) {
    throw new Error('tls.caFile: holds no certificate in PEM form (-----BEGIN CERTIFICATE-----)', { cause });
  }
  const context = tls.createSecureContext(ca === null ? {} : { ca });
  return { context, rejectUnauthorized: !insecureSkipVerify };
}

/** Idle connections are checked by the kernel, so that one which died in silence is noticed. */
const TCP_KEEP_ALIVE_MS = 60_000;

/**
 * Opens the connections of undici's clients to one origin. Ours instead of undici's own, because the time that an
 * attempt may take comes from the calls that wait for it, and because a call must know whether its connection is new.
 */
export class Connector {
  readonly #tls: TlsSettings | null;
  readonly #clock: Clock;
  readonly #sockets = new Set<Socket>();
  #patience: DurationMs = 0;
  #session: Buffer | undefined;
  #handingOver = false;

  /** `settings` is null where the origin is plain HTTP. */
  constructor(settings: TlsSettings | null, clock: Clock) {
    this.#tls = settings;
    this.#clock = clock;
  }

  /**
   * True while a new connection is handed to undici, which at once writes the request that waited for it. So whoever
   * looks when a request is about to be written learns whether its connection is new or was used before.
   */
  get handingOver(): boolean {
    return this.#handingOver;
  }

  /** An attempt may take as long as the most patient call so far: a call can tell when it is up, an attempt cannot. */
  allow(timeout: DurationMs): void {
    if (timeout > this.#patience) this.#patience = timeout;
  }

  readonly connect: buildConnector.connector = (options, callback) => {
    const reading = inPlace();
    const socket = this.#open(options, reading.onread);
    reading.attach(socket);
    socket.setNoDelay(true).setKeepAlive(true, TCP_KEEP_ALIVE_MS);
    this.#sockets.add(socket);
    let isPending = true;
    const cancel = this.#clock.after(this.#patience, () => socket.destroy(new errors.ConnectTimeoutError()));
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

  #open({ hostname, port }: buildConnector.Options, onread: OnReadOpts): Socket {
    if (this.#tls === null) return net.connect({ host: hostname, port: Number(port || 80), onread });
    // The types do not know `onread` here, but Node.js does since version 12.16.
    const options: tls.ConnectionOptions & { readonly onread: OnReadOpts } = {
      onread,
      host: hostname,
      port: Number(port || 443),
      // An address must not be sent as a server name (RFC 6066 section 3).
      servername: net.isIP(hostname) === 0 ? hostname : '',
      secureContext: this.#tls.context,
      rejectUnauthorized: this.#tls.rejectUnauthorized,
      ALPNProtocols: ['http/1.1'],
      session: this.#session,
    };
    const socket = tls.connect(options);
    socket.on('session', (session) => {
      this.#session = session;
    });
    return socket;
  }
}
