import type { Gateway } from '../gateway/gateway.ts';

/** Keeps count of the calls under way at each gateway, so that one that is replaced is closed after its last call. */
export class GatewayUse {
  private readonly calls = new Map<Gateway, number>();
  private readonly waiting = new Map<Gateway, () => void>();

  begin(gateway: Gateway): void {
    this.calls.set(gateway, (this.calls.get(gateway) ?? 0) + 1);
  }

  end(gateway: Gateway): void {
    const left = (this.calls.get(gateway) ?? 0) - 1;
    if (left > 0) {
      this.calls.set(gateway, left);
      return;
    }
    this.calls.delete(gateway);
    this.waiting.get(gateway)?.();
    this.waiting.delete(gateway);
  }

  /** Resolves when no call is under way; to be asked once, when no further call can begin. Every call has a deadline. */
  idle(gateway: Gateway): Promise<void> {
    if (!this.calls.has(gateway)) return Promise.resolve();
    return new Promise((resolve) => {
      this.waiting.set(gateway, resolve);
    });
  }
}
