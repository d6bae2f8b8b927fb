#!/usr/bin/env node
import { runCommandLine } from './cli/program.ts';
import { systemClock } from './time/clock.ts';

// The only place that touches the process: arguments in, exit code out, signals become an AbortSignal.
const stop = new AbortController();
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, () => {
    if (stop.signal.aborted) process.exit(1);
    stop.abort();
  });
}
// A closed pipe (`… | head`) is no reason to fail.
process.stdout.on('error', () => process.exit(0));

process.exitCode = await runCommandLine(process.argv.slice(2), {
  clock: systemClock(),
  env: process.env,
  stop: stop.signal,
  // Only for commands that use it: for all others a closed terminal ends the program, as usual.
  onHangup: (listener) => process.on('SIGHUP', listener),
  interactive: process.stdout.isTTY,
  progress: process.stderr.isTTY,
  write: (text) => process.stdout.write(text),
  writeError: (text) => process.stderr.write(text),
});
// Nothing that a library left open may keep a finished command alive. The output is flushed first.
process.stdout.write('', () => process.exit());
