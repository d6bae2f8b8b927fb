import { X509Certificate } from 'node:crypto';
import type { LookupAddress } from 'node:dns';
import net from 'node:net';
import type { OnReadOpts, Socket } from 'node:net';
import tls from 'node:tls';
import type { SecureContext } from 'node:tls';
import { errors } from 'undici';
import type { buildConnector } from 'undici';
import type { DurationMs } from '../../core/time.ts';
import { FRESH_AGE, USUAL_AGE, type Names } from '../../network/names.ts';
import type { Cancel, Clock } from '../../time/clock.ts';
import { HeadMender } from './head-mender.ts';
import { inPlace } from './read-in-place.ts';
import { EndedAfterHandshake, handshakeError, whenAccepted } from './tls-acceptance.ts';

/** How a gateway's certificate is judged. */
export interface TlsSettings {
  readonly context: SecureContext;
  readonly rejectUnauthorized: boolean;
  /** Whether we have a certificate to show, too. */
  readonly hasCertificate: boolean;
}

/** What this side shows of itself where a gateway wants a client certificate; both are PEM. */
export interface ClientCertificate {
  /** The certificate, and after it those that lead to its authority. */
  readonly cert: string;
  readonly key: string;
}

/**
 * Prepares TLS once, for reading the authorities takes longer than a handshake. `ca` (PEM) takes the place of the
 * system's authorities; null keeps them. Throws where `ca` holds no certificate, or where certificate and key of `client`
 * are none, or not of each other.
 */
export function tlsSettings(
  ca: string | null,
  insecureSkipVerify: boolean,
  client: ClientCertificate | null,
): TlsSettings {
  // The secure context itself passes over anything that is no certificate, and then trusts nobody.
  try {
    if (ca !== null) new X509Certificate(ca);
  } catch (cause) {
    throw new Error('tls.caFile: holds no certificate in PEM form (-----BEGIN CERTIFICATE-----)', { cause });
  }
  const context = tls.createSecureContext({ ...(ca === null ? {} : { ca }), ...client });
  return { context, rejectUnauthorized: !insecureSkipVerify, hasCertificate: client !== null };
}

/** Idle connections are checked by the kernel, so that one which died in silence is noticed. */
const TCP_KEEP_ALIVE_MS = 60_000;

/** No attempt to reach one of several addresses is given up sooner: the default of Node.js. */
const SHORTEST_ATTEMPT: DurationMs = 250;
/** Nor does it take longer: a lost first packet is sent again after 1 s (RFC 6298 section 2). */
const LONGEST_ATTEMPT: DurationMs = 2_000;

/** One connection that is being made, from the lookup of its name on. It ends once. */
class Attempt {
  readonly callback: buildConnector.Callback;
  readonly #onEnd: (attempt: Attempt) => void;
  isPending = true;
  cancelTimer: Cancel = () => undefined;
  /** Ends the wait for the acceptance by TLS. */
  cancelWait: Cancel = () => undefined;
  socket: Socket | null = null;

  constructor(callback: buildConnector.Callback, onEnd: (attempt: Attempt) => void) {
    this.callback = callback;
    this.#onEnd = onEnd;
  }

  /** @returns whether it was pending until now */
  settle(): boolean {
    const wasPending = this.isPending;
    this.isPending = false;
    this.cancelTimer();
    this.cancelWait();
    this.#onEnd(this);
    return wasPending;
  }

  fail(error: Error): void {
    if (!this.settle()) return;
    this.socket?.destroy();
    this.callback(error, null);
  }
}

export interface ConnectorParts {
  /** Null where the origin is plain HTTP. */
  readonly tls: TlsSettings | null;
  readonly clock: Clock;
  readonly names: Names;
  /** Each connection is for one call only. Then its name is looked up afresh, and the head of its answer mended. */
  readonly usedOnce: boolean;
}

/**
 * Opens the connections of undici's clients to one origin. Ours instead of undici's own, because the time that an
 * attempt may take comes from the calls that wait for it, because a call must know whether its connection is new, and
 * because all connections share their lookups.
 */
export class Connector {
  readonly #parts: ConnectorParts;
  readonly #sockets = new Set<Socket>();
  readonly #attempts = new Set<Attempt>();
  #patience: DurationMs = 0;
  #session: Buffer | undefined;
  #handingOver = false;
  #lookingUp = 0;

  constructor(parts: ConnectorParts) {
    this.#parts = parts;
  }

  /**
   * True while a new connection is handed to undici, which at once writes the request that waited for it. So whoever
   * looks when a request is about to be written learns whether its connection is new or was used before.
   */
  get handingOver(): boolean {
    return this.#handingOver;
  }

  /** Whether an attempt still waits for the addresses of the origin's name. */
  get isLookingUp(): boolean {
    return this.#lookingUp > 0;
  }

