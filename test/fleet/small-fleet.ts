import type { FleetEvent, Publish } from '../../src/core/event.ts';
import type { Policy } from '../../src/core/policy.ts';
import { DAY, MINUTE, type DurationMs, type EpochMs } from '../../src/core/time.ts';
import type { HealthRoute, Reach } from '../../src/gateway/gateway.ts';
import type { GuardSettings } from '../../src/core/settings.ts';
import type { Account } from '../../src/runtime/fleet/account.ts';
import type { Instance } from '../../src/runtime/fleet/instance.ts';
import type { Reloaded } from '../../src/runtime/reconcile/apply-reload.ts';
import { Watchdog, type WatchdogParts } from '../../src/runtime/watchdog.ts';
import { promisesSettled, SimulatedClock } from '../../src/simulation/simulated-clock.ts';
import type { StateStore } from '../../src/store/store.ts';
import { WallClock } from '../../src/time/wall-clock.ts';
import { FakeGateway } from './fake-gateway.ts';
import { emptyStore } from './small-store.ts';
import {
  testAccount,
  testDefinition,
  testGuards,
  type TestGuards,
  type TestInstance,
  type TestLimits,
} from './fleet.ts';
import { testPolicy } from './policy.ts';

export interface SmallFleet {
  readonly clock: SimulatedClock;
  readonly gateway: FakeGateway;
  readonly store: StateStore;
  readonly events: FleetEvent[];
  readonly wall: WallClock;
  readonly watch: Watchdog;
  /** The events of this type, in order. */
  readonly published: (type: FleetEvent['type']) => readonly FleetEvent[];
  /** The one of this name, which must be there. */
  readonly instance: (name: string) => Instance;
}

export interface SmallFleetOptions extends TestLimits, TestGuards {
  readonly clock?: SimulatedClock;
  readonly gateway?: FakeGateway;
  readonly store?: StateStore;
  readonly ids?: readonly string[];
  /** Instead of `ids`: what there is to say of each. */
  readonly instances?: readonly TestInstance[];
  readonly policy?: Policy;
  readonly keepRemoved?: DurationMs;
  /** False: it is only loaded. */
  readonly starts?: boolean;
  readonly reach?: Reach;
  readonly healthRoute?: HealthRoute;
  readonly mayRestart?: (account: string) => boolean;
  /** Whether its gateway lists its instances with their states. */
  readonly lists?: boolean;
  /** Receives the events as well. */
  readonly publish?: Publish;
  /** One account for each; the instances named by `ids` are dealt out to them in turn. */
  readonly origins?: readonly string[];
  /** For messages that instances send. */
  readonly newMark?: WatchdogParts['newMark'];
  readonly onEcho?: WatchdogParts['onEcho'];
}

/** A clock for a fleet that waits for no I/O; a day of it takes half the time. */
export function fleetClock(start?: EpochMs): SimulatedClock {
  return new SimulatedClock(start, null, promisesSettled);
}

/** Ids from 1. */
export const ids = (count: number): string[] => Array.from({ length: count }, (_, index) => String(index + 1));

/** More than two in five are a storm, and two quiet minutes follow it. */
export const FORTY = { maxUnhealthy: { type: 'percent', percent: 40 }, stormCooldown: 2 * MINUTE } as const;

/** The real loop over a fake gateway, on a simulated clock. */
export async function startSmallFleet(options: SmallFleetOptions = {}): Promise<SmallFleet> {
  const clock = options.clock ?? fleetClock();
  const gateway = options.gateway ?? new FakeGateway(clock);
  const store = options.store ?? emptyStore(clock);
  const events: FleetEvent[] = [];
  const wall = new WallClock(clock);
  const list = { route: gateway, namesStates: true, partial: false };
  const { policy = testPolicy(), origins = ['http://fake'] } = options;
  const names = origins.map((_, index) => (index === 0 ? 'acme' : `acme${index + 1}`));
  const dealt = (options.ids ?? ['1']).map((id, index): TestInstance => ({
    id,
    account: names[index % names.length]!,
  }));
  const watch = await Watchdog.load({
    clock,
    wall,
    store,
    publish(event) {
      events.push(event);
      options.publish?.(event);
    },
    accounts: origins.map((origin, index) =>
      testAccount(clock, { ...options, gateway, origin, name: names[index]!, ...(options.lists && { list }) }),
    ),
    instances: (options.instances ?? dealt).map((instance) => testDefinition({ policy, ...instance })),
    guards: testGuards(options),
    keepRemoved: options.keepRemoved ?? 30 * DAY,
    ...(options.newMark && { newMark: options.newMark }),
    ...(options.onEcho && { onEcho: options.onEcho }),
    reach: options.reach ?? (() => Promise.resolve(true)),
    ...(options.mayRestart && { mayRestart: options.mayRestart }),
  });
  if (options.starts !== false) watch.start();
  const published = (type: FleetEvent['type']) => events.filter((event) => event.type === type);
  const instance = (name: string) => watch.fleet.instances.get(name)!;
  return { clock, wall, gateway, store, events, watch, published, instance };
}

/** What a reload may change, for a test; what is not given stays as it is. */
export interface TestReload {
  readonly accounts?: readonly Account[] | undefined;
  readonly instances?: readonly TestInstance[] | undefined;
  readonly guards?: GuardSettings | undefined;
  readonly keepRemoved?: DurationMs | undefined;
}

/** Prepares a reload, as the daemon does; what it resolves with makes the change. */
export function prepareReload(watch: Watchdog, wanted: TestReload): Promise<() => Reloaded> {
  const { accounts, instances } = watch.fleet;
  const unchanged = [...instances.values()].map(({ account, definition }) => ({ account: account.name, definition }));
  return watch.prepareReload({
    accounts: wanted.accounts ?? [...accounts.values()],
    instances: wanted.instances?.map(testDefinition) ?? unchanged,
    guards: wanted.guards ?? testGuards(),
    keepRemoved: wanted.keepRemoved ?? 30 * DAY,
  });
}

/** The same store as a plain object, so that a test can put something else in the place of one of its methods. */
export function bound(store: StateStore): StateStore {
  return {
    durable: store.durable,
    load: () => store.load(),
    save: (key, state, follows) => store.save(key, state, follows),
    remove: (key) => store.remove(key),
    close: () => store.close(),
  };
}
