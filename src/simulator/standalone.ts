import type { Clock } from '../time/clock.ts';
import type { Preset } from './behaviour.ts';
import type { Simulator } from './simulator.ts';
import { startSimulator } from './smileapi-server.ts';

export interface ServeOptions {
  readonly clock: Clock;
  /** Default 0: any free port. */
  readonly port?: number | undefined;
  /** Default `127.0.0.1`. */
  readonly host?: string | undefined;
  /** How many instances; see `phoneNumberIdAt` for their ids. */
  readonly instances: number;
  /** What all of them are at first. Default `connected`. */
  readonly preset?: Preset | undefined;
  readonly username: string;
  readonly token: string;
}

/**
 * Runs a simulator for other processes, with the control routes of `control.ts` open, and prints its address in
 * one JSON line: `{"url", "username", "instances"}`. The token is not printed; the caller chose it.
 */
export async function serveSimulator(options: ServeOptions, print: (line: string) => void): Promise<Simulator> {
  const { preset = 'connected', ...rest } = options;
  // Other processes use the counts; remembering each request would only make the yardstick slower.
  const simulator = await startSimulator({ ...rest, control: true, logLimit: 0 });
  if (preset !== 'connected') simulator.setAll(preset);
  print(JSON.stringify({ url: simulator.url, username: options.username, instances: options.instances }));
  return simulator;
}
