import type { Gateway } from '../../gateway/gateway.ts';

/** Counts the calls under way at each gateway, so that a replaced gateway is closed after its last call. */
export class GatewayDrain {
  /** A gateway without calls keeps its 0 until it is retired, or each call to a quiet one would cost an entry. */
  private readonly calls = new Map<Gateway, number>();
  private readonly waiting = new Map<Gateway, () => void>();
  private readonly retiring = new Set<Promise<void>>();

  begin(gateway: Gateway): void {
    this.calls.set(gateway, (this.calls.get(gateway) ?? 0) + 1);
  }

  end(gateway: Gateway): void {
    const left = (this.calls.get(gateway) ?? 0) - 1;
    this.calls.set(gateway, left);
    if (left === 0) this.waiting.get(gateway)?.();
  }

  /** Closes a gateway that gets no new calls, as soon as its calls have ended. */
  retire(gateway: Gateway): void {
    const closing = this.idle(gateway)
      .then(() => {
        this.calls.delete(gateway);
        this.waiting.delete(gateway);
        return gateway.close();
      })
      // The gateway is no longer in use, so a failing close affects nothing.
      .catch(() => undefined)
      .finally(() => this.retiring.delete(closing));
    this.retiring.add(closing);
  }

  /** Resolves when every retired gateway is closed. */
  async retired(): Promise<void> {
    await Promise.all(this.retiring);
  }

  /** Resolves when no call is under way. Call it once, when no further call can begin; every call has a deadline. */
  private idle(gateway: Gateway): Promise<void> {
    if ((this.calls.get(gateway) ?? 0) === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.waiting.set(gateway, resolve);
    });
  }
}
