import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { DurationMs } from '../../../core/time.ts';
import type { Cancel, Clock } from '../../../time/clock.ts';

/** The other side ended a connection of TLS 1.3 in place of accepting our side of the handshake. */
export class EndedAfterHandshake extends Error {
  readonly code = 'ERR_TLS_ENDED_AFTER_HANDSHAKE';
}

/** The other side ended a connection before there was any TLS on it. */
class CutInHandshake extends Error {
  readonly code = 'ERR_TLS_CUT_IN_HANDSHAKE';
}

/** What an error means that came before the handshake was done: a reset then says more than one that comes later. */
export function handshakeError(error: Error): Error {
  return 'code' in error && error.code === 'ECONNRESET' ? new CutInHandshake() : error;
}

/** How long a server that sends no ticket may take to refuse us: a handshake is a round trip and more. */
const SHORTEST_WAIT: DurationMs = 100;
const LONGEST_WAIT: DurationMs = 1_000;
/** A wait is made of these, with a look at the network after each: a process that stood still has not waited. */
const STEPS = 10;

/**
 * Calls `accepted` once a server has accepted our side of the handshake. In TLS 1.3 ours ends first, so that a server
 * which wants a client certificate refuses it when the request is on its way already, and nobody knows whether it was
 * taken. So nothing is sent until the server goes on: it sends a ticket then, as nearly all do, or else says nothing for
 * as long as the handshake took.
 *
 * @param took how long the connection took until now
 * @returns takes the wait back
 */
export function whenAccepted(socket: Socket, took: DurationMs, clock: Clock, accepted: () => void): () => void {
  if (!(socket instanceof TLSSocket) || socket.getProtocol() !== 'TLSv1.3' || socket.isSessionReused()) {
    accepted();
    return () => undefined;
  }
  const step = Math.min(Math.max(took, SHORTEST_WAIT), LONGEST_WAIT) / STEPS;
  let isWaiting = true;
  let cancel: Cancel;
  const stop = (): void => {
    isWaiting = false;
    cancel();
  };
  const goOn = (): void => {
    if (!isWaiting) return;
    stop();
    accepted();
  };
  const waitFor = (steps: number): void => {
    cancel = clock.after(step, () => (steps > 1 ? waitFor(steps - 1) : goOn()));
  };
  waitFor(STEPS);
  // OpenSSL is in the midst of reading then, and does not send what is written to it.
  socket.once('session', () => clock.after(0, goOn));
  return stop;
}
