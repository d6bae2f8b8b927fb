import { spawnSync } from 'node:child_process';
import { cpus } from 'node:os';

/** What a program may run on, as `taskset` writes it; null: wherever the system puts it. */
export type Cores = string | null;

const count = cpus().length;
const canPin = count > 1 && spawnSync('taskset', ['--version']).status === 0;

/** The last processor is the simulated gateway's. */
export function serverCore(): Cores {
  return canPin ? String(count - 1) : null;
}

/** All others belong to what is measured. */
export function toolCores(): Cores {
  if (!canPin) return null;
  return count === 2 ? '0' : `0-${count - 2}`;
}

/** Command and arguments that run a program there. The process that is started becomes the program. */
export function pinned(cores: Cores, command: string, args: readonly string[]): [string, string[]] {
  return cores === null ? [command, [...args]] : ['taskset', ['-c', cores, command, ...args]];
}

/** The machine in one line. `cores`: where the measured program was pinned; null: it was not. */
export function machine(cores: Cores = null): string {
  const place = `gateway on processor ${serverCore() ?? 'any'}, what is measured on ${cores ?? 'any'}`;
  return `Node.js ${process.version}, ${count} × ${cpus()[0]?.model ?? 'unknown processor'}; ${place}`;
}
