import { expect, it } from 'vitest';
import { FakeGateway } from '../../../test/fleet/fake-gateway.ts';
import { testAccount } from '../../../test/fleet/fleet.ts';
import { SECOND } from '../../core/time.ts';
import { SimulatedClock } from '../../simulation/simulated-clock.ts';
import { SharedGateway, type Account } from './account.ts';
import { roomForCall } from './call-room.ts';
import { RequestLimiter } from './request-limiter.ts';

const ONE_AT_A_TIME = { requestsPerSecond: 1_000, concurrency: 1 };
const IDLE = new AbortController().signal;

/** An account that may make two calls at a time, at a gateway that takes one, and what waits there in turn. */
function start() {
  const clock = new SimulatedClock();
  const account = testAccount(clock, { gateway: new FakeGateway(clock), concurrency: 2 });
  account.shared = at('http://one', account, clock);
  const got: string[] = [];
  const wait = (name: string, signal = IDLE, urgent = false): void =>
    void roomForCall(account, signal, urgent).then((leave) => got.push(leave === null ? `${name} not` : name));
  return { clock, account, got, wait };
}

function at(origin: string, account: Account, clock: SimulatedClock): SharedGateway {
  const gateway = new SharedGateway(origin, new Set([account]));
  gateway.requests = new RequestLimiter(clock, ONE_AT_A_TIME);
  return gateway;
}

it('a call needs room by the limits of its account and by those of its gateway, and gives both back', async () => {
  const { clock, account, got, wait } = start();
  const leave = await roomForCall(account, IDLE);
  wait('second');
  await clock.run(SECOND);
  expect([got, account.requests.queued, account.shared?.requests?.queued]).toEqual([[], 0, 1]);
  wait('third');
  leave?.();
  await clock.run(SECOND);
  expect([got, account.requests.queued, account.shared?.requests?.queued]).toEqual([['second'], 0, 1]);
});

it('an urgent call goes before the others that wait for the gateway', async () => {
  const { clock, account, got, wait } = start();
  const own = testAccount(clock, { gateway: account.gateway });
  own.shared = account.shared;
  const leave = await roomForCall(own, IDLE);
  wait('usual');
  wait('urgent', IDLE, true);
  await clock.run(SECOND);
  leave?.();
  await clock.run(SECOND);
  expect(got).toEqual(['urgent']);
});

it('a wait ends with its signal, and takes no room from others', async () => {
  const { clock, account, got, wait } = start();
  const leave = await roomForCall(account, IDLE);
  const stop = new AbortController();
  wait('second', stop.signal);
  wait('third', AbortSignal.abort());
  stop.abort();
  await clock.run(SECOND);
  expect(got).toEqual(['third not', 'second not']);
  leave?.();
  wait('fourth');
  await clock.run(SECOND);
  expect(got.at(-1)).toBe('fourth');
});

it('an account that moves to another gateway meanwhile waits there', async () => {
  const { clock, account, got, wait } = start();
  const before = account.shared;
  const leave = await roomForCall(account, IDLE);
  wait('second');
  account.shared = at('http://two', account, clock);
  account.shared.requests?.enter(() => undefined);
  leave?.();
  await clock.run(SECOND);
  expect([got, before?.requests?.queued, account.shared.requests?.queued]).toEqual([[], 0, 1]);
  account.shared.requests?.leave();
  await clock.run(SECOND);
  expect(got).toEqual(['second']);
});
