/**
 * Ticks come when no promise has anything left to do. Nothing here waits for I/O, and a day has half a million timers,
 * so leaving out the turns of the event loop between them saves half of the time.
 */
export function promisesSettled(): Promise<void> {
  return new Promise((resolve) => process.nextTick(resolve));
}
