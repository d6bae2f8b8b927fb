import { createServer as createHttpServer } from 'node:http';
import { createServer, type Server } from 'node:net';
import { describe, expect, it } from 'vitest';
import { listen as listenOn } from '../../../test/gateway/wire.ts';
import { proxyVariables } from '../../network/proxy.ts';
import { reachWith } from './reach.ts';

const reach = reachWith(proxyVariables({}));

const listen = async (server: Server): Promise<number> => (await listenOn(server)).port;

const patient = new AbortController().signal;

describe('a target of the own-network check', () => {
  it('is reached when it accepts a connection', async () => {
    const port = await listen(createServer((socket) => socket.destroy()));
    expect(await reach(`tcp://127.0.0.1:${port}`, patient)).toBe(true);
  });

  it('is not reached when nothing listens, or its name does not exist', async () => {
    const server = createServer();
    const port = await listen(server);
    await new Promise((resolve) => server.close(resolve));
    expect(await reach(`tcp://127.0.0.1:${port}`, patient)).toBe(false);
    expect(await reach('tcp://nowhere.invalid:53', patient)).toBe(false);
  });

  it('is reached over HTTP by any answer at all', async () => {
    const port = await listen(createHttpServer((_, response) => response.writeHead(503).end()));
    expect(await reach(`http://127.0.0.1:${port}/`, patient)).toBe(true);
  });

  it('is given up with the signal, also when it never answers', async () => {
    const port = await listen(createHttpServer(() => undefined));
    const impatient = new AbortController();
    const answer = reach(`http://127.0.0.1:${port}/`, impatient.signal);
    impatient.abort();
    expect(await answer).toBe(false);
    expect(await reach(`tcp://127.0.0.1:${port}`, impatient.signal)).toBe(false);
  });
});
