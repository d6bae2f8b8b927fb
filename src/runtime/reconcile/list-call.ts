import type { DurationMs } from '../../core/time.ts';
import type { ListResult } from '../../gateway/gateway.ts';
import type { Account } from '../fleet/account.ts';
import type { RequestLimiter } from '../fleet/request-limiter.ts';
import type { GatewayDrain } from './gateway-drain.ts';

/**
 * Requests the list of an account, as one request of its limits and of those of its gateway. Null: the account has no
 * list, the answer came over a way that was given up meanwhile, or `signal` came first. Never rejects.
 */
export async function callList(
  account: Account,
  timeout: DurationMs,
  signal: AbortSignal,
  drain: GatewayDrain,
): Promise<ListResult | null> {
  const entered = await enter(account, signal);
  const { list, gateway } = account;
  if (entered === null || list === undefined) {
    entered?.leave();
    return null;
  }
  drain.begin(gateway);
  const found = await list.route.list(timeout, signal);
  drain.end(gateway);
  entered.leave();
  return signal.aborted || gateway !== account.gateway ? null : found;
}

/** Room for one request; `leave` it afterwards. */
interface Room {
  readonly leave: () => void;
}

/** Null: `signal` came first. */
function enter(account: Account, signal: AbortSignal): Promise<Room | null> {
  return new Promise((resolve) => {
    const stop = (): void => resolve(null);
    if (signal.aborted) {
      stop();
      return;
    }
    signal.addEventListener('abort', stop, { once: true });
    account.requests.enter(() => {
      enterGateway(account, (shared) => {
        const leave = (): void => {
          account.requests.leave();
          shared?.leave();
        };
        signal.removeEventListener('abort', stop);
        if (signal.aborted) leave();
        else resolve({ leave });
      });
    });
  });
}

/** The account has room; the gateway may have less, for all its accounts together. */
function enterGateway(account: Account, go: (shared: RequestLimiter | null) => void): void {
  const shared = account.shared?.requests ?? null;
  if (shared === null) {
    go(null);
    return;
  }
  shared.enter(() => {
    if (shared === account.shared?.requests) {
      go(shared);
      return;
    }
    // Meanwhile a reload has moved the account to another gateway.
    shared.leave();
    enterGateway(account, go);
  });
}
