import { connect } from 'node:net';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { BUILT_IN_GATEWAYS } from '../../src/config/gateways/built-in.ts';
import { namesStates } from '../../src/gateway/profiles/profile.ts';
import { compileRemedies } from '../../src/gateway/profiles/remedies.ts';
import { valuesOf } from '../../src/gateway/profiles/request-values.ts';
import { verdictOf } from '../../src/core/verdict.ts';
import { echoMarkIn, echoText } from '../../src/core/silence/echo.ts';
import { compileWebhooks } from '../../src/gateway/answers/webhook.ts';
import { Dialect } from '../../src/simulator/dialect.ts';
import { startSimulator } from '../../src/simulator/smileapi-server.ts';
import { systemClock } from '../../src/time/clock.ts';
import { builtIn } from './answers.ts';
import { bodyOf, gatewayAt, IDLE, listenHttp, TOKEN } from './wire.ts';

const ID = 'shop-1';
const OTHER = '5511999990001';
const OPTIONS = { timeout: 5_000, retries: 0, signal: IDLE };

/** A simulated gateway with one instance, and the way to it. */
async function simulated(name: string, token = TOKEN, webhook?: string) {
  const profile = builtIn(name);
  const dialect = new Dialect(profile, TOKEN);
  const instances = { [ID]: 'connected', ...(webhook !== undefined && { [OTHER]: 'connected' as const }) } as const;
  const simulator = await startSimulator({
    clock: systemClock(),
    username: null,
    token: null,
    instances,
    dialect,
    webhook,
  });
  onTestFinished(() => simulator.close());
  // No test waits for the pauses between calls.
  const remedies = profile.remedies.map(({ steps, ...remedy }) => ({
    ...remedy,
    steps: steps.map((step) => ({ ...step, wait: 0 })),
  }));
  const others = Object.fromEntries([...valuesOf(profile)].map((value) => [value, 'x']));
  const healthPath = profile.health?.request.path ?? null;
  const gateway = gatewayAt(simulator.url, {
    ...{ profile: { ...profile, remedies }, healthPath, restartMethod: 'auto' },
    values: { ...others, adminToken: 'x', partnerToken: 'x', secret: 'x', token, username: 'acme' },
  });
  const own = (id: string) => (dialect.hasOwnTokens ? { token: token === TOKEN ? dialect.tokenOf(id) : token } : {});
  const probe = (id = ID) => gateway.probe({ phoneNumberId: id, ...own(id) }, 5_000, IDLE);
  const restart = (word: string | null) => gateway.restart({ phoneNumberId: ID, ...own(ID) }, { ...OPTIONS, word });
  return { simulator, gateway, probe, restart };
}

// SmileAPI has a simulator of its own.
describe.each(BUILT_IN_GATEWAYS.filter((name) => name !== 'smileapi'))('a simulated %s', (name) => {
  it('is understood, and brought back by the remedy that fits', async () => {
    const { simulator, probe, restart } = await simulated(name);
    expect((await probe()).cause).toBe('connected');
    simulator.set(ID, 'disconnected');
    const { cause, word = null } = await probe();
    if (builtIn(name).examples['lost'] !== undefined) expect(verdictOf(cause)).toBe('unhealthy');
    expect(await restart(word)).toMatchObject({ outcome: 'accepted' });
    expect(simulator.counts(ID).restarts).toBe(1);
    expect((await probe()).cause).toBe('connected');
  });

  it('refuses restarts, wrong tokens and instances that it does not know', async () => {
    const { simulator, probe, restart, gateway } = await simulated(name);
    simulator.set(ID, 'restart_denied');
    const { word = null } = await probe();
    expect(await restart(word)).toMatchObject({ outcome: 'rejected' });
    const { cause, knownOnly } = await probe('nobody');
    expect(cause === 'not_found' || knownOnly === true).toBe(true);
    const { probe: asked, headers, basic } = builtIn(name);
    if (JSON.stringify([asked, headers, basic]).includes('{token}')) {
      expect((await (await simulated(name, 'wrong')).probe()).cause).toBe('unauthorized');
    }
    expect(await gateway.health(5_000, IDLE)).toBe(builtIn(name).health === null ? 'unknown' : 'up');
  });
});

