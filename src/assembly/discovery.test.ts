import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { loadConfig } from '../config/load.ts';
import type { Config } from '../config/config.ts';
import type { FleetEvent } from '../core/event.ts';
import { MINUTE, SECOND } from '../core/time.ts';
import { Watchdog } from '../runtime/watchdog.ts';
import { memoryStore } from '../store/memory.ts';
import { WallClock } from '../time/wall-clock.ts';
import { FakeGateway } from '../../test/fleet/fake-gateway.ts';
import { fleetClock } from '../../test/fleet/small-fleet.ts';
import { temporaryFolder } from '../../test/temporary-folder.ts';
import { closeAccounts } from './accounts.ts';
import { Discovery } from './discovery.ts';
import { LiveConfig } from './live-config.ts';
import { watchdogParts } from './watch-parts.ts';

const shops = (count: number, from = 1): string[] =>
  Array.from({ length: count }, (_, index) => `shop-${index + from}`);

async function configWith(more: Record<string, unknown> = {}, discover: unknown = {}): Promise<Config> {
  const file = join(temporaryFolder(), 'config.yaml');
  const account = { gateway: 'evolution', baseUrl: 'http://127.0.0.1:9', token: 'a-key', discover };
  writeFileSync(file, JSON.stringify({ accounts: { evo: account }, guard: { startup: '0s' }, ...more }));
  return await loadConfig(file, {});
}

/** The discovery over a fleet whose gateway is made of variables. */
async function discovering(
  config: Config,
  { store = memoryStore(), partial = false, scope = null as ReadonlySet<string> | null } = {},
) {
  const clock = fleetClock();
  const gateway = new FakeGateway(clock);
  const tokens = new Map<string, string>();
  const list = {
    route: {
      list: async (timeout: number, signal: AbortSignal) => {
        const found = await gateway.list(timeout, signal);
        if (found.type === 'failed') return found;
        return {
          ...found,
          instances: found.instances.map((each) => ({ ...each, token: tokens.get(each.id) ?? null })),
        };
      },
    },
    namesStates: false,
    partial,
  };
  const say = (...ids: readonly string[]): void => {
    gateway.listed = new Map(ids.map((id) => [id, null]));
  };
  const live = new LiveConfig(config, clock, 'process', scope);
  onTestFinished(() => closeAccounts(live.accounts));
  for (const account of live.accounts) Object.assign(account, { gateway, list });
  const events: FleetEvent[] = [];
  const watchdog = await Watchdog.load(
    watchdogParts(live.watched, {
      ...{ clock, wall: new WallClock(clock), store, accounts: live.accounts },
      publish: (event) => events.push(event),
    }),
  );
  const errors: unknown[] = [];
  const discovery = new Discovery({
    ...{ clock, live, watchdog },
    publish: (event) => events.push(event),
    onFound: () => undefined,
    onError: (error) => errors.push(error),
  });
  const start = (): void => {
    watchdog.start();
    discovery.follow();
  };
  onTestFinished(() => {
    discovery.stop();
    expect(errors).toEqual([]);
  });
  const names = (): string[] => [...watchdog.fleet.instances.keys()];
  const published = (type: FleetEvent['type']) => events.filter((event) => event.type === type);
  const status = (name = 'evo') => watchdog.fleet.accounts.get(name)?.discovery;
  return { clock, gateway, tokens, live, watchdog, discovery, start, say, names, published, status, store };
}

