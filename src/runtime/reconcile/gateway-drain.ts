import type { Gateway } from '../../gateway/gateway.ts';

/** Keeps count of the calls under way at each gateway, so that one that is replaced is closed after its last call. */
export class GatewayDrain {
  /** A gateway without a call keeps its 0 until it is given up, or each call to a quiet one would cost an entry. */
  private readonly calls = new Map<Gateway, number>();
  private readonly waiting = new Map<Gateway, () => void>();
  private readonly retiring = new Set<Promise<void>>();

  begin(gateway: Gateway): void {
    this.calls.set(gateway, (this.calls.get(gateway) ?? 0) + 1);
  }

  end(gateway: Gateway): void {
    const left = (this.calls.get(gateway) ?? 0) - 1;
    this.calls.set(gateway, left);
    if (left === 0 && this.waiting.has(gateway)) {
      this.waiting.get(gateway)?.();
      this.forget(gateway);
    }
  }

  /** Closes a gateway that nothing new is asked of, as soon as what is under way there has ended. */
  retire(gateway: Gateway): void {
    const closing = this.idle(gateway)
      .then(() => gateway.close())
      // Nobody uses it any more, so there is nothing left that its failing could harm.
      .catch(() => undefined)
      .finally(() => this.retiring.delete(closing));
    this.retiring.add(closing);
  }

  /** Resolves when every retired gateway is closed. */
  async retired(): Promise<void> {
    await Promise.all(this.retiring);
  }

  /** Resolves when no call is under way; to be asked once, when no further call can begin. Every call has a deadline. */
  private idle(gateway: Gateway): Promise<void> {
    if ((this.calls.get(gateway) ?? 0) === 0) {
      this.forget(gateway);
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      this.waiting.set(gateway, resolve);
    });
  }

  private forget(gateway: Gateway): void {
    this.calls.delete(gateway);
    this.waiting.delete(gateway);
  }
}
