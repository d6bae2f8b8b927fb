import { newInstance, type InstanceState } from '../../src/core/instance/instance.ts';
import { RequestLimiter } from '../../src/runtime/fleet/request-limiter.ts';
import { RestartLimiter } from '../../src/runtime/fleet/restart-limiter.ts';
import { Instance, type Account, type Fleet, type InstanceDefinition } from '../../src/runtime/fleet/fleet.ts';
import { testPolicy } from './policy.ts';
import { FakeGateway } from './small-fleet.ts';
import { SimulatedClock } from '../../src/simulation/simulated-clock.ts';

export interface HandMadeInstance extends Partial<InstanceDefinition> {
  readonly account?: string;
  readonly state?: Partial<InstanceState>;
}

export interface HandMadeFleet extends Fleet {
  readonly instances: Map<string, Instance>;
}

/** A fleet that nothing watches: whatever a test puts into it stays as it is. */
export function handMadeFleet(instances: readonly HandMadeInstance[], clock = new SimulatedClock()): HandMadeFleet {
  const accounts = new Map<string, Account>();
  const watched = new Map<string, Instance>();
  for (const { account: accountName = 'acme', state = {}, ...definition } of instances) {
    const account = accounts.get(accountName) ?? handMadeAccount(accountName, clock);
    accounts.set(accountName, account);
    const full: InstanceDefinition = {
      name: 'support',
      phoneNumberId: '5511987654321',
      labels: {},
      enabled: true,
      policy: testPolicy(),
      ...definition,
    };
    const key = `${accountName}/${full.phoneNumberId}`;
    watched.set(full.name, new Instance(full, account, key, { ...newInstance(1, clock.now()), ...state }));
  }
  return { accounts, instances: watched };
}

function handMadeAccount(name: string, clock: SimulatedClock): Account {
  return {
    name,
    origin: 'http://fake',
    gatewayName: 'smileapi',
    gateway: new FakeGateway(clock),
    requests: new RequestLimiter(clock, { requestsPerSecond: 20, concurrency: 50 }),
    restarts: new RestartLimiter(clock, { concurrentRestarts: 3, restartsPerMinute: 6 }),
    requestsPerSecond: 20,
    size: 0,
  };
}

/** Guards that have nothing to say. */
export const QUIET_GUARDS = { networkUp: true, inStorm: () => false, inGatewayOutage: () => false };
