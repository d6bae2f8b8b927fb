import type { Simulator, SimulatorOptions } from './simulator.ts';
import { startSimulator } from './smileapi-server.ts';

/** `instances`: how many; see `phoneNumberIdAt` for their ids. */
type ServeOptions = Pick<SimulatorOptions, 'clock' | 'port' | 'username' | 'token'> & { readonly instances: number };

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
