import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Order, Seen } from './gateway-server.ts';
import { serverCore, pinned } from './cores.ts';
import { whenDone } from './cleanup.ts';

/** The fast gateway in its own process. */
export interface GatewayProcess {
  readonly url: string;
  /** Has the order carried out, and resolves to what had been seen until then. */
  send(order: Order): Promise<Seen>;
  stop(): void;
}

type Message = { readonly url: string } | { readonly number: number; readonly seen: Seen };

/** Starts it on a processor of its own, where the machine has two and `taskset`. It ends with this process. */
export async function startGatewayProcess(): Promise<GatewayProcess> {
  const program = join(import.meta.dirname, 'gateway-server.js');
  const [command, args] = pinned(serverCore(), process.execPath, [program]);
  const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  whenDone(() => child.kill('SIGKILL'));
  const waiting = new Map<number, (seen: Seen) => void>();
  let last = 0;
  const url = await new Promise<string>((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => {
      reject(new Error(`the simulated gateway ended with ${code} before it listened`));
    });
    child.on('message', (message: Message) => {
      if ('url' in message) resolve(message.url);
      else {
        waiting.get(message.number)?.(message.seen);
        waiting.delete(message.number);
      }
    });
  });
  return {
    url,
    send: (order) =>
      new Promise((resolve) => {
        last += 1;
        waiting.set(last, resolve);
        child.send({ number: last, order });
      }),
    stop: () => void child.kill('SIGKILL'),
  };
}
