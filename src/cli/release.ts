import { DaemonClient, tokenFor } from './daemon-client.ts';
import type { ExitCode, Terminal } from './terminal.ts';

interface ReleaseOptions {
  readonly url: string;
  readonly tokenFile?: string;
}

/** Lets restarts of an account go on that a running daemon holds because restarts did harm. */
export async function release(account: string, options: ReleaseOptions, terminal: Terminal): Promise<ExitCode> {
  const { env } = terminal;
  const client = new DaemonClient(terminal, options.url, await tokenFor(options.tokenFile, env));
  const released = await client.release(account, env['USER'] ?? env['LOGNAME']);
  terminal.write(`${account}: released. Harmful restarts that no longer count: ${released}\n`);
  return 0;
}
