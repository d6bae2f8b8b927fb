import { parseBody, type Answer } from './answer.ts';
import type { GatewayHealth } from '../gateway.ts';
import { isNeverOfGateway, isSuccess } from './status.ts';

/**
 * What the answer of a health route says of the gateway. Many gateways answer there with a line of text, but with a page
 * only what stands in front of them does, and that shows nothing when it is a success.
 */
export function healthOf(answer: Answer): GatewayHealth {
  const { status } = answer;
  if (isNeverOfGateway(status)) return 'unknown';
  if (status >= 500) return 'down';
  const body = parseBody(answer);
  return isSuccess(status) && (body.json || body.is !== 'page') ? 'up' : 'unknown';
}
