import { createServer, type RequestListener } from 'node:http';
import type { LookupFunction } from 'node:net';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { listen } from '../../test/gateway/wire.ts';
import { reachWith } from '../gateway/wire/reach.ts';
import { httpTransport } from '../notify/delivery/http-transport.ts';
import { processNames } from './process-names.ts';
import { proxyVariables } from './proxy.ts';

const reach = reachWith(proxyVariables({}));

const { signal } = new AbortController();

/** Every name leads here during a test, and the names that were looked up. */
function hereIsEveryName(): string[] {
  const asked: string[] = [];
  const lookup: LookupFunction = (name, _options, callback) => {
    asked.push(name);
    callback(null, [{ address: '127.0.0.1', family: 4 }]);
  };
  const spy = vi.spyOn(processNames, 'lookup').mockImplementation(lookup);
  onTestFinished(() => spy.mockRestore());
  return asked;
}

describe('what is called besides gateways', () => {
  it.each<[string, (port: number) => Promise<unknown>]>([
    ['a target of the connectivity check, by TCP', (port) => reach(`tcp://hook.test:${port}`, signal)],
    ['one by HTTP', (port) => reach(`http://hook.test:${port}/`, signal)],
    [
      'a webhook, or a heartbeat',
      (port) => httpTransport().send({ url: `http://hook.test:${port}/`, proxy: null, headers: {}, body: '' }, signal),
    ],
  ])('%s shares the lookups of the process, and names us', async (_what, call) => {
    const asked = hereIsEveryName();
    const agents: (string | undefined)[] = [];
    const note: RequestListener = (request, response) => {
      agents.push(request.headers['user-agent']);
      response.end();
    };
    const { port } = await listen(createServer(note));
    expect(await call(port)).not.toBe(false);
    expect(asked).toEqual(['hook.test']);
    for (const agent of agents) expect(agent).toMatch(/^smileapi-watchdog\/\d/);
  });
});
