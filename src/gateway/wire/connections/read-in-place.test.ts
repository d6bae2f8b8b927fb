import { once } from 'node:events';
import net, { type AddressInfo, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { inPlace } from './read-in-place.ts';

const servers: net.Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** Both ends of a connection; the near one reads in place. */
async function connection(): Promise<{ near: Socket; far: Socket }> {
  const server = net.createServer().listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  const accepted = once(server, 'connection') as Promise<[Socket]>;
  const reading = inPlace();
  const { port } = server.address() as AddressInfo;
  const near = net.connect({ host: '127.0.0.1', port, onread: reading.onread });
  reading.attach(near);
  await once(near, 'connect');
  const [far] = await accepted;
  return { near, far };
}

/** The pieces that come, as they are at that moment, and where they lie. */
function pieces(near: Socket): { readonly text: () => string; readonly places: Set<ArrayBufferLike> } {
  let text = '';
  const places = new Set<ArrayBufferLike>();
  near.on('readable', () => {
    for (let piece = near.read() as Buffer | null; piece !== null; piece = near.read() as Buffer | null) {
      text += piece.toString('latin1');
      places.add(piece.buffer);
    }
  });
  return { text: () => text, places };
}

describe('a connection that is read in place', () => {
  it('hands out each piece once, all from one buffer, and then its end', async () => {
    const { near, far } = await connection();
    const { text, places } = pieces(near);
    for (const word of ['one ', 'two ', 'three ']) {
      const arrived = once(near, 'readable');
      far.write(word);
      await arrived;
    }
    const ended = once(near, 'end');
    far.end('four');
    await ended;
    expect(text()).toBe('one two three four');
    expect(places.size).toBe(1);
  });

  it('cuts what is longer than the buffer into pieces, and loses none', async () => {
    const { near, far } = await connection();
    const { text } = pieces(near);
    const long = Array.from({ length: 10_000 }, (_, index) => `line ${index}\n`).join('');
    const ended = once(near, 'end');
    far.end(long);
    await ended;
    expect(text()).toBe(long);
  });

  it('reads a long answer, and all that comes after it, in larger pieces', async () => {
    const { near, far } = await connection();
    const lengths: number[] = [];
    let left = 0;
    near.on('readable', () => {
      for (let piece = near.read() as Buffer | null; piece !== null; piece = near.read() as Buffer | null) {
        lengths.push(piece.length);
        left -= piece.length;
        if (left === 0) near.emit('all');
      }
    });
    const list = Buffer.alloc(1024 * 1024, 'x');
    for (let time = 0; time < 2; time += 1) {
      left += list.length;
      const all = once(near, 'all');
      far.write(list);
      await all;
    }
    far.destroy();
    expect(Math.max(...lengths.slice(0, 4))).toBeLessThanOrEqual(8 * 1024);
    expect(Math.max(...lengths)).toBeGreaterThan(8 * 1024);
  });

  it('keeps what nobody takes at once, in its order', async () => {
    const { near, far } = await connection();
    for (const word of ['early', 'later']) {
      const arrived = once(near, 'readable');
      far.write(word);
      await arrived;
    }
    await new Promise(setImmediate);
    const { text } = pieces(near);
    const ended = once(near, 'end');
    far.end('last');
    await ended;
    expect(text()).toBe('earlylaterlast');
  });

  it('holds back a sender whom nobody listens to, and goes on when somebody does', async () => {
    const { near, far } = await connection();
    const much = Buffer.alloc(32 * 1024 * 1024, 'x');
    far.end(much);
    await once(near, 'readable');
    while (near.readableLength < near.readableHighWaterMark) await new Promise(setImmediate);
    for (let turn = 0; turn < 100; turn++) await new Promise(setImmediate);
    expect(near.readableLength).toBeLessThan(2 * near.readableHighWaterMark);
    const { text } = pieces(near);
    await once(near, 'end');
    expect(text()).toHaveLength(much.length);
  });

  it('reports a connection that breaks off', async () => {
    const { near, far } = await connection();
    pieces(near);
    const broken = once(near, 'error');
    far.on('error', () => undefined).resetAndDestroy();
    expect(await broken).toMatchObject([{ code: 'ECONNRESET' }]);
  });
});
