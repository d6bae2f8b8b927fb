import type { LookupAddress } from 'node:dns';
import net, { type OnReadOpts, type Socket } from 'node:net';
import tls from 'node:tls';
import { errors, type buildConnector } from 'undici';
import type { DurationMs } from '../../../core/time.ts';
import { FRESH_AGE, USUAL_AGE, type Names } from '../../../network/names.ts';
import type { Proxy } from '../../../network/proxy.ts';
import { openTunnel } from '../../../network/tunnel.ts';
import type { Clock } from '../../../time/clock.ts';
import { ConnectionAttempt } from './connection-attempt.ts';
import { HeadMender } from './head-mender.ts';
import { inPlace } from './read-in-place.ts';
import { EndedAfterHandshake, handshakeError, whenAccepted } from './tls-acceptance.ts';
import type { TlsSettings } from './tls-settings.ts';

/** Idle connections are checked by the kernel, so that one which died in silence is noticed. */
const TCP_KEEP_ALIVE_MS = 60_000;

/** No attempt to reach one of several addresses is given up sooner: the default of Node.js. */
const SHORTEST_ATTEMPT: DurationMs = 250;
/** Nor does it take longer: a lost first packet is sent again after 1 s (RFC 6298 section 2). */
const LONGEST_ATTEMPT: DurationMs = 2_000;

export interface ConnectorParts {
  /** Null where the origin is plain HTTP. */
  readonly tls: TlsSettings | null;
  readonly clock: Clock;
  readonly names: Names;
  /** Null: connections go directly to the gateway. */
  readonly proxy: Proxy | null;
  /** Each connection is for one call only. Then its name is looked up again, and the head of its answer mended. */
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
  readonly #attempts = new Set<ConnectionAttempt>();
  #patience: DurationMs = 0;
  #session: Buffer | undefined;
  #handingOver = false;
  #lookingUp = 0;

  constructor(parts: ConnectorParts) {
    this.#parts = parts;
  }

  /**
   * True while a new connection is handed to undici, which at once writes the request that waited for it. A
   * look at that moment shows whether the connection of a request is new or was used before.
   */
  get handingOver(): boolean {
    return this.#handingOver;
  }

  /** Whether an attempt still waits for the addresses of the origin's name. */
  get isLookingUp(): boolean {
    return this.#lookingUp > 0;
  }

  /** Whether an attempt still waits for the proxy to give a way to the gateway. */
  get isAtProxy(): boolean {
    return [...this.#attempts].some((attempt) => attempt.isAtProxy);
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
    const { clock, names, usedOnce, proxy } = this.#parts;
    const { hostname } = proxy ?? options;
    const attempt = new ConnectionAttempt(callback, (ended) => this.#attempts.delete(ended));
    attempt.isAtProxy = proxy !== null;
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
  #begin(attempt: ConnectionAttempt, options: buildConnector.Options, addresses: readonly LookupAddress[]): void {
    if (!attempt.isPending) return;
    const { tls, names, proxy } = this.#parts;
    const { hostname } = proxy ?? options;
    const made = (socket: Socket): void => {
      if (!attempt.settle()) return;
      if (addresses.length > 1) names.connected(hostname, socket.remoteFamily === 'IPv6' ? 6 : 4);
      this.#handOver(socket, attempt.callback);
    };
    if (proxy === null || tls === null) {
      this.#await(attempt, this.#open(options, addresses), proxy?.isTls ?? tls !== null, made);
      return;
    }
    const way = this.#openWay(proxy, addresses, null);
    this.#await(attempt, way, proxy.isTls, () => {
      openTunnel(way, authorityOf(options), proxy.authorization, (error) => {
        if (error !== null) attempt.fail(error);
        if (!attempt.isPending) return;
        attempt.isAtProxy = false;
        const socket = this.#openTls({ ...hostOf(options), socket: way }, tls);
        socket.once('close', () => way.destroy());
        this.#await(attempt, socket, true, made);
      });
    });
  }

