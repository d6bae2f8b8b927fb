import { useLayoutEffect, useState } from 'preact/hooks';

/** A value with subscribers to its changes. */
export class Observable<T> {
  private value: T;
  private readonly listeners = new Set<(value: T) => void>();

  constructor(value: T) {
    this.value = value;
  }

  get(): T {
    return this.value;
  }

  /** Does nothing if it is the same value. */
  set(value: T): void {
    if (Object.is(value, this.value)) return;
    this.value = value;
    for (const listener of [...this.listeners]) listener(value);
  }

  /** The returned function unsubscribes. */
  subscribe(listener: (value: T) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}

/** The current value; the component is rendered again when it changes. */
export function useValue<T>(source: Observable<T>): T {
  const [, show] = useState<T>(source.get());
  useLayoutEffect(() => {
    const look = (): void => show(() => source.get());
    // It may have changed between the rendering and now.
    look();
    return source.subscribe(look);
  }, [source]);
  return source.get();
}
