import { Worker } from 'node:worker_threads';
import type { Policy } from '../../core/policy.ts';
import type { Config, InstanceConfig } from '../config.ts';
import { interner } from '../interner.ts';
import type { Environment } from '../syntax/environment.ts';
import type { LoadAnswer, LoadOrder } from './load-worker.ts';
import { loadSmallConfig } from '../load.ts';
import { ConfigError } from '../problems.ts';

/** Up to this many characters in all files together take some tens of milliseconds, less than starting a thread. */
const SMALL = 32 * 1024;

/**
 * Does what loadConfig does, but reads a large configuration in a thread of its own: this one goes on with its work, and
 * the memory that reading took is given back.
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
  // From source, as in development, a new thread needs a loader for TypeScript first.
  const entry = JSON.stringify(new URL('./load-worker.ts', import.meta.url).href);
  const learnt = `import('tsx/esm/api').then(({ register }) => { register(); return import(${entry}); })`;
  return new Worker(learnt, { eval: true, workerData: order });
}

/** Requests each portion after the one before is handled, so that other work runs in between. */
function received(worker: Worker): Promise<Config> {
  return new Promise((resolve, reject) => {
    let settings: Omit<Config, 'instances'> | null = null;
    const instances: InstanceConfig[] = [];
    const add = adderTo(instances);
    worker.on('message', (answer: LoadAnswer) => {
      switch (answer.type) {
        case 'wrong':
          reject(new ConfigError(answer.problems, answer.inputs));
          return;
        case 'settings':
          settings = answer.settings;
          break;
        case 'instances':
          add(answer.instances);
          break;
        case 'end':
          if (settings !== null) resolve({ ...settings, instances });
          return;
      }
      worker.postMessage('more');
    });
    worker.on('error', reject);
    worker.on('exit', () => reject(new Error('reading the config was stopped')));
  });
}

/**
 * Adds instances that come in portions. Each portion is a copy, in which only what it shares within itself is shared; so
 * policies, labels and names of accounts are put in place of the equal ones that came before.
 */
function adderTo(all: InstanceConfig[]): (portion: readonly InstanceConfig[]) => void {
  const [sharedPolicy, sharedLabels] = [interner<Policy>(), interner<InstanceConfig['labels']>()];
  const accountOf = eachOnce((name: string) => name);
  return (portion) => {
    const [policyOf, labelsOf] = [eachOnce(sharedPolicy), eachOnce(sharedLabels)];
    for (const instance of portion) {
      const account = accountOf(instance.account);
      all.push(
        Object.assign(instance, { account, labels: labelsOf(instance.labels), policy: policyOf(instance.policy) }),
      );
    }
  };
}

/** The same function, which is called once for each object or text. */
function eachOnce<T extends object | string>(of: (value: T) => T): (value: T) => T {
  const known = new Map<T, T>();
  return (value) => {
    const result = known.get(value) ?? of(value);
    known.set(value, result);
    return result;
  };
}
