// Loaded into the program before its own code: tells its parent, when asked, how much of the heap is alive.
process.on('message', () => {
  globalThis.gc?.();
  globalThis.gc?.();
  process.send?.(process.memoryUsage().heapUsed);
});
