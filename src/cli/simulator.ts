import { serveSimulator } from '../simulator/smileapi-server.ts';
import { aborted } from './run.ts';
import type { ExitCode, Terminal } from './terminal.ts';

/** Runs a simulated SmileAPI until it is stopped. */
export async function simulator(
  options: { port: number; instances: number; username: string; token: string },
  terminal: Terminal,
): Promise<ExitCode> {
  const server = await serveSimulator({ ...options, clock: terminal.clock }, (line) => terminal.write(`${line}\n`));
  await aborted(terminal.stop);
  await server.close();
  return 0;
}
