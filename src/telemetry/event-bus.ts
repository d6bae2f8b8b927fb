import type { FleetEvent, Publish } from '../core/event.ts';

export type Listener = (event: FleetEvent) => void;

interface Subscription {
  readonly listener: Listener;
  failed: boolean;
}

/**
 * Carries every event to whoever listens, at once and in the order of subscribing. It is called for every probe, so
 * listeners must be quick.
 */
export class EventBus {
  private readonly onListenerError: (error: unknown) => void;
  /** Replaced, never changed: whoever subscribes or leaves while an event is under way does not disturb it. */
  private subscriptions: readonly Subscription[] = [];

  /**
   * @param onListenerError hears the first error of each listener; a listener that fails once would otherwise be
   * reported for every probe. The listener goes on hearing events.
   */
  constructor(onListenerError: (error: unknown) => void) {
    this.onListenerError = onListenerError;
  }

  /** Tells every listener. Never throws. It is bound, so that it can be handed on by itself. */
  readonly publish: Publish = (event) => {
    for (const subscription of this.subscriptions) {
      try {
        subscription.listener(event);
      } catch (error) {
        this.report(subscription, error);
      }
    }
  };

  /** Adds a listener, from the next event on; the answer takes it away again. */
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
      // The publisher must not pay for it, and there is nobody left to tell.
    }
  }
}
