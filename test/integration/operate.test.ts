import { describe, expect, it, onTestFinished } from 'vitest';
import { FAST, runDaemon, type RunningDaemon, simulate, TOKEN, watchOver, writeConfig } from './harness.ts';

const API = { token: 'write-token-1', gatewayHookToken: 'hook-token-1' };
/** The watchdog would not look again by itself within the test, so a busy machine has half a minute for each answer. */
const SLOW = {
  probe: { ...FAST.probe, every: '1h', retryEvery: '1h', timeout: '30s' },
  restart: { ...FAST.restart, timeout: '30s' },
};

interface Message {
  readonly event: string;
  readonly data: Record<string, unknown>;
}

/** Reads the live stream until `wanted` has come; ends with the test. */
async function listen(
  daemon: RunningDaemon,
  query = '',
): Promise<(wanted: (message: Message) => boolean) => Promise<Message>> {
  const leave = new AbortController();
  onTestFinished(() => leave.abort());
  const headers = { accept: 'text/event-stream' };
  const response = await fetch(`${daemon.url}/api/v1/events${query}`, { headers, signal: leave.signal });
  expect(response.headers.get('content-type')).toBe('text/event-stream');
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  const past: Message[] = [];
  let rest = '';
  return async (wanted) => {
    for (;;) {
      const found = past.find(wanted);
      if (found !== undefined) return found;
      const { value, done } = await reader.read();
      if (done) throw new Error('the stream has ended');
      const parts = (rest + value).split('\n\n');
      rest = parts.pop() ?? '';
      for (const part of parts) {
        const event = /^event: (.*)$/m.exec(part)?.[1];
        const data = /^data: (.*)$/m.exec(part)?.[1];
        if (event !== undefined && data !== undefined) past.push({ event, data: JSON.parse(data) as Message['data'] });
      }
    }
  };
}

/** Its first probe may be over before anybody could listen. */
async function firstProbe(daemon: RunningDaemon, name: string): Promise<void> {
  if (daemon.watchdog.fleet.instances.get(name)?.state.phase !== 'healthy') await daemon.phase(name, 'healthy');
}

const post = (daemon: RunningDaemon, path: string, body: unknown, token: string): Promise<Response> =>
  fetch(daemon.url + path, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

describe('an operator', () => {
  it('sees a disconnect as soon as the gateway reports it, restarts by a call, and sees it heal, all on the stream', async () => {
    const { simulator, daemon } = await watchOver(
      { '1190000': 'connected', '1190001': 'connected' },
      { defaults: SLOW, top: { api: API } },
    );
    const next = await listen(daemon, '?probes=true');
    await firstProbe(daemon, '1190000');

    simulator.set('1190000', 'disconnected');
    const hook = await fetch(`${daemon.url}/api/v1/hooks/gateway/1190000?token=hook-token-1`, {
      method: 'POST',
      body: '<x>',
    });
    expect(hook.status).toBe(202);
    await next(({ event, data }) => event === 'event' && data['to'] === 'suspect');
    await next(({ event, data }) => event === 'probes' && JSON.stringify(data).includes('"1190000","u"'));
    const changed = await next(
      ({ event, data }) => event === 'instances' && JSON.stringify(data).includes('"phase":"suspect"'),
    );
    expect(changed.data['instances']).toMatchObject([{ name: '1190000', lastProbe: { cause: 'disconnected' } }]);

    const restart = await post(daemon, '/api/v1/instances/1190000/restart', { wait: true }, API.token);
    expect(await restart.json()).toMatchObject({ restart: { outcome: 'accepted', requestedBy: '127.0.0.1' } });
    await next(({ event, data }) => event === 'event' && data['type'] === 'healed');
    expect(simulator.counts('1190000').restarts).toBe(1);
    expect(await daemon.api('/api/v1/status')).toMatchObject({ instances: { total: 2 }, writable: true });
  });

  it('finds no token in any answer, header, metric or line of the log', async () => {
    const simulator = await simulate({ '1190000': 'disconnected' });
    const secrets = [...Object.values(API), TOKEN, 'read-token-1'];
    const top = { api: { ...API, readToken: 'read-token-1' } };
    const daemon = await runDaemon(writeConfig(simulator, { defaults: SLOW, top }));
    const shown: string[] = [];
    for (const token of [...secrets, 'wrong']) {
      const headers = { authorization: `Bearer ${token}` };
      for (const path of ['/', '/metrics', '/api/v1/status', '/api/v1/instances', '/api/v1/instances/1190000']) {
        const response = await fetch(daemon.url + path, { headers });
        shown.push(await response.text(), JSON.stringify([...response.headers]));
      }
      for (const action of ['restart', 'probe', 'pause', 'resume', 'ack', 'reset']) {
        shown.push(await (await post(daemon, `/api/v1/instances/1190000/${action}`, { reason: 'r' }, token)).text());
      }
    }
    shown.push(await (await fetch(`${daemon.url}/api/v1/events?token=${API.gatewayHookToken}`)).text(), daemon.log());
    for (const secret of secrets) expect(shown.join('\n')).not.toContain(secret);
  });
});
