import { describe, expect, it, onTestFinished } from 'vitest';
import { request } from 'undici';
import { PRESETS } from './instance/behaviour.ts';
import { ManualClock } from '../../test/simulator/manual-clock.ts';
import { serveSimulator, type Simulator } from './smileapi-server.ts';

const ID = '5511900000000';

async function serve(instances = 2) {
  const lines: string[] = [];
  const clock = new ManualClock();
  const options = { clock, instances, username: 'acme', token: 's3cret' };
  const simulator = await serveSimulator(options, (line) => lines.push(line));
  onTestFinished(() => simulator.close());
  return { simulator, clock, lines };
}

async function ask(simulator: Simulator, method: 'GET' | 'PUT' | 'POST', path: string, body: string | null = null) {
  const headers = { authorization: 'Bearer s3cret' };
  const answer = await request(simulator.url + path, { method, headers, body });
  return { status: answer.statusCode, text: await answer.body.text() };
}

const put = (simulator: Simulator, path: string, value: unknown) => ask(simulator, 'PUT', path, JSON.stringify(value));

/** A behaviour that changes `times` times. */
function changing(times: number): string {
  const well = '"probe":"qr","onRestart":[{"answers":"denied","effect":null}]';
  return `{"behaviour":${`{${well},"changes":{"after":1,"to":`.repeat(times)}{${well}}${'}}'.repeat(times)}}`;
}

describe('a simulator that runs on its own', () => {
  it('says in one line of JSON where it is, and keeps the token to itself', async () => {
    const { simulator, lines } = await serve(3);
    expect(lines).toEqual([JSON.stringify({ url: simulator.url, username: 'acme', instances: 3 })]);
  });
});

describe('another process', () => {
  it('sets the behaviour of one instance and leaves the others alone', async () => {
    const { simulator } = await serve();
    expect(await put(simulator, `/_sim/instances/${ID}`, { preset: 'disconnected' })).toMatchObject({ status: 200 });
    expect((await ask(simulator, 'GET', `/acme/v1/${ID}/instance`)).text).toContain('"state":"close"');
    expect(simulator.behaviour('5511900000001')).toBe(PRESETS.connected);
  });

  it('sets a custom behaviour', async () => {
    const { simulator } = await serve();
    const behaviour = {
      probe: { httpStatus: 200, body: '{"connected":false}' },
      onRestart: [
        { answers: 'hanging', effect: null },
        { answers: 'accepted', effect: { after: 1_000, becomes: 'connected' } },
      ],
      latency: 5,
      changes: { after: 9_000, to: { probe: 'qr', onRestart: [{ answers: 'denied', effect: null }] } },
    };
    expect(await put(simulator, `/_sim/instances/${ID}`, { behaviour })).toMatchObject({ status: 200 });
    expect(simulator.behaviour(ID)).toEqual(behaviour);
  });

  it('accepts up to twenty changes to come', async () => {
    const { simulator, clock } = await serve();
    expect(await ask(simulator, 'PUT', `/_sim/instances/${ID}`, changing(20))).toMatchObject({ status: 200 });
    clock.advance(19);
    expect(simulator.behaviour(ID).changes).toBeDefined();
    clock.advance(1);
    expect(simulator.behaviour(ID).changes).toBeUndefined();
  });

  it('sets all instances at once', async () => {
    const { simulator } = await serve();
    await put(simulator, '/_sim/instances', { preset: 'hanging' });
    expect(simulator.phoneNumberIds().map((id) => simulator.behaviour(id).probe)).toEqual(['hanging', 'hanging']);
  });

  it('makes a new instance, its id percent-encoded', async () => {
    const { simulator } = await serve();
    await put(simulator, '/_sim/instances/a%2Fb', { preset: 'qr' });
    expect(simulator.behaviour('a/b')).toBe(PRESETS.qr);
  });

  it('counts the requests of an instance, without seeing the token', async () => {
    const { simulator, clock } = await serve();
    await ask(simulator, 'GET', `/acme/v1/${ID}/instance`);
    await ask(simulator, 'POST', `/acme/v1/${ID}/instance/restart`);
    const { text } = await ask(simulator, 'GET', `/_sim/instances/${ID}`);
    expect(JSON.parse(text)).toEqual({
      phoneNumberId: ID,
      behaviour: PRESETS.connected,
      probes: 1,
      restarts: 1,
      restartTimes: [clock.now()],
    });
    expect(text).not.toContain('s3cret');
  });

  it('counts the requests of the server, without control requests', async () => {
    const { simulator } = await serve();
    await ask(simulator, 'GET', `/acme/v1/${ID}/instance`);
    const { text } = await ask(simulator, 'GET', '/_sim/stats');
    expect(JSON.parse(text)).toEqual({
      instances: 2,
      requests: { total: 1, probes: 1, restarts: 0, health: 0, lists: 0, sent: 0, unauthorized: 0, unmatched: 0 },
    });
  });

  it('makes the gateway itself unhealthy', async () => {
    const { simulator } = await serve();
    await put(simulator, '/_sim/health', { healthy: false });
    expect(await ask(simulator, 'GET', '/v1/health')).toMatchObject({ status: 503 });
  });

  it.each([
    ['no JSON', 'disconnected'],
    ['no such preset', '{"preset":"toString"}'],
    ['a behaviour without reactions', '{"behaviour":{"probe":"qr","onRestart":[]}}'],
    ['an unknown key', '{"preset":"qr","more":1}'],
    ['a time before now', '{"behaviour":{"probe":"qr","onRestart":[{"answers":"denied","effect":null}],"latency":-1}}'],
    ['an impossible status', '{"behaviour":{"probe":{"httpStatus":42,"body":""},"onRestart":[]}}'],
    ['more changes than allowed', changing(21)],
    ['nesting beyond all reason', changing(550)],
  ])('is refused and changes nothing with %s', async (_what, body) => {
    const { simulator } = await serve();
    const answer = await ask(simulator, 'PUT', `/_sim/instances/${ID}`, body);
    expect(answer.status).toBe(400);
    expect(answer.text).toContain('presets: connected, ');
    expect(simulator.behaviour(ID)).toBe(PRESETS.connected);
  });

  it('is refused with a body beyond 64 KiB', async () => {
    const { simulator } = await serve();
    const answer = await ask(simulator, 'PUT', `/_sim/instances/${ID}`, ' '.repeat(64 * 1024 + 1));
    expect(answer.status).toBe(413);
    expect(simulator.behaviour(ID)).toBe(PRESETS.connected);
  });

  it('gets an error when there is no such instance or route', async () => {
    const { simulator } = await serve();
    const unknown = await ask(simulator, 'GET', '/_sim/instances/nobody');
    expect([unknown.status, unknown.text]).toEqual([404, expect.stringContaining('no simulated instance')]);
    expect(await ask(simulator, 'GET', '/_sim/nothing')).toMatchObject({ status: 404 });
    expect(await put(simulator, '/_sim/instances/', { preset: 'qr' })).toMatchObject({ status: 404 });
    expect(await ask(simulator, 'GET', '/_sim/instances/%zz')).toMatchObject({ status: 400 });
  });
});
