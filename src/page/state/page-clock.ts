/** Time, timers and chance of the machine that shows the page; the one place where it takes them from the browser. */
export interface PageClock {
  /** Epoch in ms, of this machine. It goes on while the machine sleeps, so that what is old then shows as old. */
  now(): number;
  /** Calls `callback` once, `delay` ms from now at the earliest. The returned function prevents that. */
  after(delay: number, callback: () => void): () => void;
  /** 0 up to, but not including, 1. */
  random(): number;
}

export function browserClock(): PageClock {
  return {
    now: () => Date.now(),
    after(delay, callback) {
      const timer = setTimeout(callback, delay);
      return () => clearTimeout(timer);
    },
    random: () => Math.random(),
  };
}

/** Calls `act` every `interval` ms until the returned function is called. */
export function every(clock: PageClock, interval: number, act: () => void): () => void {
  let cancel: () => void;
  const arm = (): void => {
    cancel = clock.after(interval, () => {
      arm();
      act();
    });
  };
  arm();
  return () => cancel();
}

/** Calls a function a while after it was first requested; requests until then are met by the same call. */
export class Soon {
  private readonly clock: PageClock;
  private readonly act: () => void;
  private cancelTimer: (() => void) | null = null;

  constructor(clock: PageClock, act: () => void) {
    this.clock = clock;
    this.act = act;
  }

  /** Within `delay` ms, unless it is requested already. */
  request(delay: number): void {
    this.cancelTimer ??= this.clock.after(delay, () => {
      this.cancelTimer = null;
      this.act();
    });
  }

  cancel(): void {
    this.cancelTimer?.();
    this.cancelTimer = null;
  }
}
