import type { FleetEvent, Publish } from '../core/event.ts';

export type Listener = (event: FleetEvent) => void;

interface Subscription {
  readonly listener: Listener;
  failed: boolean;
}

/**
 * Delivers every event to all listeners, synchronously and in the order of subscribing. This happens for every probe, so
 * listeners must be quick.
 */
export class EventBus {
  private readonly onListenerError: (error: unknown) => void;
  /** Replaced, never changed, so that subscribing during an event does not disturb its delivery. */
  private subscriptions: readonly Subscription[] = [];

  /**
   * @param onListenerError receives the first error of each listener; otherwise a failing listener would be reported for
   * every probe. The listener continues to receive events.
   */
  constructor(onListenerError: (error: unknown) => void) {
    this.onListenerError = onListenerError;
  }

  /** Delivers to every listener. Never throws. It is bound, so that it can be passed on by itself. */
  readonly publish: Publish = (event) => {
    for (const subscription of this.subscriptions) {
      try {
        subscription.listener(event);
      } catch (error) {
        this.report(subscription, error);
      }
    }
  };

  /** Adds a listener, from the next event on; the returned function removes it. */
  subscribe(listener: Listener): () => void {
    const subscription: Subscription = { listener, failed: false };
    this.subscriptions = [...this.subscriptions, subscription];
    return () => {
      this.subscriptions = this.subscriptions.filter((other) => other !== subscription);
    };
  }

  private report(subscription: Subscription, error: unknown): void {
    if (subscription.failed) return;
    subscription.failed = true;
    try {
      this.onListenerError(error);
    } catch {
      // The publisher must not suffer, and there is nothing left to report to.
    }
  }
}
