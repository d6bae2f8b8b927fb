import { spawn, type StdioOptions } from 'node:child_process';
import { openSync, readFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { pinned, type Cores } from './cores.ts';
import { whenDone } from './cleanup.ts';

/**
 * The same work for every tool: call each instance of the gateway each second, and report it as failing unless it is
 * open.
 */
export interface Work {
  readonly url: string;
  readonly ids: readonly string[];
  /** Empty, and the tool's own; removed afterwards. */
  readonly folder: string;
  /** What the tool may run on. */
  readonly cores: Cores;
}

/** A tool at work. */
export interface Peer {
  readonly pids: readonly number[];
  /**
   * When each instance was first reported as failing, in milliseconds of the wall clock; without those that were not.
   * `since` is when they began to fail.
   */
  verdicts(ids: readonly string[], since: number): Promise<ReadonlyMap<string, number>>;
  stop(): Promise<void>;
}

export type StartPeer = (work: Work) => Promise<Peer>;

export const TIMEOUT_SECONDS = 1;

export interface Program {
  readonly pid: number;
  stop(): Promise<void>;
}

/** How long a program may take to end on request. */
const END_MS = 3_000;

/**
 * Starts a program of a tool on its processors. What it prints goes to `output.log` of the folder, or line by
 * line to `onLine`. It ends with this process, and it ending by itself ends the run.
 */
export async function startProgram(
  { folder, cores }: Work,
  command: string,
  args: readonly string[],
  onOutput?: (text: string) => void,
): Promise<Program> {
  const log = openSync(join(folder, 'output.log'), 'a');
  const stdio: StdioOptions = ['ignore', onOutput === undefined ? log : 'pipe', log];
  const child = spawn(...pinned(cores, command, args), { stdio });
  child.stdout?.setEncoding('utf8').on('data', (text: string) => onOutput?.(text));
  whenDone(() => child.kill('SIGKILL'));
  let stopping = false;
  const ended = new Promise<void>((resolve) => {
    child.on('exit', (code, signal) => {
      resolve();
      if (stopping) return;
      const said = readFileSync(join(folder, 'output.log'), 'utf8').slice(-2_000);
      process.stderr.write(`${command} ended by itself (${code ?? signal}) and said:\n${said}`);
      process.exit(1);
    });
  });
  await new Promise<void>((resolve, reject) => child.once('spawn', resolve).once('error', reject));
  const { pid } = child;
  if (pid === undefined) throw new Error(`${command} was started, but has no process id`);
  return {
    pid,
    stop: async () => {
      stopping = true;
      child.kill('SIGTERM');
      const impatience = setTimeout(() => child.kill('SIGKILL'), END_MS);
      await ended;
      clearTimeout(impatience);
    },
  };
}

/** A free port of the loopback interface. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Records when each instance was first named by a line that reports it as failing. Lines may come in pieces. */
export class VerdictLines {
  readonly #idOf: (line: string) => string | null;
  readonly #seen = new Map<string, number[]>();
  #rest = '';

  constructor(idOf: (line: string) => string | null) {
    this.#idOf = idOf;
  }

  readonly read = (text: string): void => {
    const now = Date.now();
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) {
      const id = this.#idOf(line);
      if (id !== null) this.#seen.set(id, [...(this.#seen.get(id) ?? []), now].slice(-5));
    }
  };

  verdicts(ids: readonly string[], since: number): ReadonlyMap<string, number> {
    const found = new Map<string, number>();
    for (const id of ids) {
      const at = this.#seen.get(id)?.find((time) => time >= since);
      if (at !== undefined) found.set(id, at);
    }
    return found;
  }
}
