import type { Account } from './account.ts';
import type { RequestLimiter } from './request-limiter.ts';

/**
 * Waits until an account may make one more call, by its own limits and by those that all accounts of its gateway share;
 * gives the room back when what it resolves with is called. Null: `signal` came first.
 *
 * @param urgent it goes before all that is not
 */
export function roomForCall(account: Account, signal: AbortSignal, urgent = false): Promise<(() => void) | null> {
  if (signal.aborted) return Promise.resolve(null);
  return new Promise((resolve) => {
    const stop = (): void => resolve(null);
    signal.addEventListener('abort', stop, { once: true });
    const begin = (_: null, shared: RequestLimiter | null): void => {
      const leave = (): void => {
        account.requests.leave();
        shared?.leave();
      };
      signal.removeEventListener('abort', stop);
      if (signal.aborted) leave();
      else resolve(leave);
    };
    account.requests.enter(() => enterGateway(account, null, begin, urgent), urgent);
  });
}

/**
 * The account has room; the gateway may have less, for all its accounts together. There are very many probes, so `go` is
 * one function for all of them, and gets which one it is, and the limiter of the gateway that it must `leave`.
 */
export function enterGateway<Item>(
  account: Account,
  item: Item,
  go: (item: Item, shared: RequestLimiter | null) => void,
  urgent = false,
): void {
  const shared = account.shared?.requests ?? null;
  if (shared === null) {
    go(item, null);
    return;
  }
  shared.enter(() => {
    if (shared === account.shared?.requests) {
      go(item, shared);
      return;
    }
    // Meanwhile a reload has moved the account to another gateway.
    shared.leave();
    enterGateway(account, item, go, urgent);
  }, urgent);
}