  /** Calls `made` once the connection is there; until then, its errors are those of the attempt. */
  #await(attempt: ConnectionAttempt, socket: Socket, isTls: boolean, made: (socket: Socket) => void): void {
    const { clock } = this.#parts;
    const begun = clock.now();
    attempt.socket = socket;
    this.#sockets.add(socket);
    socket.once(isTls ? 'secureConnect' : 'connect', () => {
      const ended = (): void => attempt.fail(new EndedAfterHandshake());
      socket.once('end', ended);
      attempt.cancelWait = whenAccepted(socket, clock.now() - begun, clock, () => {
        socket.off('end', ended);
        if (attempt.isPending) made(socket);
      });
    });
    socket.on('error', (error) => {
      attempt.fail(isTls ? handshakeError(error) : error);
      // Node.js reports a late alert without ending the connection, and its end would then hide the alert from undici.
      socket.destroy(error);
    });
    socket.once('close', () => {
      // A socket that carries another one ends with it.
      if (attempt.socket === socket) attempt.settle();
      this.#sockets.delete(socket);
    });
  }

  #handOver(socket: Socket, callback: buildConnector.Callback): void {
    this.#handingOver = true;
    try {
      callback(null, socket);
    } finally {
      this.#handingOver = false;
    }
  }

  /** A connection that is used as it is: to the gateway, or to the proxy that gets each request for it. */
  #open(options: buildConnector.Options, addresses: readonly LookupAddress[]): Socket {
    const { tls, proxy, usedOnce } = this.#parts;
    const reading = inPlace(usedOnce ? new HeadMender() : null);
    const { onread } = reading;
    let socket: Socket;
    if (proxy !== null) socket = this.#openWay(proxy, addresses, onread);
    else {
      const target = { ...hostOf(options), ...this.#wayTo(addresses), onread };
      socket = tls === null ? net.connect(target) : this.#openTls(target, tls);
    }
    reading.attach(socket);
    socket.setNoDelay(true).setKeepAlive(true, TCP_KEEP_ALIVE_MS);
    return socket;
  }

  /** @param onread null: the stream is read as usual */
  #openWay(proxy: Proxy, addresses: readonly LookupAddress[], onread: OnReadOpts | null): Socket {
    const { hostname: host, port, isTls } = proxy;
    const target = { host, port, ...this.#wayTo(addresses), ...(onread !== null && { onread }) };
    const servername = net.isIP(host) === 0 ? host : '';
    const socket = isTls ? tls.connect({ ...target, servername, ALPNProtocols: ['http/1.1'] }) : net.connect(target);
    return socket.setNoDelay(true).setKeepAlive(true, TCP_KEEP_ALIVE_MS);
  }

  #wayTo(
    addresses: readonly LookupAddress[],
  ): Pick<net.TcpNetConnectOpts, 'lookup' | 'autoSelectFamilyAttemptTimeout'> {
    // Node.js tries one address after the other, and none of them again. So each gets its share of the time.
    const share = this.#patience / (addresses.length + 1);
    return {
      lookup: (_name, { all }, answer) => {
        const [first] = addresses;
        if (all === true) answer(null, [...addresses]);
        else answer(null, first?.address ?? '', first?.family);
      },
      autoSelectFamilyAttemptTimeout: Math.round(Math.max(SHORTEST_ATTEMPT, Math.min(share, LONGEST_ATTEMPT))),
    };
  }

  #openTls(
    target: { readonly host: string; readonly port: number; readonly socket?: Socket },
    { context, rejectUnauthorized, onCertificate }: TlsSettings,
  ): Socket {
    // The types do not know all of `net.connect`'s options here, but Node.js passes them on.
    const options: tls.ConnectionOptions = {
      ...target,
      // An address must not be sent as a server name (RFC 6066 section 3).
      servername: net.isIP(target.host) === 0 ? target.host : '',
      secureContext: context,
      rejectUnauthorized,
      ALPNProtocols: ['http/1.1'],
      session: this.#session,
    };
    const socket = tls.connect(options);
    socket.on('session', (session) => {
      this.#session = session;
    });
    socket.once('secureConnect', () => {
      if (socket.isSessionReused()) return;
      const endsAt = Date.parse(socket.getPeerCertificate().valid_to);
      if (!Number.isNaN(endsAt)) onCertificate(endsAt);
    });
    return socket;
  }
}

function hostOf({ hostname, port, protocol }: buildConnector.Options): {
  readonly host: string;
  readonly port: number;
} {
  return { host: hostname, port: Number(port || (protocol === 'https:' ? 443 : 80)) };
}

/** The gateway as it is named to a proxy. */
function authorityOf(options: buildConnector.Options): string {
  const { host, port } = hostOf(options);
  return `${net.isIPv6(host) ? `[${host}]` : host}:${port}`;
}