describe('the discovery of instances', () => {
  it('watches what the gateway lists, and lets go what is missing twice', async () => {
    const { clock, start, say, names, published, watchdog, status, gateway } = await discovering(await configWith());
    say('shop-1', 'shop-2');
    start();
    await clock.run(MINUTE);
    expect(names()).toEqual(['shop-1', 'shop-2']);
    expect(watchdog.fleet.instances.get('shop-1')).toMatchObject({ discovered: true, phoneNumberId: 'shop-1' });
    expect(watchdog.fleet.instances.get('shop-2')?.state.phase).toBe('healthy');
    expect(status()).toMatchObject({ found: 2, unusable: 0, trouble: null });
    say('shop-2', 'shop-3');
    await clock.run(5 * MINUTE);
    expect(names()).toEqual(['shop-1', 'shop-2', 'shop-3']);
    await clock.run(5 * MINUTE);
    expect(names()).toEqual(['shop-2', 'shop-3']);
    expect(published('instances_discovered')).toMatchObject([
      { account: 'evo', added: 2, removed: 0, unusable: 0 },
      { added: 1, removed: 0 },
      { added: 0, removed: 1 },
    ]);
    expect(gateway.lists).toHaveLength(3);
  });

  it('keeps the state of what is gone, so that it comes back as it was', async () => {
    const { clock, start, say, watchdog, gateway, store } = await discovering(await configWith());
    say('shop-1', 'shop-2');
    gateway.causes.set('shop-1', 'disconnected');
    gateway.onRestart = () => undefined;
    start();
    await clock.run(4 * MINUTE);
    expect(gateway.restarts).toHaveLength(1);
    const spent = watchdog.fleet.instances.get('shop-1')?.state.spent;
    say('shop-2');
    await clock.run(15 * MINUTE);
    expect(watchdog.fleet.instances.has('shop-1')).toBe(false);
    const stored = [...(await store.load()).values()];
    expect(stored.some(({ state }) => state.removedAt !== null && state.spent.length > 0)).toBe(true);
    say('shop-1', 'shop-2');
    await clock.run(5 * MINUTE);
    expect(watchdog.fleet.instances.get('shop-1')?.state.spent.slice(0, 1)).toEqual(spent);
  });

  it('calls what it finds by its id, where the name is another and anything of the id can be seen', async () => {
    const { clock, start, say, watchdog } = await discovering(await configWith());
    say('shop-1', 'Loja São', '\u{fe0f}');
    start();
    await clock.run(MINUTE);
    const called = [...watchdog.fleet.instances.values()].map(({ definition }) => definition.displayName);
    expect(called).toEqual([null, 'Loja São', null]);
  });

  it('lets the config come first, by id and by name', async () => {
    const config = await configWith({
      instances: [
        { account: 'evo', id: 'shop-1', name: 'main', labels: { city: 'x' } },
        { account: 'evo', id: 'other', name: 'shop-2' },
      ],
    });
    const { clock, start, say, names, watchdog } = await discovering(config);
    say('shop-1', 'shop-2');
    start();
    await clock.run(MINUTE);
    expect(names()).toEqual(['main', 'shop-2', expect.stringMatching(/^shop-2-[0-9a-f]{8}$/)]);
    expect(watchdog.fleet.instances.get('main')).toMatchObject({ discovered: false });
    expect(watchdog.fleet.instances.get('shop-2')).toMatchObject({ discovered: false, phoneNumberId: 'other' });
  });

  it('chooses by match and ignore, and gives all the labels and the policy of the account', async () => {
    const config = await configWith(
      {},
      { match: 'shop-*', ignore: ['shop-test*'], labels: { team: 'a' }, every: '1m' },
    );
    const { clock, start, say, names, watchdog } = await discovering(config);
    say('shop-1', 'shop-test', 'bar-1', 'shop-2');
    start();
    await clock.run(SECOND);
    expect(names()).toEqual(['shop-1', 'shop-2']);
    expect(watchdog.fleet.instances.get('shop-2')?.definition).toMatchObject({ labels: { team: 'a' }, enabled: true });
    expect(watchdog.fleet.instances.get('shop-2')?.policy).toBe(watchdog.fleet.instances.get('shop-1')?.policy);
  });

  it('changes nothing for a list that fails, is empty or shrinks by more than half, and says so once', async () => {
    const { clock, start, say, names, published, gateway, status } = await discovering(await configWith());
    say(...shops(12));
    start();
    await clock.run(MINUTE);
    for (const [trouble, hurt] of [
      [{ why: 'failed', cause: 'server_error', detail: null }, () => (gateway.listed = null)],
      [{ why: 'empty' }, () => say()],
      [{ why: 'shrunk', listed: 5, watched: 12 }, () => say(...shops(5))],
    ] as const) {
      const before = published('discovery_failed_began').length;
      hurt();
      await clock.run(30 * MINUTE);
      expect(names()).toHaveLength(12);
      expect(published('discovery_failed_began').slice(before)).toMatchObject([{ account: 'evo', ...trouble }]);
      expect(status()).toMatchObject({ found: 12, trouble });
      say(...shops(12));
      await clock.run(5 * MINUTE);
      expect(status()?.trouble).toBe(null);
    }
    expect(published('discovery_failed_ended')).toHaveLength(3);
  });

  it('does not report one bad list between good ones, and asks again soon', async () => {
    const { clock, start, say, published, gateway } = await discovering(await configWith());
    say('shop-1');
    start();
    await clock.run(5 * MINUTE - SECOND);
    gateway.listed = null;
    await clock.run(20 * SECOND);
    say('shop-1');
    await clock.run(20 * SECOND);
    expect(gateway.lists).toHaveLength(3);
    expect(published('discovery_failed_began')).toEqual([]);
  });

  it('follows a list that shrank when a person says that it is right', async () => {
    const { clock, start, say, names, discovery } = await discovering(await configWith());
    say(...shops(12));
    start();
    await clock.run(MINUTE);
    say('shop-1');
    await clock.run(10 * MINUTE);
    expect(names()).toHaveLength(12);
    discovery.believe();
    await clock.run(SECOND);
    expect(names()).toEqual(['shop-1']);
  });

  it('survives a reload, which may take it away', async () => {
    const { clock, start, say, names, live, watchdog, discovery, gateway } = await discovering(await configWith());
    say(...shops(3));
    start();
    await clock.run(MINUTE);
    const instance = watchdog.fleet.instances.get('shop-2');
    const next = await configWith({ instances: [{ account: 'evo', id: 'shop-1', name: 'main' }], dryRun: true });
    await live.swap(next, watchdog);
    discovery.follow();
    expect(names()).toEqual(['main', 'shop-2', 'shop-3']);
    expect(watchdog.fleet.instances.get('shop-2')).toBe(instance);
    const fewer = await configWith({}, { ignore: ['shop-3'], labels: { a: 'b' } });
    await live.swap(fewer, watchdog);
    discovery.follow();
    expect(names()).toEqual(['shop-1', 'shop-2']);
    expect(instance?.definition.labels).toEqual({ a: 'b' });
    gateway.listed = null;
    await clock.run(10 * MINUTE);
    expect(names()).toEqual(['shop-1', 'shop-2']);
    await live.swap(await configWith({ instances: [{ account: 'evo', id: 'x' }] }, null), watchdog);
    discovery.follow();
    expect(names()).toEqual(['x']);
    expect(watchdog.fleet.accounts.get('evo')?.discovery).toBe(null);
    const { length } = gateway.lists;
    await clock.run(10 * MINUTE);
    expect(gateway.lists).toHaveLength(length);
  });

  it('refuses a reload that would take most of what was found away, unless that is forced', async () => {
    const { clock, start, say, names, live, watchdog } = await discovering(await configWith());
    say(...shops(12));
    start();
    await clock.run(MINUTE);
    const without = await configWith({ instances: [{ account: 'evo', id: 'x' }] }, null);
    await expect(live.swap(without, watchdog)).rejects.toThrow('12 of the 12 instances');
    expect(names()).toHaveLength(12);
    await live.swap(without, watchdog, true);
    expect(names()).toEqual(['x']);
  });

  it('goes on from what a narrower match leaves, which may take most away only where that is forced', async () => {
    const { clock, start, say, names, live, watchdog, discovery, published, status } = await discovering(
      await configWith(),
    );
    say(...shops(12), 'bot-1', 'bot-2');
    start();
    await clock.run(MINUTE);
    const narrower = await configWith({}, { match: 'bot-*' });
    await expect(live.swap(narrower, watchdog)).rejects.toThrow('no longer choose 12 of the 14 instances');
    expect(names()).toHaveLength(14);
    await live.swap(narrower, watchdog, true);
    discovery.follow();
    say(...shops(12), 'bot-1', 'bot-2', 'bot-3');
    await clock.run(6 * MINUTE);
    expect(names()).toEqual(['bot-1', 'bot-2', 'bot-3']);
    expect([published('discovery_failed_began'), status()?.trouble]).toEqual([[], null]);
  });

  it('finds the states of before after a restart, however late the first list comes', async () => {
    const store = memoryStore();
    const first = await discovering(await configWith(), { store });
    first.say('shop-1');
    first.gateway.causes.set('shop-1', 'disconnected');
    first.gateway.onRestart = () => undefined;
    first.start();
    await first.clock.run(10 * MINUTE);
    const { spent } = first.watchdog.fleet.instances.get('shop-1')?.state ?? { spent: [] };
    expect(spent.length).toBeGreaterThan(0);
    first.discovery.stop();
    await first.watchdog.stop();
    const second = await discovering(await configWith(), { store });
    await second.clock.run(10 * MINUTE);
    second.gateway.listed = null;
    second.start();
    await second.clock.run(30 * MINUTE);
    expect(second.names()).toEqual([]);
    expect(second.published('discovery_failed_began')).toHaveLength(1);
    second.say('shop-1');
    await second.clock.run(MINUTE);
    const back = second.watchdog.fleet.instances.get('shop-1');
    expect(back?.state.spent.slice(0, spent.length)).toEqual(spent);
    expect(back?.state.removedAt).toBe(null);
  });

  it('keeps what is being restarted, and of a partial list what was healthy here before', async () => {
    const { clock, start, say, names, gateway } = await discovering(await configWith(), { partial: true });
    say('shop-1', 'shop-2');
    gateway.causes.set('shop-2', 'pairing_required');
    start();
    await clock.run(3 * MINUTE);
    say('shop-3');
    await clock.run(30 * MINUTE);
    // The one that was never healthy is gone; the other one may only be lost.
    expect(names()).toEqual(['shop-1', 'shop-3']);
  });

  it('takes each name once, however many accounts list it', async () => {
    const account = { gateway: 'evolution', baseUrl: 'http://127.0.0.1:9', token: 'a-key', discover: {} };
    const config = await configWith({ accounts: { evo: account, beta: account } });
    const { clock, start, say, names } = await discovering(config);
    say('shop-1', 'Loja São Paulo');
    start();
    await clock.run(MINUTE);
    expect(names().toSorted()).toEqual([
      expect.stringMatching(/^beta\.Loja-Sao-Paulo-[0-9a-f]{8}$/),
      'beta.shop-1',
      expect.stringMatching(/^evo\.Loja-Sao-Paulo-[0-9a-f]{8}$/),
      'evo.shop-1',
    ]);
  });

  it('is done by the owner of an account alone', async () => {
    const account = { gateway: 'evolution', baseUrl: 'http://127.0.0.1:9', token: 'a-key', discover: {} };
    const config = await configWith({ accounts: { evo: account, beta: account } });
    const { clock, start, say, names, live, watchdog, discovery, gateway, store } = await discovering(config, {
      scope: new Set(['evo']),
    });
    say('shop-1');
    start();
    await clock.run(MINUTE);
    expect(names()).toEqual(['evo.shop-1']);
    expect(gateway.lists).toHaveLength(1);
    // Another replica has taken it over: what it was found by ends here, and its state stays stored.
    const handover = { taken: new Set<string>(), left: new Set(['evo']), states: new Map() };
    await live.share(watchdog, { accounts: new Set(), handover });
    discovery.follow();
    expect(names()).toEqual([]);
    await clock.run(10 * MINUTE);
    expect(gateway.lists).toHaveLength(1);
    expect([...(await store.load()).values()].map(({ state }) => state.removedAt)).toEqual([null]);
  });

  it('masks the tokens that a list brings, and probes with them', async () => {
    const { clock, start, say, live, watchdog, tokens } = await discovering(await configWith());
    tokens.set('shop-1', 'tok-of-shop-1-9f3a');
    say('shop-1');
    start();
    await clock.run(SECOND);
    expect(watchdog.fleet.instances.get('shop-1')?.token).toBe('tok-of-shop-1-9f3a');
    expect(live.masks.outside('it says tok-of-shop-1-9f3a')).toBe('it says ***');
    tokens.set('shop-1', 'tok-new-77aa');
    await clock.run(5 * MINUTE);
    expect(watchdog.fleet.instances.get('shop-1')?.token).toBe('tok-new-77aa');
    expect(live.masks.outside('tok-new-77aa')).toBe('***');
  });
});
