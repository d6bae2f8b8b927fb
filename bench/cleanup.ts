const closers: (() => void)[] = [];

/** Runs `close` when this process ends, however it does so. It must do its work before it returns. */
export function whenDone(close: () => void): void {
  if (closers.length === 0) {
    process.on('exit', () => {
      for (const closer of closers.reverse()) closer();
    });
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1));
  }
  closers.push(close);
}
