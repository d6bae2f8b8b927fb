import type { ExitCode, Terminal } from '../terminal.ts';
import { connect, type DaemonOptions } from './connect.ts';

/** Lets restarts of an account go on that a running daemon holds because restarts did harm. */
export async function release(account: string, options: DaemonOptions, terminal: Terminal): Promise<ExitCode> {
  const { client, speech, requestedBy } = await connect(options, terminal);
  const released = await client.release(account, requestedBy);
  terminal.write(`${speech.cli.operate.released(account, speech.count(released))}\n`);
  return 0;
}
