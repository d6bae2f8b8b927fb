#!/usr/bin/env node
import { setMaxListeners } from 'node:events';
import { closeSync } from 'node:fs';
import { isatty } from 'node:tty';
import { askLine } from './cli/init/line-input.ts';
import { runCommandLine } from './cli/program.ts';
import { paintFor } from './cli/terminal.ts';
import { SECOND } from './core/time.ts';
import { systemClock } from './time/clock.ts';

// The only place that touches the process: arguments in, exit code out, signals become an AbortSignal.
const stop = new AbortController();
// Each gateway that a command calls listens to it, and Node.js would warn from the eleventh on.
setMaxListeners(0, stop.signal);
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, () => {
    if (stop.signal.aborted) process.exit(1);
    stop.abort();
  });
}
/** Who has stopped a command does not wait for a reader of its output. */
const LONGEST_FLUSH = 2 * SECOND;
const clock = systemClock();

// A closed pipe (`… | head`) is no reason to fail; a full disk is one. What was stopped has ended as it should.
process.stdout.on('error', ({ code }: NodeJS.ErrnoException) => {
  process.exit(code === 'EPIPE' || stop.signal.aborted ? process.exitCode : 1);
});
// That nobody can read errors and progress ends nothing.
process.stderr.on('error', () => undefined);

// A process whose terminal is gone would be aborted at exit, where Node.js restores the settings of its terminals.
const terminals = [0, 1, 2].filter((file) => isatty(file));
process.on('exit', () => {
  for (const file of terminals) if (!isatty(file)) closeSync(file);
});

process.exitCode = await runCommandLine(process.argv.slice(2), {
  clock,
  env: process.env,
  stop: stop.signal,
  // Only for commands that use it: for all others a closed terminal ends the program, as usual.
  onHangup: (listener) => process.on('SIGHUP', listener),
  interactive: process.stdout.isTTY,
  paint: paintFor(process.env, process.stdout.isTTY),
  progress: process.stderr.isTTY,
  size: () => (process.stdout.isTTY ? { rows: process.stdout.rows, columns: process.stdout.columns } : null),
  ask:
    process.stdin.isTTY && process.stdout.isTTY
      ? (question, hidden) => askLine({ input: process.stdin, output: process.stdout }, question, hidden)
      : null,
  write: (text) => process.stdout.write(text),
  writeError: (text) => process.stderr.write(text),
});
// Nothing that a library left open may keep a finished command alive. The output is flushed first.
process.stdout.write('', () => process.exit());
const exitInTime = (): void => void clock.after(LONGEST_FLUSH, () => process.exit());
if (stop.signal.aborted) exitInTime();
else stop.signal.addEventListener('abort', exitInTime);
