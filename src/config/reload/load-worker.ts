import { setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import type { Problem } from '../../core/problem.ts';
import type { Environment } from '../syntax/environment.ts';
import type { ConfigInputs } from '../inputs.ts';
import { loadConfig } from '../load.ts';
import { packConfig, packInstances, type PackedConfig, type PackedInstances } from './packed-config.ts';
import { ConfigError } from '../problems.ts';

/** What a loading thread is given. */
export interface LoadOrder {
  readonly file: string;
  readonly env: Environment;
}

/** What it answers: `wrong`, or `config` and then, for each message it gets, more `instances`, or `end`. */
export type LoadAnswer =
  | { readonly type: 'wrong'; readonly problems: readonly Problem[]; readonly inputs: ConfigInputs }
  | { readonly type: 'config'; readonly packed: PackedConfig }
  | { readonly type: 'instances'; readonly instances: PackedInstances }
  | { readonly type: 'end' };

const BEHIND_PROBES = 10;

/** Loads in this thread, and hands over no more at a time than the other side asks for. */
async function load({ file, env }: LoadOrder, send: (answer: LoadAnswer) => void): Promise<() => void> {
  try {
    const config = await loadConfig(file, env);
    const packed = packConfig(config);
    const portions = packInstances(config, packed);
    send({ type: 'config', packed });
    return () => {
      const portion = portions.next();
      send(portion.done === true ? { type: 'end' } : { type: 'instances', instances: portion.value });
    };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    send({ type: 'wrong', problems: error.problems, inputs: error.inputs });
    return () => undefined;
  }
}

if (parentPort !== null) {
  const port = parentPort;
  // On Linux a thread has a priority of its own; elsewhere this would slow down the whole process.
  if (process.platform === 'linux') setPriority(BEHIND_PROBES);
  port.on(
    'message',
    await load(workerData as LoadOrder, (answer) => {
      port.postMessage(answer);
    }),
  );
}
