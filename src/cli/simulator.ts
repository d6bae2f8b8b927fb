import { Dialect } from '../simulator/dialect.ts';
import { serveSimulator } from '../simulator/smileapi-server.ts';
import { builtInNamed } from './gateways.ts';
import { aborted } from './run.ts';
import type { ExitCode, Terminal } from './terminal.ts';

/** Runs a simulated SmileAPI, or another built-in gateway, until it is stopped. */
export async function simulator(
  options: { port: number; instances: number; username: string; token: string; gateway: string; webhook?: string },
  terminal: Terminal,
): Promise<ExitCode> {
  const { gateway, ...others } = options;
  const { profile } = builtInNamed(gateway);
  // SmileAPI has a simulator of its own, which can do more than its description says.
  const dialect = profile.name === 'smileapi' ? undefined : new Dialect(profile, options.token);
  const serving = { ...others, dialect, clock: terminal.clock };
  const server = await serveSimulator(serving, (line) => terminal.write(`${line}\n`));
  await aborted(terminal.stop);
  await server.close();
  return 0;
}
