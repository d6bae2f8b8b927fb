import { parseBody, type Answer } from './answer.ts';
import type { Check } from './conditions.ts';
import type { GatewayHealth } from '../gateway.ts';
import { isNeverOfGateway, isSuccess } from './status.ts';

/**
 * What the answer of a health route says of the gateway. Many gateways answer there with a line of text, but with a page
 * only what stands in front of them does, and that shows nothing when it is a success.
 *
 * @param ok whether an answer in JSON is the gateway's
 */
export function healthOf(answer: Answer, ok: Check = () => true): GatewayHealth {
  const { status } = answer;
  if (isNeverOfGateway(status)) return 'unknown';
  if (status >= 500) return 'down';
  const body = parseBody(answer);
  const isGateways = body.json ? ok(status, body.value) : body.is !== 'page';
  return isSuccess(status) && isGateways ? 'up' : 'unknown';
}
