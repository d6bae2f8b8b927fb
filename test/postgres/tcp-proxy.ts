import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** What the proxy does with what comes from where. */
export type Weather =
  /** All is passed on. */
  | 'fair'
  /** Connections are cut, and new ones too. */
  | 'cut'
  /** Nothing is passed on, in neither direction, and nothing is said. */
  | 'silent'
  /** Statements arrive; with their answer all connections are cut. */
  | 'deaf';

export interface TcpProxy {
  readonly port: number;
  set(weather: Weather): void;
  /** Cuts all connections once `text` has been passed on to the server: the answer is lost. */
  cutAfter(text: string): void;
}

/** A proxy before a port of the loopback that ends with the test. */
export async function tcpProxy(port: number): Promise<TcpProxy> {
  let weather: Weather = 'fair';
  let trigger: string | null = null;
  const sockets = new Set<Socket>();
  const cutAll = (): void => sockets.forEach((socket) => socket.destroy());
  const server = createServer((client) => {
    if (weather === 'cut') {
      client.destroy();
      return;
    }
    const upstream = connect(port, '127.0.0.1');
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    client.on('data', (data) => {
      if (weather === 'silent') return;
      const found = trigger !== null && data.includes(trigger);
      upstream.write(data);
      if (!found) return;
      trigger = null;
      weather = 'deaf';
    });
    upstream.on('data', (data) => {
      if (weather === 'fair') client.write(data);
      else if (weather === 'deaf') {
        // The server has answered, so the statement took effect.
        weather = 'fair';
        cutAll();
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    cutAll();
  });
  return {
    port: (server.address() as AddressInfo).port,
    set(next) {
      weather = next;
      if (next === 'cut') cutAll();
    },
    cutAfter: (text) => void (trigger = text),
  };
}
