import type { Command } from 'commander';
import type { ExitCode, Terminal } from './terminal.ts';

/** Makes what commander calls: it runs a command with its arguments and options, and `done` gets the exit code. */
export function actionsOf(terminal: Terminal, done: (code: ExitCode) => void) {
  return <Given extends readonly unknown[]>(run: (...given: [...Given, Terminal]) => Promise<ExitCode>) =>
    async (...given: [...Given, Command]): Promise<void> =>
      done(await run(...(given.slice(0, -1) as unknown as Given), terminal));
}