describe.each(BUILT_IN_GATEWAYS.filter((name) => builtIn(name).list !== null))('the list of a simulated %s', (name) => {
  it('names all instances that it has, each with its state and its own token', async () => {
    const { simulator, gateway } = await simulated(name);
    simulator.set('shop-2', 'disconnected');
    const list = builtIn(name).list;
    const isStated = list !== null && namesStates(list);
    const result = await gateway.list(5_000, IDLE);
    const [one, two, ...rest] = result.type === 'listed' ? result.instances : [];
    expect([one?.id, one?.cause, rest]).toEqual([ID, isStated ? 'connected' : null, []]);
    expect(one?.token).toBe(list?.token === null ? null : new Dialect(builtIn(name), TOKEN).tokenOf(ID));
    // A partial list leaves out what does not run.
    expect(two?.id).toBe(list?.partial === true ? undefined : 'shop-2');
    if (isStated) expect(verdictOf(two?.cause ?? 'connected')).toBe('unhealthy');
    simulator.remove(ID);
    simulator.remove('shop-2');
    expect(await gateway.list(5_000, IDLE)).toEqual({ type: 'listed', instances: [], unusable: 0 });
    simulator.setList({ httpStatus: 500, body: '{"error":"no database"}' });
    expect(await gateway.list(5_000, IDLE)).toMatchObject({ type: 'failed', cause: 'server_error' });
    simulator.setList('hanging');
    expect(await gateway.list(50, IDLE)).toMatchObject({ type: 'failed', cause: 'timeout' });
    expect(simulator.requests().lists).toBe(4);
  });
});

it('disconnects WuzAPI only where it says that it is not connected, because a disconnect that comes late would end what is well', async () => {
  const remedyOf = compileRemedies(builtIn('wuzapi').remedies);
  const calls = (word: string | null) => remedyOf(word)?.steps.map(({ path }) => path);
  const { simulator, probe } = await simulated('wuzapi');
  simulator.set(ID, 'disconnected');
  expect(calls((await probe()).word ?? null)).toEqual(['/session/disconnect', '/session/connect']);
  for (const word of [null, 'no session']) expect(calls(word)).toEqual(['/session/connect']);
});

it('lets a restart of Evolution do nothing in close, where connect is what helps', async () => {
  const { simulator, gateway, probe } = await simulated('evolution');
  simulator.set(ID, 'disconnected');
  expect(await gateway.restart({ phoneNumberId: ID }, { ...OPTIONS, word: 'open' })).toMatchObject({
    outcome: 'rejected',
  });
  expect((await probe()).word).toBe('close');
  expect(simulator.counts(ID).restarts).toBe(0);
});

it('lives on when a caller is gone in the midst of a message', async () => {
  const { simulator, probe } = await simulated('evolution');
  const { port, host } = new URL(simulator.url);
  const caller = connect(Number(port), '127.0.0.1');
  caller.write(
    `POST /message/sendText/${ID} HTTP/1.1\r\nHost: ${host}\r\napikey: ${TOKEN}\r\nContent-Length: 9\r\n\r\n{`,
  );
  await vi.waitFor(() => expect(simulator.requests().total).toBe(1));
  caller.resetAndDestroy();
  expect((await probe()).cause).toBe('connected');
  expect(simulator.requests().sent).toBe(0);
});

const SENDING = BUILT_IN_GATEWAYS.filter(
  (name) => builtIn(name).send !== null && (builtIn(name).webhook?.message ?? null) !== null,
);

describe.each(SENDING)('a simulated %s', (name) => {
  it('sends a message, whose webhook brings its mark and names the instance that it reaches', async () => {
    const bodies: Promise<string>[] = [];
    let arrived = (): void => undefined;
    const first = new Promise<void>((resolve) => (arrived = resolve));
    const { url: webhook } = await listenHttp((request, response) => {
      bodies.push(bodyOf(request));
      response.end();
      arrived();
    });
    const { simulator, gateway } = await simulated(name, TOKEN, webhook);
    const dialect = new Dialect(builtIn(name), TOKEN);
    const target = { phoneNumberId: ID, ...(dialect.hasOwnTokens && { token: dialect.tokenOf(ID) }) };
    const message = { to: OTHER, text: echoText('0123456789abcdef') };
    expect(await gateway.send?.(target, message, 5_000, IDLE)).toBe(true);
    await first;
    const body = await bodies[0]!;
    const { ofAccount } = compileWebhooks(builtIn(name));
    const json: unknown = JSON.parse(body);
    expect([echoMarkIn(body), ofAccount?.idsIn(json)[0], ofAccount?.kindOf(json, null)]).toEqual([
      '0123456789abcdef',
      OTHER,
      'message',
    ]);
    expect(body).toContain(ID);
    simulator.deaf.add(OTHER);
    expect(await gateway.send?.(target, message, 5_000, IDLE)).toBe(true);
    simulator.deaf.clear();
    simulator.deaf.add(ID);
    expect(await gateway.send?.(target, message, 5_000, IDLE)).toBe(true);
    expect([simulator.requests().sent, bodies.length]).toEqual([3, 1]);
    const refused = await simulated(name, 'wrong');
    if (name !== 'gowa') expect(await refused.gateway.send?.({ phoneNumberId: ID }, message, 5_000, IDLE)).toBe(false);
  });
});
