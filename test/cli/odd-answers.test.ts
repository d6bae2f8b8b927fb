import { expect, it } from 'vitest';
import { listenHttp } from '../gateway/wire.ts';
import { watchOver } from '../integration/harness.ts';
import { commandLine } from './command-line.ts';

const NO_WATCHDOG = 'its answer is not that of a watchdog of this version';
const at = '2026-11-29T12:00:00.000Z';

/** Something that is no watchdog, or means ill; it counts its calls. */
async function answering(status: number, body: unknown): Promise<{ readonly url: string; calls: number }> {
  const found = { url: '', calls: 0 };
  const { url } = await listenHttp((_, response) => {
    found.calls += 1;
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  return Object.assign(found, { url });
}

it.each<[string, unknown]>([
  ['status', {}],
  ['status', { instances: [], accounts: [] }],
  ['instances', {}],
  ['instances', { instances: {}, nextCursor: null }],
  ['instances', { instances: ['support'], nextCursor: null }],
  ['instances', { instances: [{ name: 'support' }], nextCursor: null }],
  ['instances', { instances: [] }],
  ['events', {}],
  ['events', { events: [{}] }],
  ['events', { events: [{ id: 1, at: 'soon', type: 'x', level: 'info', message: 'x' }] }],
  ['report', {}],
  ['report --by instance', { instances: [], nextCursor: 7 }],
  ['pause support', { instance: 'support' }],
  ['probe --now support', {}],
  ['reload', {}],
])('%s says so where no watchdog answers, but with %j', async (command, body) => {
  const { url } = await answering(200, body);
  const { exit, output } = await commandLine([...command.split(' '), '--url', url], { WATCHDOG_TOKEN: 'x' });
  expect({ exit, output }).toEqual({ exit: 1, output: expect.stringContaining(NO_WATCHDOG) as unknown });
  expect(output).not.toMatch(/Error/);
});

it('a list of instances that leads to itself is given up', async () => {
  const found = await answering(200, { instances: [], total: 0, nextCursor: 'again' });
  expect(await commandLine(['instances', '--url', found.url])).toEqual({
    exit: 1,
    output: expect.stringContaining(NO_WATCHDOG) as unknown,
  });
  expect(found.calls).toBe(2);
});

it('a failure that says nothing is named by its status', async () => {
  const { url } = await answering(502, { error: 'x' });
  expect(await commandLine(['status', '--url', url])).toEqual({
    exit: 1,
    output: expect.stringContaining(`no watchdog answers at ${url}: HTTP 502.`) as unknown,
  });
});

it.each([
  [301, '', 'it redirects to another address (HTTP 301)'],
  [302, '<html>Moved</html>', 'it redirects to another address (HTTP 302)'],
  [502, '<html>\u001b[31mBad Gateway</html>', 'HTTP 502'],
  [502, '', 'HTTP 502'],
  [200, '<html>Log in</html>', NO_WATCHDOG],
  [200, '', NO_WATCHDOG],
])('HTTP %i with %j, as something in between answers, is named in words', async (status, body, words) => {
  const { url } = await listenHttp((_, response) => {
    response.writeHead(status, { location: 'http://127.0.0.1:9/', 'content-type': 'text/html' }).end(body);
  });
  for (const command of ['status', 'reload']) {
    const { exit, output } = await commandLine([command, '--url', url], { WATCHDOG_TOKEN: 'x' });
    expect({ exit, output }).toEqual({
      exit: 1,
      output: expect.stringContaining(`no watchdog answers at ${url}: ${words}.`) as unknown,
    });
  }
});

it('events of a later version, with words that are not known, are shown', async () => {
  const { url } = await answering(200, {
    events: [{ id: 1, at, type: 'new', level: 'notice', message: 'Hello.', more: [] }],
  });
  expect(await commandLine(['events', '--url', url])).toEqual({
    exit: 0,
    output: expect.stringContaining('Hello.') as unknown,
  });
});

it('instances of a later version, with words that are not known, are shown', async () => {
  const { daemon } = await watchOver({ '1190000': 'connected' });
  await daemon.phase('1190000', 'healthy');
  const { instances } = (await daemon.api('/api/v1/instances')) as { readonly instances: readonly object[] };
  const later = instances.map((each) => ({
    ...{ ...each, more: [] },
    lastProbe: { at, verdict: 'odd', cause: 'tired', detail: null, seconds: 1 },
  }));
  const { url } = await answering(200, { instances: later, total: 1, nextCursor: null });
  const resting = later.map((each) => ({ ...each, phase: 'resting' }));
  const unknown = await answering(200, { instances: resting, total: 1, nextCursor: null });
  expect((await commandLine(['instances', '--url', unknown.url])).output).toContain(NO_WATCHDOG);
  for (const command of ['instances', 'instances --json']) {
    const { exit, output } = await commandLine([...command.split(' '), '--url', url]);
    expect({ exit, output }).toEqual({
      exit: 0,
      output: expect.stringMatching(/1190000[^]*tired/) as unknown,
    });
  }
});
