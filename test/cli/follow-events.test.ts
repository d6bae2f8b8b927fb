import type { ServerResponse } from 'node:http';
import { expect, it } from 'vitest';
import { systemClock, type Clock } from '../../src/time/clock.ts';
import { listenHttp } from '../gateway/wire.ts';
import { commandLine } from './command-line.ts';

/** What a fake daemon says: its last events, and its live stream. */
interface FakeDaemon {
  readonly url: string;
  recent: readonly object[];
  status: number;
  /** The stream that is open now; null: none. */
  stream: ServerResponse | null;
}

async function fakeDaemon(): Promise<FakeDaemon> {
  const daemon: FakeDaemon = { url: '', recent: [], status: 200, stream: null };
  const { url } = await listenHttp(({ headers }, response) => {
    if (daemon.status !== 200) response.writeHead(daemon.status).end('{"detail":"No."}');
    else if (headers.accept !== 'text/event-stream') response.end(JSON.stringify({ events: daemon.recent }));
    else {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('event: hello\ndata: {}\n\n');
      daemon.stream = response;
    }
  });
  return Object.assign(daemon, { url });
}

const event = (second: number, message: string, more: object = {}) => {
  return { id: second, at: `2026-11-29T12:00:0${second}.000Z`, type: 'x', level: 'info', message, ...more };
};
const sent = (of: object): string => `id: 1\nevent: event\ndata: ${JSON.stringify(of)}\n\n`;

/** Nobody waits for the next attempt. */
const AT_ONCE: Clock = {
  ...systemClock(),
  after: (delay, then) => systemClock().after(delay === 1_000 ? 0 : delay, then),
};

/** The command while it follows; `until` resolves once its output has a text. */
function follow(daemon: FakeDaemon, ...args: readonly string[]) {
  const stop = new AbortController();
  let output = '';
  const waiting: { readonly text: string; readonly then: () => void }[] = [];
  const write = (part: string): void => {
    output += part;
    for (const { text, then } of waiting) if (output.includes(text)) then();
  };
  const more = { stop: stop.signal, write, writeError: write, clock: AT_ONCE };
  const ended = commandLine(['events', '-f', '--url', daemon.url, ...args], {}, more);
  const until = (text: string): Promise<void> =>
    new Promise((then) => {
      if (output.includes(text)) then();
      else waiting.push({ text, then });
    });
  const end = async () => {
    stop.abort();
    return { exit: (await ended).exit, output };
  };
  return { until, end, ended };
}

const shown = (output: string): readonly string[] =>
  output.split('\n').flatMap((line) => /(?<=\s\s)\w+$/.exec(line) ?? []);

it('shows each event once, whichever way it comes, also those of other replicas', async () => {
  const daemon = await fakeDaemon();
  daemon.recent = [event(1, 'one', { id: 900 }), event(2, 'two')];
  const { until, end } = follow(daemon);
  await until('two');
  const text = sent(event(2, 'two')) + sent(event(3, 'three', { id: 7 }));
  daemon.stream?.write(text.slice(0, 90));
  daemon.stream?.write(text.slice(90));
  await until('three');
  const { exit, output } = await end();
  expect([exit, shown(output)]).toEqual([0, ['one', 'two', 'three']]);
});

it('goes on when the daemon is restarted, with what happened meanwhile', async () => {
  const daemon = await fakeDaemon();
  daemon.recent = [event(1, 'older'), event(2, 'one')];
  const { until, end } = follow(daemon, '--limit', '1');
  await until('one');
  // Its ids begin again, because nothing was stored.
  daemon.recent = [event(0, 'before'), event(2, 'one', { id: 1 }), event(3, 'meanwhile', { id: 2 })];
  daemon.stream?.destroy();
  await until('meanwhile');
  daemon.stream?.write(sent(event(4, 'again', { id: 3 })));
  await until('again');
  const { output } = await end();
  expect(shown(output)).toEqual(['older', 'one', 'meanwhile', 'again']);
  expect(output.match(/no watchdog answers at/g)).toHaveLength(1);
});

it('shows what is about one account alone', async () => {
  const daemon = await fakeDaemon();
  const { until, end } = follow(daemon, '--account', 'acme');
  await expect.poll(() => daemon.stream).not.toBeNull();
  daemon.stream?.write(sent(event(1, 'other', { account: 'b' })) + sent(event(2, 'ours', { account: 'acme' })));
  await until('ours');
  expect(shown((await end()).output)).toEqual(['ours']);
});

it('ends where the daemon never answered, or refuses it', async () => {
  const daemon = await fakeDaemon();
  daemon.status = 401;
  expect((await follow(daemon).ended).exit).toBe(1);
});
