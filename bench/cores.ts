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
  return canPin ? `0-${count - 2}` : null;
}

/** Command and arguments that run a program there. The process that is started becomes the program. */
export function pinned(cores: Cores, command: string, args: readonly string[]): [string, string[]] {
  return cores === null ? [command, [...args]] : ['taskset', ['-c', cores, command, ...args]];
}

/** The machine in a line. */
export function machine(): string {
  const place = canPin ? `measured on processor ${toolCores()}, gateway on ${serverCore()}` : 'nothing is pinned';
  return `Node.js ${process.version}, ${count} × ${cpus()[0]?.model ?? 'unknown processor'}; ${place}`;
}
