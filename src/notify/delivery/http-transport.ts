import { request } from 'undici';
import { ProxyAgents, proxyStatus } from '../../network/proxy-agents.ts';
import { USER_AGENT } from '../../network/user-agent.ts';
import type { WebhookAnswer } from './answer.ts';
import type { WebhookRequest } from './request.ts';

/** Only a few words of an answer are used, for the log. */
const LONGEST_ANSWER = 4_096;

/** How webhooks are called over HTTP. */
export interface HttpTransport {
  readonly send: (request: WebhookRequest, signal: AbortSignal) => Promise<WebhookAnswer>;
  /** Ends all connections. */
  close(): Promise<void>;
}

/** Follows no redirects, reads little, and leaves all deadlines to the signal. */
export function httpTransport(): HttpTransport {
  const agents = new ProxyAgents();
  return {
    async send({ url, proxy, method = 'POST', headers, body }, signal) {
      try {
        const own = { 'user-agent': USER_AGENT, ...headers };
        const sent = { method, headers: own, body: body === '' ? null : body, signal };
        const answer = await request(url, { dispatcher: agents.for(proxy), ...sent });
        if (proxy !== null && answer.statusCode === 407) throw new Error('Proxy response (407)');
        const { 'retry-after': retryAfter } = answer.headers;
        return {
          status: answer.statusCode,
          retryAfter: (Array.isArray(retryAfter) ? retryAfter[0] : retryAfter) ?? null,
          body: await beginningOf(answer.body),
        };
      } catch (error) {
        // The message of an error may hold the URL, which is a secret.
        throw new Error(`no answer${proxy === null ? '' : ' through the proxy'}: ${codeOf(error)}`, {
          cause: undefined,
        });
      }
    },
    close: () => agents.close(),
  };
}

async function beginningOf(body: AsyncIterable<unknown>): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body) {
    if (!Buffer.isBuffer(chunk)) continue;
    chunks.push(chunk);
    length += chunk.length;
    // Leaving the loop destroys the rest, including its connection.
    if (length >= LONGEST_ANSWER) break;
  }
  return Buffer.concat(chunks).subarray(0, LONGEST_ANSWER).toString('utf8');
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown error';
  const status = proxyStatus(error);
  if (status !== null) return `the proxy says HTTP ${status}`;
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}
