import { runCommandLine } from '../../src/cli/program.ts';
import { paintFor, type Terminal } from '../../src/cli/terminal.ts';
import { PacedClock } from '../simulator/paced-clock.ts';

/**
 * What a command line ends with and has printed, output and errors together. It runs in this process.
 *
 * @param more what is different about the terminal; by default nobody looks and nobody answers
 */
export async function commandLine(
  args: readonly string[],
  env: Record<string, string> = {},
  more: Partial<Terminal> = {},
): Promise<{ exit: number; output: string }> {
  let output = '';
  const write = (part: string): void => {
    output += part;
  };
  const clock = new PacedClock();
  const exit = await runCommandLine(args, {
    clock,
    env,
    stop: new AbortController().signal,
    onHangup: () => undefined,
    interactive: false,
    paint: paintFor(env, false),
    progress: false,
    size: () => null,
    ask: null,
    write,
    writeError: write,
    ...more,
  }).finally(() => clock.stop());
  return { exit, output };
}
