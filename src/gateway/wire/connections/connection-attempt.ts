import type { Socket } from 'node:net';
import type { buildConnector } from 'undici';
import { ProxyError } from '../../../network/tunnel.ts';
import type { Cancel } from '../../../time/clock.ts';

/** One connection that is being made, from the lookup of its name on. It ends once. */
export class ConnectionAttempt {
  readonly callback: buildConnector.Callback;
  readonly #onEnd: (attempt: ConnectionAttempt) => void;
  isPending = true;
  /** Until the proxy has given the way, all errors are its own. */
  isAtProxy = false;
  cancelTimer: Cancel = () => undefined;
  /** Ends the wait for the acceptance by TLS. */
  cancelWait: Cancel = () => undefined;
  socket: Socket | null = null;

  constructor(callback: buildConnector.Callback, onEnd: (attempt: ConnectionAttempt) => void) {
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
    const { isAtProxy } = this;
    if (!this.settle()) return;
    this.socket?.destroy();
    this.callback(isAtProxy && !(error instanceof ProxyError) ? ProxyError.of(error) : error, null);
  }
}
