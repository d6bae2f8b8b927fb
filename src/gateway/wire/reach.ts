import { once } from 'node:events';
import { connect } from 'node:net';
import { request } from 'undici';
import { CONNECT_OPTIONS } from '../../network/connect-options.ts';
import { proxyOf, type ProxyVariables } from '../../network/proxy.ts';
import { ProxyAgents } from '../../network/proxy-agents.ts';
import { USER_AGENT } from '../../network/user-agent.ts';

const agents = new ProxyAgents();
const headers = { 'user-agent': USER_AGENT };

/**
 * Makes a function that says whether something answers at a target: `tcp://host:port` accepts a connection, `https://…`
 * gives any HTTP answer at all, perhaps through a proxy. It never rejects; an aborted signal means no.
 */
export function reachWith(variables: ProxyVariables): (target: string, signal: AbortSignal) => Promise<boolean> {
  return (target, signal) =>
    target.startsWith('tcp://')
      ? acceptsConnection(new URL(target), signal)
      : answersHttp(target, proxyOf(target, null, variables), signal);
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

async function answersHttp(url: string, proxy: string | null, signal: AbortSignal): Promise<boolean> {
  try {
    const { body } = await request(url, { dispatcher: agents.for(proxy), method: 'HEAD', headers, signal });
    await body.dump({ limit: 1024 });
    return true;
  } catch {
    return false;
  }
}
