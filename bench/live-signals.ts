import { getEventListeners } from 'node:events';

const signals = new Set<WeakRef<AbortSignal>>();

/** Every signal made from now on is known, without being kept alive. Imported first, it sees all of the daemon's. */
class WatchedAbortController extends AbortController {
  constructor() {
    super();
    signals.add(new WeakRef(this.signal));
  }
}
globalThis.AbortController = WatchedAbortController;

/** Listeners at all signals that are still reachable: where `AbortSignal` leaks, it leaks these. */
export function abortListeners(): number {
  let count = 0;
  for (const reference of signals) {
    const signal = reference.deref();
    if (signal === undefined) signals.delete(reference);
    else count += getEventListeners(signal, 'abort').length;
  }
  return count;
}
