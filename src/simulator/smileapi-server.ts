import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CONTROL_PREFIX, controlHandler } from './control.ts';
import { SimulatedGateway } from './simulated-gateway.ts';
import type { SimulatorOptions } from './simulator.ts';

/** Longer than any usual probe interval, so that the server is never the one to end a connection. */
const KEEP_ALIVE_MS = 10 * 60_000;
const HOST = '127.0.0.1';

/** A running simulated SmileAPI that can be steered. */
export interface Simulator extends SimulatedGateway {
  /** `http://host:port`, without a slash at the end. */
  readonly url: string;
  /** Stops listening and destroys every connection, hanging ones included. Can be called again. */
  close(): Promise<void>;
}

/**
 * Starts a simulated SmileAPI over HTTP. Resolves once it listens; rejects when it cannot, naming address and remedy.
 * Routes and answers follow the public integrations of SmileAPI.
 */
export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const gateway = new SimulatedGateway(options);
  const control = options.control === true ? controlHandler(gateway) : null;
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (request, response) => {
    if (control !== null && request.url?.startsWith(CONTROL_PREFIX) === true) void control(request, response);
    else gateway.handle(request, response);
  });
  const port = await listen(server, options.port ?? 0);
  let closed: Promise<void> | null = null;

  return Object.assign(gateway, {
    url: `http://${HOST}:${port}`,
    close: () => (closed ??= close(server)),
  });
}

/** `instances`: how many; see `phoneNumberIdAt` for their ids. */
type ServeOptions = Pick<SimulatorOptions, 'clock' | 'port' | 'username' | 'token' | 'dialect' | 'webhook'> & {
  readonly instances: number;
};

/**
 * Runs a simulator for other processes, with the control routes of `control.ts` open, and prints its address in
 * one JSON line: `{"url", "username", "instances"}`. The token is not printed; the caller chose it.
 */
export async function serveSimulator(options: ServeOptions, print: (line: string) => void): Promise<Simulator> {
  // Other processes use the counts; remembering each request would only make the yardstick slower.
  const simulator = await startSimulator({ ...options, control: true, logLimit: 0 });
  print(JSON.stringify({ url: simulator.url, username: options.username, instances: options.instances }));
  return simulator;
}

async function listen(server: Server, port: number): Promise<number> {
  server.listen(port, HOST);
  try {
    await once(server, 'listening');
  } catch (cause) {
    throw new Error(`simulator cannot listen on ${HOST}:${port}: choose another port, or 0 for any`, { cause });
  }
  return (server.address() as AddressInfo).port;
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
