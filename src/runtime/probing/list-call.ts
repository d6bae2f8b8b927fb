import type { DurationMs } from '../../core/time.ts';
import type { ListResult } from '../../gateway/gateway.ts';
import type { Account } from '../fleet/account.ts';
import { roomForCall } from '../fleet/call-room.ts';
import type { GatewayDrain } from '../reconcile/gateway-drain.ts';
import { wholeList } from './whole-list.ts';

/**
 * Requests the list of an account. Each page of it is one request of the limits of the account and of those of its gateway, and
 * may take as long as `timeout`. Null: the account has no list, an answer came over a way that was given up meanwhile, or
 * `signal` came first. Never rejects.
 */
export function callList(
  account: Account,
  timeout: DurationMs,
  signal: AbortSignal,
  drain: GatewayDrain,
): Promise<ListResult | null> {
  return wholeList(async (page) => {
    const leave = await roomForCall(account, signal);
    const { list, gateway } = account;
    if (leave === null || list === undefined) {
      leave?.();
      return null;
    }
    drain.begin(gateway);
    const found = await list.route.list(timeout, signal, page);
    drain.end(gateway);
    leave();
    return signal.aborted || gateway !== account.gateway ? null : found;
  });
}
