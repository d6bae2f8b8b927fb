import { expect, onTestFinished } from 'vitest';
import { EventBus } from '../../src/telemetry/event-bus.ts';

/** A bus on which no listener may fail; the test does, when one has. */
export function strictBus(): EventBus {
  const errors: unknown[] = [];
  onTestFinished(() => expect(errors).toEqual([]));
  return new EventBus((error) => errors.push(error));
}
