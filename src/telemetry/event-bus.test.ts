import { expect, test, vi } from 'vitest';
import type { FleetEvent } from '../core/event.ts';
import { EventBus } from './event-bus.ts';

const stable: FleetEvent = { type: 'stable', attempts: 1, at: 0, name: 'support', account: 'acme' };

test('every listener receives every event, in the order of subscribing', () => {
  const bus = new EventBus(vi.fn());
  const heard: string[] = [];
  bus.subscribe(({ type }) => heard.push(`first ${type}`));
  bus.subscribe(({ type }) => heard.push(`second ${type}`));
  const { publish } = bus;
  publish(stable);
  expect(heard).toEqual(['first stable', 'second stable']);
});

test('a listener that throws breaks neither the others nor the publisher', () => {
  const bus = new EventBus(vi.fn());
  const other = vi.fn();
  bus.subscribe(() => {
    throw new Error('broken');
  });
  bus.subscribe(other);
  bus.publish(stable);
  expect(other).toHaveBeenCalledExactlyOnceWith(stable);
});

test('a listener that throws again and again is reported once, and still receives events', () => {
  const onListenerError = vi.fn();
  const bus = new EventBus(onListenerError);
  const broken = vi.fn(() => {
    throw new Error('broken');
  });
  bus.subscribe(broken);
  bus.publish(stable);
  bus.publish(stable);
  expect(broken).toHaveBeenCalledTimes(2);
  expect(onListenerError).toHaveBeenCalledExactlyOnceWith(new Error('broken'));
});

test('two listeners that throw are reported each', () => {
  const onListenerError = vi.fn();
  const bus = new EventBus(onListenerError);
  for (const name of ['one', 'other']) {
    bus.subscribe(() => {
      throw new Error(name);
    });
  }
  bus.publish(stable);
  expect(onListenerError.mock.calls).toEqual([[new Error('one')], [new Error('other')]]);
});

test('a report that throws does not reach the publisher', () => {
  const bus = new EventBus(() => {
    throw new Error('the log is broken, too');
  });
  bus.subscribe(() => {
    throw new Error('broken');
  });
  expect(() => bus.publish(stable)).not.toThrow();
});

test('a listener that unsubscribes receives nothing further, even if the same function listens twice', () => {
  const bus = new EventBus(vi.fn());
  const listener = vi.fn();
  const leave = bus.subscribe(listener);
  bus.subscribe(listener);
  leave();
  leave();
  bus.publish(stable);
  expect(listener).toHaveBeenCalledTimes(1);
});

test('a listener that leaves during an event does not make another one miss it', () => {
  const bus = new EventBus(vi.fn());
  const other = vi.fn();
  const leave = bus.subscribe(() => leave());
  bus.subscribe(other);
  bus.publish(stable);
  expect(other).toHaveBeenCalledTimes(1);
});
