import type { LookupAddress } from 'node:dns';
import { describe, expect, it } from 'vitest';
import {
  nextTurn,
  freePort,
  gatewayAt,
  HandClock,
  IDLE,
  listenRaw,
  OPEN,
  says,
  TARGET,
} from '../../../test/gateway/wire.ts';
import { MINUTE, SECOND } from '../../core/time.ts';
import { Names } from '../../network/names.ts';

const CLOSED = '{"state":"close"}';

/** A gateway whose connections say `first` when they are new, and `then` from their second answer on. */
async function twoFaced(first: string, then: string) {
  const seen = new WeakSet();
  return listenRaw((_request, socket) => {
    socket.write(says(seen.has(socket) ? then : first));
    seen.add(socket);
  });
}

/** Two machines with the same port, a name that leads to the first, and what moves it. */
async function movingName(clock = new HandClock()) {
  const port = await freePort();
  const [old, other] = await Promise.all(
    ['127.0.0.1', '127.0.0.2'].map((host) => listenRaw((_request, socket) => socket.write(says(OPEN)), { host, port })),
  );
  let addresses: LookupAddress[] = [{ address: '127.0.0.1', family: 4 }];
  const names = new Names({ resolve: () => Promise.resolve(addresses), clock, slots: 1 });
  const gateway = gatewayAt(`http://gw.test:${port}`, { clock, names });
  return { clock, old, other, gateway, move: (to: string) => (addresses = [{ address: to, family: 4 }]) };
}

describe('the evidence of a probe', () => {
  it.each([
    ['usual', CLOSED, 'disconnected', 1],
    ['confirmed', CLOSED, 'connected', 2],
    ['confirmed', OPEN, 'connected', 1],
    ['fresh', OPEN, 'connected', 2],
  ] as const)('if %s, a used connection says %s: %s, after %i connections', async (evidence, then, cause, count) => {
    const { url, connections } = await twoFaced(OPEN, then);
    const gateway = gatewayAt(url);
    await gateway.probe(TARGET, 5_000, IDLE);
    await nextTurn();
    expect(await gateway.probe(TARGET, 5_000, IDLE, evidence)).toMatchObject({ cause });
    expect(connections).toHaveLength(count);
  });

  it('needs no confirmation where the connection was new', async () => {
    const { url, connections } = await twoFaced(CLOSED, OPEN);
    expect(await gatewayAt(url).probe(TARGET, 5_000, IDLE, 'confirmed')).toMatchObject({ cause: 'disconnected' });
    expect(connections).toHaveLength(1);
  });

  it('if fresh, comes from where the name leads now', async () => {
    const { gateway, move, clock, old, other } = await movingName();
    await gateway.probe(TARGET, 5_000, IDLE);
    move('127.0.0.2');
    clock.pass(1_001);
    await gateway.probe(TARGET, 5_000, IDLE, 'fresh');
    expect([old?.connections.length, other?.connections.length]).toEqual([1, 1]);
  });
});

describe('kept connections', () => {
  it('end after a minute, however much they are used', async () => {
    const { gateway, clock, old } = await movingName();
    for (let time = 0; time <= MINUTE; time += 5 * SECOND) {
      await gateway.probe(TARGET, 5_000, IDLE);
      await nextTurn();
      clock.pass(5 * SECOND);
    }
    expect(old?.connections).toHaveLength(2);
  });

  it('end when the name leads elsewhere, and not while it leads to them as well', async () => {
    const { gateway, move, clock, old, other } = await movingName();
    const probeTwice = async () => {
      clock.pass(10 * SECOND);
      for (let time = 0; time < 2; time += 1) {
        await gateway.probe(TARGET, 5_000, IDLE);
        await nextTurn();
      }
    };
    await gateway.probe(TARGET, 5_000, IDLE);
    await nextTurn();
    await probeTwice();
    expect([old?.connections.length, other?.connections.length]).toEqual([1, 0]);
    move('127.0.0.2');
    await probeTwice();
    expect([old?.connections.length, other?.connections.length]).toEqual([1, 1]);
  });
});

