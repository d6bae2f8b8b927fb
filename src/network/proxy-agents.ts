import { Agent, ProxyAgent, type Dispatcher } from 'undici';
import { CONNECT_OPTIONS } from './connect-options.ts';
import { parseProxy, withScheme } from './proxy.ts';

/** All deadlines are those of the calls. */
const OPTIONS = { headersTimeout: 0, bodyTimeout: 0 } as const;

/** Connections for calls that go directly or through proxies. There are as many proxies as a config names. */
export class ProxyAgents {
  readonly #direct = new Agent({ ...OPTIONS, connect: CONNECT_OPTIONS });
  readonly #proxied = new Map<string, Dispatcher>();

  /** @param proxy a URL that `proxyMistake` accepts; null: directly */
  for(proxy: string | null): Dispatcher {
    if (proxy === null) return this.#direct;
    const known = this.#proxied.get(proxy);
    if (known !== undefined) return known;
    const { authorization } = parseProxy(proxy);
    const { origin } = new URL(withScheme(proxy));
    const made = new ProxyAgent({
      ...OPTIONS,
      uri: origin,
      ...(authorization !== null && { token: authorization }),
      requestTls: CONNECT_OPTIONS,
      proxyTls: CONNECT_OPTIONS,
      // As curl does: a tunnel only where there is TLS in it, for many proxies allow no other.
      proxyTunnel: false,
    });
    this.#proxied.set(proxy, made);
    return made;
  }

  /** Ends all connections. */
  async close(): Promise<void> {
    await Promise.all([this.#direct, ...this.#proxied.values()].map((agent) => agent.destroy()));
  }
}

/** The HTTP status with which a proxy refused a call; null: it was not a proxy. */
export function proxyStatus(error: unknown): number | null {
  const status = error instanceof Error ? /^Proxy response \((\d{3})\)|\((407)\)$/.exec(error.message) : null;
  return status === null ? null : Number(status[1] ?? status[2]);
}
