import type { Socket } from 'node:net';

/** Longer heads of an answer are refused. */
const LONGEST_HEAD = 16 * 1024;

/** A proxy did not do what it was asked for. */
export class ProxyError extends Error {
  override readonly name = 'ProxyError';
  /** HTTP status of its answer; null: there was none. */
  readonly status: number | null;
  /** The code of the error on the way to it; null: it answered. */
  readonly code: string | null;

  constructor(status: number | null, code: string | null) {
    super('the proxy gave no way to the gateway');
    this.status = status;
    this.code = code;
  }

  /** What went wrong on the way to the proxy. */
  static of(error: Error): ProxyError {
    return new ProxyError(null, 'code' in error && typeof error.code === 'string' ? error.code : 'unknown error');
  }
}

/**
 * Asks the proxy at the other end of `socket` for a tunnel (RFC 9110 section 9.3.6). Afterwards nothing listens to the
 * socket any more, and nothing was read from it that came through the tunnel. It has no deadline of its own.
 *
 * @param authority `host:port`, an IPv6 address in brackets
 * @param done gets a ProxyError, or null when there is a tunnel; called once
 */
export function openTunnel(
  socket: Socket,
  authority: string,
  authorization: string | null,
  done: (error: ProxyError | null) => void,
): void {
  let head = '';
  const end = (error: ProxyError | null): void => {
    socket.off('readable', read).off('end', cut).off('error', fail);
    done(error);
  };
  const read = (): void => {
    for (let piece = socket.read() as Buffer | null; piece !== null; piece = socket.read() as Buffer | null) {
      head += piece.toString('latin1');
      const length = head.indexOf('\r\n\r\n');
      if (length < 0 && head.length <= LONGEST_HEAD) continue;
      end(verdictOn(head, length));
      return;
    }
  };
  const cut = (): void => end(new ProxyError(null, 'ECONNRESET'));
  const fail = (error: Error): void => end(ProxyError.of(error));
  socket.on('readable', read).once('end', cut).once('error', fail);
  const login = authorization === null ? '' : `Proxy-Authorization: ${authorization}\r\n`;
  socket.write(`CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n${login}\r\n`);
}

function verdictOn(head: string, length: number): ProxyError | null {
  const status = length < 0 || length > LONGEST_HEAD ? undefined : /^HTTP\/1\.[01] (\d{3})[ \r]/.exec(head)?.[1];
  if (status === undefined) return new ProxyError(null, 'no HTTP');
  // The gateway says nothing before we do, so what follows a head is not from there.
  const isBare = head.length === length + 4;
  return status.startsWith('2') && isBare ? null : new ProxyError(Number(status), null);
}