describe('an answer', () => {
  it('whose head cannot be understood is read over connections of its own from then on', async () => {
    const { url, connections } = await listenRaw((_request, socket) => {
      socket.write(`HTTP/1.1 100 Continue\r\n\r\n${says(OPEN)}`);
    });
    const gateway = gatewayAt(url);
    for (const count of [2, 3]) {
      expect(await gateway.probe(TARGET, 5_000, IDLE)).toMatchObject({ cause: 'connected' });
      expect(connections).toHaveLength(count);
    }
  });

  it.each([
    ['', 'unreadable'],
    [says(OPEN), 'connected'],
  ])('that changes the protocol, and then says %j, is %s', async (then, cause) => {
    const { url } = await listenRaw((_request, socket) => {
      socket.write(`HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n${then}`);
    });
    expect(await gatewayAt(url).probe(TARGET, 5_000, IDLE)).toMatchObject({ cause });
  });

  it.each([
    ['0', 'connected'],
    ['many', 'connected'],
    ['30', 'not_the_gateway'],
  ])('that a cache gave (Age: %s) is %s', async (age, cause) => {
    const { url } = await listenRaw((_request, socket) => socket.write(says(OPEN, `age: ${age}\r\n`)));
    expect(await gatewayAt(url).probe(TARGET, 5_000, IDLE)).toMatchObject({ cause });
  });

  it.each([
    ['by the clock of the gateway, if it shows it', 'date: Wed, 21 Oct 2026 07:28:00 GMT\r\n', 20_000],
    ['else by our own', '', 80_000],
  ])('that names a date to come again at is understood %s', async (_what, date, retryAfter) => {
    const clock = new HandClock();
    clock.pass(Date.UTC(2026, 9, 21, 7, 27) - clock.now());
    const head = `HTTP/1.1 429 Slow down\r\n${date}retry-after: Wed, 21 Oct 2026 07:28:20 GMT\r\n`;
    const { url } = await listenRaw((_request, socket) => socket.write(`${head}content-length: 0\r\n\r\n`));
    const found = await gatewayAt(url, { clock }).probe(TARGET, 5_000, IDLE);
    expect(found).toMatchObject({ cause: 'rate_limited', retryAfter });
  });
});

describe('a name', () => {
  const namesOf = (resolve: () => Promise<LookupAddress[]>, clock = new HandClock()) => {
    return { clock, names: new Names({ resolve, clock, slots: 1 }) };
  };

  it('without an answer of its name servers is a dns failure, and no timeout', async () => {
    const { clock, names } = namesOf(() => new Promise(() => undefined));
    const found = gatewayAt('http://gw.test', { clock, names }).probe(TARGET, 1_000, IDLE);
    clock.pass(1_000);
    expect(await found).toMatchObject({ cause: 'dns', detail: 'no name server answered within 1 s' });
  });

  it('is not waited for by a gateway that is closed', async () => {
    const { clock, names } = namesOf(() => new Promise(() => undefined));
    const gateway = gatewayAt('http://gw.test', { clock, names });
    const found = gateway.probe(TARGET, 1_000, IDLE, 'fresh');
    await gateway.close();
    expect(await found).toMatchObject({ cause: 'aborted' });
  });

  it('with several addresses is reached at the first that accepts, which comes first from then on', async () => {
    const { url, port } = await listenRaw((_request, socket) => socket.write(says(OPEN)));
    const { clock, names } = namesOf(() =>
      Promise.resolve([
        { address: '::1', family: 6 },
        { address: '127.0.0.1', family: 4 },
      ]),
    );
    expect(url).toContain('127.0.0.1');
    const gateway = gatewayAt(`http://gw.test:${port}`, { clock, names });
    expect(await gateway.probe(TARGET, 5_000, IDLE)).toMatchObject({ cause: 'connected' });
    expect((await names.addresses('gw.test', MINUTE))[0]?.family).toBe(4);
  });
});
