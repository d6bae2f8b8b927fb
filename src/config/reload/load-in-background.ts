import { Worker } from 'node:worker_threads';
import type { Config } from '../config.ts';
import type { Environment } from '../syntax/environment.ts';
import type { LoadAnswer, LoadOrder } from './load-worker.ts';
import { loadSmallConfig } from '../load.ts';
import { ConfigUnpacker } from './packed-config.ts';
import { ConfigError } from '../problems.ts';

/** Up to so many characters in all files together take some tens of milliseconds, less than to start a thread. */
const SMALL = 32 * 1024;

/**
 * As loadConfig, but a large configuration is read in a thread of its own, so that this one goes on with its work, and
 * the memory that it took is given back.
 *
 * Rejects with a ConfigError that holds every problem; with another Error when `signal` aborts or the thread ends early.
 */
export async function loadInBackground(file: string, env: Environment, signal: AbortSignal): Promise<Config> {
  return (await loadSmallConfig(file, env, SMALL)) ?? (await loadInThread(file, env, signal));
}

/** The same, whatever the size. */
export function loadInThread(file: string, env: Environment, signal: AbortSignal): Promise<Config> {
  const worker = loadingThread({ file, env: { ...env } });
  const stop = (): void => void worker.terminate();
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  return received(worker).finally(() => {
    signal.removeEventListener('abort', stop);
    stop();
  });
}

function loadingThread(order: LoadOrder): Worker {
  if (!import.meta.url.endsWith('.ts')) {
    return new Worker(new URL('./load-worker.js', import.meta.url), { workerData: order });
  }
  // From source, as in development, a new thread has to learn TypeScript first.
  const entry = JSON.stringify(new URL('./load-worker.ts', import.meta.url).href);
  const learnt = `import('tsx/esm/api').then(({ register }) => { register(); return import(${entry}); })`;
  return new Worker(learnt, { eval: true, workerData: order });
}

/** Each portion is asked for when the one before is done with, so that other work comes in between. */
function received(worker: Worker): Promise<Config> {
  return new Promise((resolve, reject) => {
    let unpacker: ConfigUnpacker | null = null;
    worker.on('message', (answer: LoadAnswer) => {
      switch (answer.type) {
        case 'wrong':
          reject(new ConfigError(answer.problems, answer.inputs));
          return;
        case 'config':
          unpacker = new ConfigUnpacker(answer.packed);
          break;
        case 'instances':
          unpacker?.add(answer.instances);
          break;
        case 'end':
          if (unpacker !== null) resolve(unpacker.config());
          return;
      }
      worker.postMessage('more');
    });
    worker.on('error', reject);
    worker.on('exit', () => {
      reject(new Error('reading the config was broken off'));
    });
  });
}
