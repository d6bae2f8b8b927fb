import type { DurationMs } from '../../core/time.ts';
import type { ListResult } from '../../gateway/gateway.ts';
import type { Account } from '../fleet/account.ts';
import { roomForCall } from '../fleet/call-room.ts';
import type { GatewayDrain } from '../reconcile/gateway-drain.ts';

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
  const room = await roomForCall(account, signal);
  const { list, gateway } = account;
  if (room === null || list === undefined) {
    room?.leave();
    return null;
  }
  drain.begin(gateway);
  const found = await list.route.list(timeout, signal);
  drain.end(gateway);
  room.leave();
  return signal.aborted || gateway !== account.gateway ? null : found;
}
