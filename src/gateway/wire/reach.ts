import { once } from 'node:events';
import { connect } from 'node:net';
import { Agent, request } from 'undici';
import { CONNECT_OPTIONS } from '../../network/connect-options.ts';
import { USER_AGENT } from '../../network/user-agent.ts';

const agent = new Agent({ connect: CONNECT_OPTIONS });
const headers = { 'user-agent': USER_AGENT };

/**
 * Whether something answers at `target`: `tcp://host:port` accepts a connection, `https://…` gives any HTTP answer at
 * all. Never rejects; an aborted signal means no.
 */
export function reach(target: string, signal: AbortSignal): Promise<boolean> {
  return target.startsWith('tcp://') ? acceptsConnection(new URL(target), signal) : answersHttp(target, signal);
}

async function acceptsConnection({ hostname, port }: URL, signal: AbortSignal): Promise<boolean> {
  const { timeout: _, ...options } = CONNECT_OPTIONS;
  const socket = connect({ ...options, host: hostname.replace(/^\[|\]$/g, ''), port: Number(port) });
  try {
    await once(socket, 'connect', { signal });
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

async function answersHttp(url: string, signal: AbortSignal): Promise<boolean> {
  try {
    const { body } = await request(url, { dispatcher: agent, method: 'HEAD', headers, signal });
    await body.dump({ limit: 1024 });
    return true;
  } catch {
    return false;
  }
}
