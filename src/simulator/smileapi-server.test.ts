import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { request } from 'undici';
import { PRESETS, type Behaviour, type Preset } from './instance/behaviour.ts';
import { ManualClock } from '../../test/simulator/manual-clock.ts';
import { phoneNumberIdAt, type RecordedRequest, type SimulatorOptions } from './simulator.ts';
import { startSimulator, type Simulator } from './smileapi-server.ts';

const ID = '5511987654321';
const BEARER = { authorization: 'Bearer s3cret', accept: 'application/json' };
const UNAUTHORIZED = { status: 401, error: 'Unauthorized', message: 'Authentication failed' };

async function simulate(
  options: Partial<SimulatorOptions> = {},
): Promise<{ simulator: Simulator; clock: ManualClock }> {
  const clock = new ManualClock();
  const simulator = await startSimulator({
    clock,
    username: 'acme',
    token: 's3cret',
    instances: { [ID]: 'connected' },
    ...options,
  });
  onTestFinished(() => simulator.close());
  return { simulator, clock };
}

/** A simulator with one instance of this behaviour. */
async function one(what: Preset | Behaviour) {
  return simulate({ instances: { [ID]: what } });
}

async function ask(simulator: Simulator, method: string, path: string, headers: Record<string, string> = BEARER) {
  const { statusCode, headers: received, body } = await request(simulator.url + path, { method, headers });
  const text = await body.text();
  const isJson = String(received['content-type']).startsWith('application/json');
  return { status: statusCode, headers: received, text, json: isJson ? (JSON.parse(text) as unknown) : null };
}

const probe = (simulator: Simulator, id = ID) => ask(simulator, 'GET', `/acme/v1/${id}/instance`);
const restart = (simulator: Simulator, id = ID) => ask(simulator, 'POST', `/acme/v1/${id}/instance/restart`);

function nextRequest(simulator: Simulator): Promise<RecordedRequest> {
  return new Promise((resolve) => {
    const stop = simulator.onRequest((received) => {
      stop();
      resolve(received);
    });
  });
}

function stateOf(state: string) {
  return { status: 200, instance: { phoneNumberId: ID, state } };
}

