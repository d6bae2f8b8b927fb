import { setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import type { Problem } from '../../core/problem.ts';
import type { Environment } from '../syntax/environment.ts';
import type { ReadInputs } from '../inputs.ts';
import { loadConfig } from '../load.ts';
import type { Config, InstanceConfig } from '../config.ts';
import { ConfigError } from '../problems.ts';

/** What a loading thread gets. */
export interface LoadOrder {
  readonly file: string;
  readonly env: Environment;
}

/** What it answers: `wrong`; or `settings` and then, for each message it gets, more `instances`, or `end`. */
export type LoadAnswer =
  | { readonly type: 'wrong'; readonly problems: readonly Problem[]; readonly inputs: ReadInputs }
  | { readonly type: 'settings'; readonly settings: Omit<Config, 'instances'> }
  | { readonly type: 'instances'; readonly instances: readonly InstanceConfig[] }
  | { readonly type: 'end' };

const BEHIND_PROBES = 10;
/** Receiving this many instances takes about a millisecond. */
const PORTION = 500;

/** Loads in this thread. The returned function sends the next portion; call it when the other side requests one. */
async function load({ file, env }: LoadOrder, send: (answer: LoadAnswer) => void): Promise<() => void> {
  try {
    const { instances, ...settings } = await loadConfig(file, env);
    send({ type: 'settings', settings });
    let sent = 0;
    return () => {
      const portion = instances.slice(sent, sent + PORTION);
      sent += PORTION;
      send(portion.length === 0 ? { type: 'end' } : { type: 'instances', instances: portion });
    };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    send({ type: 'wrong', problems: error.problems, inputs: error.inputs });
    return () => undefined;
  }
}

/**
 * Lets other threads go first, where that is possible: on Linux a thread has a priority of its own; elsewhere this would
 * slow down the whole process. A sandbox may refuse it (`SystemCallFilter` of systemd, seccomp of containers).
 */
export function stepBehind(platform: NodeJS.Platform, setOwnPriority: (priority: number) => void): void {
  if (platform !== 'linux') return;
  try {
    setOwnPriority(BEHIND_PROBES);
  } catch {
    // Probes may come a little later while a large config is read.
  }
}

if (parentPort !== null) {
  const port = parentPort;
  stepBehind(process.platform, setPriority);
  port.on('message', await load(workerData as LoadOrder, (answer) => port.postMessage(answer)));
}
