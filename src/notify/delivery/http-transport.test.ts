import { createServer, type RequestListener } from 'node:http';
import { describe, expect, it, onTestFinished } from 'vitest';
import { listen } from '../../../test/gateway/wire.ts';
import { httpTransport } from './http-transport.ts';

/** Where a server listens that ends with the test. */
const serve = async (listener: RequestListener): Promise<string> => (await listen(createServer(listener))).url;

function transport() {
  const http = httpTransport();
  onTestFinished(() => http.close());
  return (url: string, signal = new AbortController().signal) =>
    http.send(
      { url, proxy: null, headers: { 'content-type': 'application/json', 'webhook-id': 'a' }, body: '{"a":1}' },
      signal,
    );
}

it('posts the body with its headers, and answers with the status', async () => {
  let seen: unknown;
  const url = await serve((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      seen = [request.method, request.url, request.headers['webhook-id'], body];
      response.writeHead(202, { 'retry-after': '7' }).end('thanks');
    });
  });
  expect(await transport()(`${url}/hook?x=1`)).toEqual({ status: 202, retryAfter: '7', body: 'thanks' });
  expect(seen).toEqual(['POST', '/hook?x=1', 'a', '{"a":1}']);
});

it('follows no redirect', async () => {
  const asked: (string | undefined)[] = [];
  const url = await serve((request, response) => {
    asked.push(request.url);
    response.writeHead(307, { location: '/elsewhere' }).end();
  });
  expect(await transport()(`${url}/hook`)).toMatchObject({ status: 307 });
  expect(asked).toEqual(['/hook']);
});

describe('through a proxy', () => {
  const through = async (url: string, listener: RequestListener, onConnect?: string): Promise<unknown> => {
    const server = createServer(listener);
    server.on('connect', (_, socket) => socket.end(onConnect));
    const { port } = await listen(server);
    const http = httpTransport();
    onTestFinished(() => http.close());
    const request = { url, proxy: `http://user:p%3Ass@127.0.0.1:${port}`, headers: {}, body: '{}' };
    return http.send(request, new AbortController().signal).catch(String);
  };

  it('a hook without TLS is called by its whole address', async () => {
    const seen: unknown[] = [];
    const answer = await through('http://hook.invalid/x?y', ({ method, url, headers }, response) => {
      seen.push([method, url, headers.host, headers['proxy-authorization']]);
      response.writeHead(202).end();
    });
    expect(answer).toMatchObject({ status: 202 });
    expect(seen).toEqual([['POST', 'http://hook.invalid/x?y', 'hook.invalid', `Basic ${btoa('user:p:ss')}`]]);
  });

  it('a refusal of the proxy is reported as that of the proxy', async () => {
    const refused = await through('https://hook.invalid/x', () => undefined, 'HTTP/1.1 502 No\r\n\r\n');
    expect(refused).toBe('Error: no answer through the proxy: the proxy says HTTP 502');
    const login = await through('http://hook.invalid/x', (_, response) => response.writeHead(407).end());
    expect(login).toBe('Error: no answer through the proxy: the proxy says HTTP 407');
  });
});

it('reads only the beginning of an endless answer', async () => {
  const url = await serve((_, response) => {
    response.writeHead(200);
    const more = (): void => {
      while (!response.destroyed && response.write('x'.repeat(10_000)));
    };
    response.on('drain', more);
    more();
  });
  const { body } = await transport()(url);
  expect(body).toBe('x'.repeat(4_096));
});

it('ends when its signal does, also in the middle of an answer', async () => {
  for (const begins of [false, true]) {
    const controller = new AbortController();
    const url = await serve((_, response) => {
      if (begins) response.writeHead(200).write('beginning');
      setImmediate(() => controller.abort());
    });
    await expect(transport()(url, controller.signal)).rejects.toThrow('no answer');
  }
});

it('reports what is wrong without the URL', async () => {
  const error = await transport()('http://127.0.0.1:1/hunter2').catch((caught: unknown) => caught);
  expect(error).toMatchObject({ message: 'no answer: ECONNREFUSED' });
  expect(String(error)).not.toContain('hunter2');
});