describe('a probe', () => {
  it.each([
    ['connected', 200, stateOf('open')],
    ['disconnected', 200, stateOf('close')],
    ['connecting', 200, stateOf('connecting')],
    ['qr', 200, stateOf('qr')],
    ['banned', 200, stateOf('banned')],
    ['unknown_state', 200, stateOf('hibernating')],
    ['stateless', 200, { status: 200 }],
    ['unauthorized', 401, UNAUTHORIZED],
    ['not_found', 404, { status: 404, error: 'instance not found' }],
    ['rate_limited', 429, { status: 429, error: 'Too Many Requests' }],
    ['server_error', 500, { status: 500, error: 'Internal Server Error' }],
    ['unavailable', 503, { status: 503, error: 'Service Unavailable' }],
  ] as const)('of %s is answered %i', async (preset, status, body) => {
    const { simulator } = await one(preset);
    const answer = await probe(simulator);
    expect(answer.status).toBe(status);
    expect(answer.json).toEqual(body);
  });

  it.each(['rate_limited', 'unavailable'] as const)('of %s says when to come back', async (preset) => {
    const { simulator } = await one(preset);
    expect((await probe(simulator)).headers['retry-after']).toBe('1');
  });

  it('of html is answered 200 with a page', async () => {
    const { simulator } = await one('html');
    const answer = await probe(simulator);
    expect(answer.status).toBe(200);
    expect(answer.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(answer.text).toMatch(/^<!DOCTYPE html>/);
  });

  it('of huge is answered with 10 MiB of valid JSON', async () => {
    const { simulator } = await one('huge');
    const answer = await probe(simulator);
    expect(answer.text).toHaveLength(10 * 1024 * 1024);
    expect(answer.json).toMatchObject({ state: 'open' });
  });

  it('of reset ends in a reset connection', async () => {
    const { simulator } = await one('reset');
    await expect(probe(simulator)).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(simulator.counts(ID).probes).toBe(1);
  });

  it('of drip gets the head at once and then one byte per second', async () => {
    const { simulator, clock } = await one('drip');
    const { statusCode, headers, body } = await request(`${simulator.url}/acme/v1/${ID}/instance`, { headers: BEARER });
    expect(statusCode).toBe(200);
    const bytes = (body as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
    let text = '';
    for (let left = Number(headers['content-length']); left > 0; left -= 1) {
      const next = bytes.next();
      clock.advance(999);
      clock.advance(1);
      const { value } = (await next) as { value: Buffer };
      expect(value).toHaveLength(1);
      text += value.toString();
    }
    expect(JSON.parse(text)).toEqual({ status: 200, instance: { state: 'open' } });
    expect(clock.pending()).toBe(0);
  });

  it('waits as long as the instance is slow', async () => {
    const { simulator, clock } = await one({ ...PRESETS.connected, latency: 3_000 });
    const arrived = nextRequest(simulator);
    let answered = false;
    const answer = probe(simulator).finally(() => (answered = true));
    await arrived;
    clock.advance(2_999);
    expect([clock.pending(), answered]).toEqual([1, false]);
    clock.advance(1);
    expect((await answer).json).toEqual(stateOf('open'));
  });

  it('is answered in the words of the test, where it has its own', async () => {
    const body = '{"data":{"connection":"online"}}';
    const { simulator } = await one({ ...PRESETS.connected, probe: { httpStatus: 203, body } });
    const answer = await probe(simulator);
    expect([answer.status, answer.text]).toEqual([203, body]);
  });

  it('shows a change at once', async () => {
    const { simulator, clock } = await one('connected');
    await probe(simulator);
    simulator.set(ID, { ...PRESETS.disconnected, changes: { after: 2_000, to: PRESETS.banned } });
    expect((await probe(simulator)).json).toEqual(stateOf('close'));
    clock.advance(2_000);
    expect((await probe(simulator)).json).toEqual(stateOf('banned'));
  });
});

describe('a restart', () => {
  const accepted = { status: 'success', message: 'Instance restarted successfully', instanceId: ID };

  it('heals what can be healed', async () => {
    const { simulator } = await one('disconnected');
    expect(await restart(simulator)).toMatchObject({ status: 200, json: accepted });
    expect((await probe(simulator)).json).toEqual(stateOf('open'));
  });

  it.each([
    ['restart_lies', 200, accepted],
    ['restart_denied', 200, { error: true, message: 'Instance could not be restarted' }],
    ['qr', 200, accepted],
    ['banned', 200, accepted],
    ['unauthorized', 401, UNAUTHORIZED],
    ['not_found', 404, { status: 404, error: 'instance not found' }],
    ['rate_limited', 429, { status: 429, error: 'Too Many Requests' }],
    ['unavailable', 503, { status: 503, error: 'Service Unavailable' }],
  ] as const)('of %s is answered %i and changes nothing', async (preset, status, body) => {
    const { simulator } = await one(preset);
    const before = await probe(simulator);
    expect(await restart(simulator)).toMatchObject({ status, json: body });
    expect((await probe(simulator)).text).toBe(before.text);
  });

  it('without a route is answered 404 as Express does', async () => {
    const { simulator } = await one('restart_unsupported');
    const answer = await restart(simulator);
    expect(answer.status).toBe(404);
    expect(answer.text).toContain(`<pre>Cannot POST /acme/v1/${ID}/instance/restart</pre>`);
  });

  it('with the wrong method is answered 405 with the right one', async () => {
    const onRestart: Behaviour['onRestart'] = [{ answers: 'method_not_allowed', effect: null }];
    const { simulator } = await one({ probe: 'disconnected', onRestart });
    expect(await restart(simulator)).toMatchObject({ status: 405, headers: { allow: 'GET' } });
  });

  it('can happen although the connection is reset', async () => {
    const onRestart: Behaviour['onRestart'] = [{ answers: 'reset', effect: { after: 0, becomes: 'connected' } }];
    const { simulator } = await one({ probe: 'disconnected', onRestart });
    await expect(restart(simulator)).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect((await probe(simulator)).json).toEqual(stateOf('open'));
  });
});

describe('the caller', () => {
  it.each([
    ['no authorization', {}],
    ['another token', { authorization: 'Bearer other' }],
    ['another scheme', { authorization: 'Basic s3cret' }],
    ['a longer token', { authorization: 'Bearer s3cret2' }],
  ])('with %s is answered 401 and not counted for the instance', async (_what, headers) => {
    const { simulator } = await one('connected');
    for (const [method, path] of [
      ['GET', `/acme/v1/${ID}/instance`],
      ['POST', `/acme/v1/${ID}/instance/restart`],
    ] as const) {
      expect(await ask(simulator, method, path, headers)).toMatchObject({ status: 401, json: UNAUTHORIZED });
    }
    expect(simulator.counts(ID)).toMatchObject({ probes: 0, restarts: 0, lastHeaders: null });
    expect(simulator.requests()).toMatchObject({ total: 2, unauthorized: 2, probes: 0, restarts: 0 });
  });

  it('in the path of another account is answered 401', async () => {
    const { simulator } = await one('connected');
    expect(await ask(simulator, 'GET', `/other/v1/${ID}/instance`)).toMatchObject({ status: 401 });
  });

  it('does not matter when neither is checked', async () => {
    const { simulator } = await simulate({ username: null, token: null });
    expect(await ask(simulator, 'GET', `/anybody/v1/${ID}/instance`, {})).toMatchObject({ status: 200 });
  });
});

describe('routes', () => {
  it('answer 404 for an id that is not there, and create it on command', async () => {
    const { simulator } = await simulate();
    const missing = { status: 404, json: { status: 404, error: 'instance not found' } };
    expect(await probe(simulator, '5500')).toMatchObject(missing);
    expect(await restart(simulator, '5500')).toMatchObject(missing);
    simulator.set('5500', 'connected');
    expect(await probe(simulator, '5500')).toMatchObject({ status: 200 });
    expect(simulator.requests()).toMatchObject({ total: 3, unmatched: 2, probes: 1 });
  });

  it('refuse what cannot be decoded', async () => {
    const { simulator } = await simulate();
    expect(await ask(simulator, 'GET', '/acme/v1/%zz/instance')).toMatchObject({ status: 400 });
  });

  it.each([
    ['PUT', `/acme/v1/${ID}/instance/restart`],
    ['GET', `/acme/v1/${ID}/instance/restart`],
    ['DELETE', `/acme/v1/${ID}/instance`],
    ['GET', '/'],
  ])('that do not exist answer 404: %s %s', async (method, path) => {
    const { simulator } = await simulate();
    const answer = await ask(simulator, method, path);
    expect(answer.status).toBe(404);
    expect(answer.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(answer.text).toContain(`<pre>Cannot ${method} ${path}</pre>`);
    expect(simulator.counts(ID)).toMatchObject({ probes: 0, restarts: 0 });
  });

  it('repeat an unknown path harmlessly and without its query', async () => {
    const { simulator } = await simulate();
    const socket = connect(Number(new URL(simulator.url).port), '127.0.0.1');
    socket.end('GET /<b>"&?secret=1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    let text = '';
    for await (const chunk of socket) text += String(chunk);
    expect(text).toContain('<pre>Cannot GET /&lt;b&gt;&quot;&amp;</pre>');
  });

  it('keep connections open for ten minutes', async () => {
    const { simulator } = await simulate();
    expect((await probe(simulator)).headers['keep-alive']).toBe('timeout=600');
  });

  it('require POST for restarts', async () => {
    const { simulator } = await simulate();
    expect(await ask(simulator, 'PUT', `/acme/v1/${ID}/instance/restart`)).toMatchObject({ status: 404 });
    expect(await restart(simulator)).toMatchObject({ status: 200 });
  });

  it('show the health of the gateway without a token', async () => {
    const { simulator } = await simulate();
    expect(await ask(simulator, 'GET', '/v1/health', {})).toMatchObject({ status: 200, json: { status: 'ok' } });
    simulator.setHealthy(false);
    expect(await ask(simulator, 'GET', '/v1/health', {})).toMatchObject({ status: 503 });
    expect(simulator.requests()).toMatchObject({ total: 2, health: 2 });
  });

  it('have no control routes unless enabled', async () => {
    const { simulator } = await simulate();
    expect(await ask(simulator, 'GET', '/_sim/stats')).toMatchObject({ status: 404 });
  });
});

describe('counting', () => {
  it('has probes, restarts and their times for each instance', async () => {
    const { simulator, clock } = await simulate({ instances: { [ID]: 'dead', '5500': 'connected' } });
    const beganAt = clock.now();
    await probe(simulator);
    await restart(simulator);
    clock.advance(60_000);
    await restart(simulator);
    expect(simulator.counts(ID)).toMatchObject({
      probes: 1,
      restarts: 2,
      restartTimes: [beganAt, beganAt + 60_000],
      lastHeaders: BEARER,
    });
    expect(simulator.counts('5500')).toEqual({ probes: 0, restarts: 0, restartTimes: [], lastHeaders: null });
    expect(simulator.requests()).toMatchObject({ total: 3, probes: 1, restarts: 2 });
  });

  it('continues when the instance gets another behaviour', async () => {
    const { simulator } = await simulate();
    await probe(simulator);
    simulator.setAll('disconnected');
    await probe(simulator);
    expect(simulator.counts(ID).probes).toBe(2);
  });

  it('knows no instance that was never made', async () => {
    const { simulator } = await simulate();
    expect(() => simulator.counts('nobody')).toThrow('no simulated instance "nobody": make it with set()');
    expect(() => simulator.behaviour('nobody')).toThrow('no simulated instance "nobody"');
  });

  it('makes instances by number', async () => {
    const { simulator } = await simulate({ instances: 3 });
    expect(simulator.phoneNumberIds()).toEqual(['5511900000000', '5511900000001', '5511900000002']);
    expect(await probe(simulator, phoneNumberIdAt(2))).toMatchObject({ status: 200 });
  });
});

describe('the log', () => {
  it('keeps each request exactly as it came', async () => {
    const { simulator, clock } = await simulate();
    await restart(simulator);
    expect(simulator.log()).toEqual([
      {
        at: clock.now(),
        kind: 'restart',
        phoneNumberId: ID,
        method: 'POST',
        path: `/acme/v1/${ID}/instance/restart`,
        headers: { host: new URL(simulator.url).host, connection: 'keep-alive', 'content-length': '0', ...BEARER },
      },
    ]);
  });

  it('keeps the newest requests only', async () => {
    const { simulator } = await simulate({ logLimit: 2 });
    for (const path of ['/1', '/2', '/3']) await ask(simulator, 'GET', path);
    expect(simulator.log().map(({ path }) => path)).toEqual(['/2', '/3']);
  });

  it('can be switched off', async () => {
    const { simulator } = await simulate({ logLimit: 0 });
    await probe(simulator);
    expect(simulator.log()).toEqual([]);
  });

  it('reaches listeners, before the answer and until they stop', async () => {
    const { simulator } = await one('connected');
    const heard: string[] = [];
    const stop = simulator.onRequest(({ kind, path }) => {
      heard.push(`${kind} ${path} probes=${simulator.counts(ID).probes}`);
    });
    await probe(simulator);
    stop();
    await probe(simulator);
    expect(heard).toEqual([`probe /acme/v1/${ID}/instance probes=1`]);
  });
});

describe('closing', () => {
  it('ends hanging requests at once, and every timer with them', async () => {
    const { simulator, clock } = await simulate({
      instances: { [ID]: 'restart_hangs', '1': 'hanging', '2': { ...PRESETS.connected, latency: 60_000 }, '3': 'drip' },
    });
    const ended = [restart(simulator), probe(simulator, '1'), probe(simulator, '2'), probe(simulator, '3')].map(
      (pending) =>
        pending.then(
          () => 'answered',
          () => 'cut',
        ),
    );
    while (simulator.requests().total < ended.length) await nextRequest(simulator);
    await Promise.all([simulator.close(), simulator.close()]);
    expect(await Promise.all(ended)).toEqual(['cut', 'cut', 'cut', 'cut']);
    expect(clock.pending()).toBe(0);
    await expect(probe(simulator)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('forgets a delayed answer when its caller goes away', async () => {
    const { simulator, clock } = await one({ ...PRESETS.connected, latency: 60_000 });
    const { hostname, port } = new URL(simulator.url);
    const socket = connect(Number(port), hostname);
    const arrived = nextRequest(simulator);
    socket.write(`GET /acme/v1/${ID}/instance HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer s3cret\r\n\r\n`);
    await arrived;
    expect(clock.pending()).toBe(1);
    socket.destroy();
    await once(socket, 'close');
    // The next request arrives after the server has seen the first connection end.
    while (clock.pending() > 0) await ask(simulator, 'GET', '/v1/health');
  });

  it('leaves the port to the next one; a taken port is refused with a remedy', async () => {
    const { simulator } = await simulate();
    const port = Number(new URL(simulator.url).port);
    await expect(simulate({ port })).rejects.toThrow(
      `simulator cannot listen on 127.0.0.1:${port}: choose another port, or 0 for any`,
    );
    await simulator.close();
    const { simulator: next } = await simulate({ port });
    expect(next.url).toBe(simulator.url);
  });
});
