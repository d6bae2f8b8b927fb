import { connect } from 'node:net';
import { request } from 'undici';

/**
 * Whether something answers at `target`: `tcp://host:port` accepts a connection, `https://…` gives any HTTP answer at
 * all. Never rejects; an aborted signal means no.
 */
export function reach(target: string, signal: AbortSignal): Promise<boolean> {
  return target.startsWith('tcp://') ? acceptsConnection(new URL(target), signal) : answersHttp(target, signal);
}

function acceptsConnection({ hostname, port }: URL, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: hostname.replace(/^\[|\]$/g, ''), port: Number(port) });
    const settle = (answered: boolean): void => {
      signal.removeEventListener('abort', giveUp);
      socket.destroy();
      resolve(answered);
    };
    const giveUp = (): void => settle(false);
    socket.once('connect', () => settle(true));
    socket.once('error', giveUp);
    signal.addEventListener('abort', giveUp, { once: true });
    if (signal.aborted) giveUp();
  });
}

async function answersHttp(url: string, signal: AbortSignal): Promise<boolean> {
  try {
    const { body } = await request(url, { method: 'HEAD', signal });
    await body.dump({ limit: 1024 });
    return true;
  } catch {
    return false;
  }
}
