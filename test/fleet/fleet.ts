import { newInstance, type InstanceState } from '../../src/core/instance/instance.ts';
import { SECOND } from '../../src/core/time.ts';
import type { Gateway } from '../../src/gateway/gateway.ts';
import { Account, type AccountParts } from '../../src/runtime/fleet/account.ts';
import { Instance, type InstanceDefinition } from '../../src/runtime/fleet/instance.ts';
import type { Fleet } from '../../src/runtime/fleet/fleet.ts';
import { RequestLimiter } from '../../src/runtime/fleet/request-limiter.ts';
import type { GuardSettings } from '../../src/core/settings.ts';
import { SimulatedClock } from '../../src/simulation/simulated-clock.ts';
import { stateKey } from '../../src/store/store.ts';
import type { Clock } from '../../src/time/clock.ts';
import { FakeGateway } from './fake-gateway.ts';
import { testGuard, testPolicy } from './policy.ts';

export interface TestLimits {
  readonly requestsPerSecond?: number;
  readonly concurrency?: number;
  readonly concurrentRestarts?: number;
  readonly restartsPerMinute?: number;
}

export interface TestAccount
  extends Partial<Pick<AccountParts, 'name' | 'origin' | 'gatewayName' | 'healthRoute' | 'list'>>, TestLimits {
  readonly gateway: Gateway;
  /** Default: the product's own; the mutants of the simulated days have others. */
  readonly product?: { readonly Account: typeof Account; readonly RequestLimiter: typeof RequestLimiter };
}

/** An account whose limits are out of the way unless a test sets them. */
export function testAccount(clock: Clock, { product = { Account, RequestLimiter }, ...set }: TestAccount): Account {
  const limits = {
    requestsPerSecond: set.requestsPerSecond ?? 1000,
    concurrency: set.concurrency ?? 50,
    concurrentRestarts: set.concurrentRestarts ?? 100,
    restartsPerMinute: set.restartsPerMinute ?? 1000,
  };
  return new product.Account({
    name: set.name ?? 'acme',
    origin: set.origin ?? 'http://fake',
    gatewayName: set.gatewayName ?? 'fake',
    ...(set.healthRoute && { healthRoute: set.healthRoute }),
    gateway: set.gateway,
    list: set.list,
    requests: new product.RequestLimiter(clock, limits),
    restartLimits: limits,
    requestsPerSecond: limits.requestsPerSecond,
  });
}

export interface TestInstance extends Partial<InstanceDefinition> {
  /** Its phoneNumberId, and its name with an `n` before it. */
  readonly id?: string;
  readonly account?: string;
}

/** What the config says about one instance: what is given, and the defaults for the rest. */
export function testDefinition({ id = '1', account = 'acme', ...set }: TestInstance = {}): {
  readonly account: string;
  readonly definition: InstanceDefinition;
} {
  const policy = set.policy ?? testPolicy();
  return {
    account,
    definition: { name: `n${id}`, phoneNumberId: id, displayName: null, labels: {}, enabled: true, ...set, policy },
  };
}

export interface TestGuards {
  readonly guard?: Partial<GuardSettings['guard']> | undefined;
  readonly connectivity?: Partial<GuardSettings['connectivity']> | undefined;
  readonly maintenance?: GuardSettings['maintenance'] | undefined;
  readonly dryRun?: boolean | undefined;
}

/** Guards that hold nothing unless a test sets them. */
export function testGuards(set: TestGuards = {}): GuardSettings {
  return {
    guard: testGuard(set.guard),
    connectivity: { targets: [], quorum: 1, every: 30 * SECOND, timeout: 5 * SECOND, ...set.connectivity },
    maintenance: set.maintenance ?? [],
    dryRun: set.dryRun ?? false,
  };
}

export interface HandMadeInstance extends TestInstance {
  readonly state?: Partial<InstanceState>;
}

export interface HandMadeFleet extends Fleet {
  readonly instances: Map<string, Instance>;
}

/** A fleet that nothing watches: whatever a test puts into it stays as it is. */
export function handMadeFleet(instances: readonly HandMadeInstance[], clock = new SimulatedClock()): HandMadeFleet {
  const limits = { requestsPerSecond: 20, concurrentRestarts: 3, restartsPerMinute: 6 };
  const gateway = new FakeGateway(clock);
  const fleet = { accounts: new Map<string, Account>(), instances: new Map<string, Instance>() };
  for (const { state, ...set } of instances) {
    const { account: name, definition } = testDefinition({ name: 'support', phoneNumberId: '5511987654321', ...set });
    const account =
      fleet.accounts.get(name) ?? testAccount(clock, { name, gatewayName: 'smileapi', gateway, ...limits });
    fleet.accounts.set(name, account);
    const key = stateKey(name, definition.phoneNumberId);
    const full = { ...newInstance(1, clock.now()), ...state };
    fleet.instances.set(definition.name, new Instance(definition, account, key, { revision: 0, state: full }));
  }
  return fleet;
}

/** Guards that have nothing to say. */
export const QUIET_GUARDS = { networkUp: true };