  /** Whether we show a client certificate to gateways that want one. */
  get hasCertificate(): boolean {
    return this.#parts.tls?.hasCertificate ?? false;
  }

  /** An attempt may take as long as the most patient call so far: a call can tell when it is up, an attempt cannot. */
  allow(timeout: DurationMs): void {
    if (timeout > this.#patience) this.#patience = timeout;
  }

  readonly connect: buildConnector.connector = (options, callback) => {
    const { clock, names, usedOnce } = this.#parts;
    const { hostname } = options;
    const attempt = new Attempt(callback, (begun) => this.#attempts.delete(begun));
    this.#attempts.add(attempt);
    attempt.cancelTimer = clock.after(this.#patience, () => attempt.fail(new errors.ConnectTimeoutError()));
    if (net.isIP(hostname) !== 0) {
      this.#begin(attempt, options, []);
      return;
    }
    this.#lookingUp += 1;
    names
      .addresses(hostname, usedOnce ? FRESH_AGE : USUAL_AGE)
      .finally(() => (this.#lookingUp -= 1))
      .then(
        (addresses) => this.#begin(attempt, options, addresses),
        (error: unknown) => attempt.fail(error instanceof Error ? error : new Error('lookup failed')),
      );
  };

  /** Whether a connection leads to an address that is not one of these. */
  leadsElsewhere(addresses: readonly LookupAddress[]): boolean {
    return [...this.#sockets].some(
      ({ remoteAddress }) => remoteAddress !== undefined && !addresses.some(({ address }) => address === remoteAddress),
    );
  }

  /** Ends all connections and attempts at once. */
  close(): void {
    for (const attempt of this.#attempts) attempt.fail(new errors.ClientDestroyedError());
    for (const socket of this.#sockets) socket.destroy();
  }

  /** @param addresses of the host name; none where it is an address itself */
  #begin(attempt: Attempt, options: buildConnector.Options, addresses: readonly LookupAddress[]): void {
    if (!attempt.isPending) return;
    const { tls, clock, names } = this.#parts;
    const begun = clock.now();
    const socket = this.#open(options, addresses);
    this.#sockets.add(socket);
    socket.once(tls === null ? 'connect' : 'secureConnect', () => {
      const ended = (): void => attempt.fail(new EndedAfterHandshake());
      socket.once('end', ended);
      attempt.cancelWait = whenAccepted(socket, clock.now() - begun, clock, () => {
        socket.off('end', ended);
        if (!attempt.settle()) return;
        if (addresses.length > 1) names.connected(options.hostname, socket.remoteFamily === 'IPv6' ? 6 : 4);
        this.#handOver(socket, attempt.callback);
      });
    });
    socket.on('error', (error) => {
      attempt.fail(tls === null ? error : handshakeError(error));
      // Node.js reports a late alert without ending the connection, and its end would then hide the alert from undici.
      socket.destroy(error);
    });
    socket.once('close', () => {
      attempt.settle();
      this.#sockets.delete(socket);
    });
    attempt.socket = socket;
  }

  #handOver(socket: Socket, callback: buildConnector.Callback): void {
    this.#handingOver = true;
    try {
      callback(null, socket);
    } finally {
      this.#handingOver = false;
    }
  }

  #open({ hostname, port }: buildConnector.Options, addresses: readonly LookupAddress[]): Socket {
    const reading = inPlace(this.#parts.usedOnce ? new HeadMender() : null);
    // Node.js tries one address after the other, and none of them again. So each gets its share of the time.
    const share = this.#patience / (addresses.length + 1);
    const target: net.TcpNetConnectOpts & { readonly onread: OnReadOpts } = {
      host: hostname,
      port: Number(port || (this.#parts.tls === null ? 80 : 443)),
      onread: reading.onread,
      lookup: (_name, { all }, answer) => {
        const [first] = addresses;
        if (all === true) answer(null, [...addresses]);
        else answer(null, first?.address ?? '', first?.family);
      },
      autoSelectFamilyAttemptTimeout: Math.round(Math.max(SHORTEST_ATTEMPT, Math.min(share, LONGEST_ATTEMPT))),
    };
    const socket = this.#parts.tls === null ? net.connect(target) : this.#openTls(target, this.#parts.tls);
    reading.attach(socket);
    socket.setNoDelay(true).setKeepAlive(true, TCP_KEEP_ALIVE_MS);
    return socket;
  }

  #openTls(target: net.TcpNetConnectOpts, { context, rejectUnauthorized }: TlsSettings): Socket {
    const hostname = target.host ?? '';
    // The types do not know all of `net.connect`'s options here, but Node.js passes them on.
    const options: tls.ConnectionOptions = {
      ...target,
      // An address must not be sent as a server name (RFC 6066 section 3).
      servername: net.isIP(hostname) === 0 ? hostname : '',
      secureContext: context,
      rejectUnauthorized,
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
