// Loaded into the program before its own code: reports to its parent, on request, how much of the heap is alive.
process.on('message', () => {
  globalThis.gc?.();
  globalThis.gc?.();
  process.send?.(process.memoryUsage().heapUsed);
});
