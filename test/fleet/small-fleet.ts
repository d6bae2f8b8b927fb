import type { FleetEvent } from '../../src/core/event.ts';
import type { Gateway, HealthRoute, ProbeResult, RestartResult, Target } from '../../src/gateway/gateway.ts';
import type { DurationMs, EpochMs } from '../../src/core/time.ts';
import type { Cause } from '../../src/core/verdict.ts';
import type { Policy } from '../../src/core/policy.ts';
import type { GuardSettings } from '../../src/runtime/guards/guards.ts';
import { RequestLimiter } from '../../src/runtime/fleet/request-limiter.ts';
import type { Reach } from '../../src/gateway/gateway.ts';
import { RestartLimiter } from '../../src/runtime/fleet/restart-limiter.ts';
import { Watchdog } from '../../src/runtime/watchdog.ts';
import { memoryStore } from '../../src/store/memory.ts';
import type { StateStore } from '../../src/store/store.ts';
import { sleep } from '../../src/time/clock.ts';
import { testPolicy } from './policy.ts';
import { SimulatedClock } from '../../src/simulation/simulated-clock.ts';

/** A gateway made of variables. */
export class FakeGateway implements Gateway {
  readonly causes = new Map<string, Cause>();
  readonly probes: { id: string; at: EpochMs }[] = [];
  readonly restarts: { id: string; at: EpochMs }[] = [];
  probeTakes: DurationMs = 0;
  /** Comes with `rate_limited`. */
  retryAfter: DurationMs | null = null;
  restartTakes: DurationMs = 1_000;
  result: Partial<RestartResult> = {};
  onRestart: (id: string) => void = (id) => this.causes.set(id, 'connected');
  most = 0;
  private readonly clock: SimulatedClock;
  private inFlight = 0;

  constructor(clock: SimulatedClock) {
    this.clock = clock;
  }

  async probe({ phoneNumberId: id }: Target, timeout: DurationMs, signal: AbortSignal): Promise<ProbeResult> {
    this.probes.push({ id, at: this.clock.now() });
    this.inFlight += 1;
    this.most = Math.max(this.most, this.inFlight);
    const cause = this.causes.get(id) ?? 'connected';
    const takes = cause === 'timeout' ? timeout : this.probeTakes;
    if (takes > 0) await sleep(this.clock, takes, signal);
    this.inFlight -= 1;
    const retryAfter = cause === 'rate_limited' ? this.retryAfter : null;
    return { cause: signal.aborted ? 'aborted' : cause, detail: null, retryAfter };
  }

  async restart({ phoneNumberId: id }: Target, { signal }: { signal: AbortSignal }): Promise<RestartResult> {
    this.restarts.push({ id, at: this.clock.now() });
    await sleep(this.clock, this.restartTakes, signal);
    const ended = { httpStatus: 200, body: null, detail: null, refusal: null, rateLimited: false, retryAfter: null };
    if (signal.aborted) return { ...ended, outcome: 'unknown', httpStatus: null };
    this.onRestart(id);
    return { ...ended, outcome: 'accepted', ...this.result };
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

export interface SmallFleet {
  readonly clock: SimulatedClock;
  readonly gateway: FakeGateway;
  readonly store: StateStore;
  readonly events: FleetEvent[];
  readonly watch: Watchdog;
}

export interface SmallFleetOptions {
  clock?: SimulatedClock;
  gateway?: FakeGateway;
  store?: StateStore;
  ids?: readonly string[];
  policy?: Policy;
  requestsPerSecond?: number;
  concurrency?: number;
  concurrentRestarts?: number;
  restartsPerMinute?: number;
  dryRun?: boolean;
  guard?: Partial<GuardSettings['guard']>;
  connectivity?: Partial<GuardSettings['connectivity']>;
  maintenance?: GuardSettings['maintenance'];
  reach?: Reach;
  healthRoute?: HealthRoute;
  /** One account for each; the instances are dealt out to them in turn. */
  origins?: readonly string[];
}

/** The real loop over a fake gateway, on a simulated clock. */
export async function startSmallFleet(options: SmallFleetOptions = {}): Promise<SmallFleet> {
  const clock = options.clock ?? new SimulatedClock();
  const gateway = options.gateway ?? new FakeGateway(clock);
  const store = options.store ?? memoryStore();
  const events: FleetEvent[] = [];
  const requestsPerSecond = options.requestsPerSecond ?? 1000;
  const accounts = (options.origins ?? ['http://fake']).map((origin, index) => ({
    name: index === 0 ? 'acme' : `acme${index + 1}`,
    gatewayName: 'fake',
    origin,
    ...(options.healthRoute && { healthRoute: options.healthRoute }),
    gateway,
    requests: new RequestLimiter(clock, { requestsPerSecond, concurrency: options.concurrency ?? 50 }),
    restarts: new RestartLimiter(clock, {
      concurrentRestarts: options.concurrentRestarts ?? 100,
      restartsPerMinute: options.restartsPerMinute ?? 1000,
    }),
    requestsPerSecond,
    size: 0,
  }));
  const policy = options.policy ?? testPolicy();
  const watch = await Watchdog.load({
    clock,
    store,
    publish: (event) => events.push(event),
    accounts,
    instances: (options.ids ?? ['1']).map((id, index) => ({
      account: accounts[index % accounts.length]?.name ?? 'acme',
      definition: { name: `n${id}`, phoneNumberId: id, labels: {}, enabled: true, policy },
    })),
    guards: {
      guard: {
        maxUnhealthy: { type: 'percent', percent: 100 },
        alwaysAllow: 1,
        stormCooldown: 0,
        startup: 0,
        ...options.guard,
      },
      connectivity: { targets: [], quorum: 1, every: 30_000, timeout: 5_000, ...options.connectivity },
      maintenance: options.maintenance ?? [],
      dryRun: options.dryRun ?? false,
    },
    reach: options.reach ?? (() => Promise.resolve(true)),
  });
  watch.start();
  return { clock, gateway, store, events, watch };
}

/** The same store as a plain object, so that a test can put something else in the place of one of its methods. */
export function bound(store: StateStore): StateStore {
  return {
    durable: store.durable,
    load: () => store.load(),
    save: (key, state) => store.save(key, state),
    remove: (key) => store.remove(key),
    close: () => store.close(),
  };
}
