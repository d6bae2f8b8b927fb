import { describe, expect, it } from 'vitest';
import { NOTIFY_TOPICS, type ReceiverSettings } from '../../src/core/notification.ts';
import { HOUR, MINUTE, SECOND } from '../../src/core/time.ts';
import type { WebhookAnswer } from '../../src/notify/answer.ts';
import type { Watching } from '../../src/notify/incidents.ts';
import { Notifier } from '../../src/notify/notifier.ts';
import type { Transport } from '../../src/notify/delivery-queue.ts';
import { Masks } from '../../src/redaction/masks.ts';
import { SimulatedClock } from '../../src/simulation/simulated-clock.ts';
import { EventBus } from '../../src/telemetry/event-bus.ts';
import { receiverSettings } from './notices.ts';
import { FakeGateway } from '../fleet/fake-gateway.ts';
import { startSmallFleet, type SmallFleet } from '../fleet/small-fleet.ts';

const IDS = Array.from({ length: 50 }, (_, index) => `${index}`);
const GUARD = { maxUnhealthy: { type: 'percent', percent: 100 } } as const;

/** Fifty instances on a simulated clock whose news go to some receivers; without receivers nobody is notified. */
async function startNotified(receivers: readonly ReceiverSettings[] | null, transport: Transport) {
  const clock = new SimulatedClock();
  const gateway = new FakeGateway(clock);
  const fleet = await startSmallFleet({ clock, gateway, ids: IDS, guard: GUARD });
  const bus = new EventBus((error) => {
    throw error;
  });
  let dropped = 0;
  const lines: string[] = [];
  const log = (fields: object, text: string): void => void lines.push(`${JSON.stringify(fields)} ${text}`);
  const notifier = new Notifier({
    ...{
      clock,
      wall: fleet.wall,
      bus,
      processId: 'process',
      transport,
      masks: new Masks(() => []),
      log: { info: log, warn: log },
    },
    onDropped: (count) => (dropped += count),
  });
  const { instances, accounts } = fleet.watch.fleet;
  const watching = (): Watching => ({
    isWatched: (name) => instances.has(name),
    isAccount: (name) => accounts.has(name),
    newcomers: [...instances.values()].map(({ name, account, state }) => ({ name, account: account.name, state })),
  });
  if (receivers !== null) notifier.configure(receivers, watching());
  return { ...fleet, notifier, watching, publishAll: () => publishTo(bus, fleet), dropped: () => dropped, lines };
}

/** Tells the bus what the fleet has published since the last time. */
function publishTo(bus: EventBus, { events }: SmallFleet): void {
  for (const event of events.splice(0)) bus.publish(event);
}

const hangs = (signal: AbortSignal): Promise<WebhookAnswer> =>
  new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(new Error('aborted')));
  });
const answer = (status: number): WebhookAnswer => ({ status, retryAfter: null, body: '' });
const machine = (name: string): ReceiverSettings =>
  receiverSettings({ name, url: `https://${name}.example.org/`, format: 'cloudevents', events: ['down', 'healed'] });

/** Lets all fifty break at once and heal by their restarts, and notes when each probe began. */
async function oneBadHour(receivers: readonly ReceiverSettings[] | null) {
  const delivered = new Map<string, string[]>();
  let isBad = true;
  const world = await startNotified(receivers, ({ url, headers }, signal) => {
    const { host } = new URL(url);
    if (isBad && host.startsWith('slow')) return hangs(signal);
    if (isBad && host.startsWith('broken')) return Promise.resolve(answer(500));
    delivered.set(host, [...(delivered.get(host) ?? []), headers['webhook-id'] ?? '']);
    return Promise.resolve(answer(200));
  });
  const step = async (count: number): Promise<void> => {
    for (let second = 0; second < count; second += 1) {
      await world.clock.run(SECOND);
      world.publishAll();
    }
  };
  await step(60);
  for (const id of IDS) world.gateway.causes.set(id, 'disconnected');
  await step(20 * 60);
  isBad = false;
  await step(10 * 60);
  return { ...world, delivered };
}

describe('notifications', () => {
  it('notifications for a hanging or broken receiver delay no probe, and arrive when the receiver is back', async () => {
    const quiet = await oneBadHour(null);
    const loud = await oneBadHour([machine('good'), machine('slow'), machine('broken')]);
    expect(loud.gateway.probes).toEqual(quiet.gateway.probes);
    expect(loud.gateway.restarts).toEqual(quiet.gateway.restarts);
    expect(loud.gateway.restarts).toHaveLength(50);
    for (const name of ['good', 'slow', 'broken']) {
      const ids = loud.delivered.get(`${name}.example.org`) ?? [];
      expect(ids).toHaveLength(100);
      expect(new Set(ids).size).toBe(100);
    }
    expect(loud.dropped()).toBe(0);
  });

  it('notifications that never get through are all counted', async () => {
    const world = await startNotified([{ ...machine('dead'), giveUpAfter: 5 * MINUTE }], () =>
      Promise.resolve(answer(503)),
    );
    await world.clock.run(MINUTE);
    world.publishAll();
    for (const id of IDS) world.gateway.causes.set(id, 'banned');
    world.notifier.configure(
      [{ ...machine('dead'), events: ['needs_human'], giveUpAfter: 5 * MINUTE }],
      world.watching(),
    );
    await world.clock.run(2 * MINUTE);
    world.publishAll();
    await world.clock.run(HOUR);
    expect(world.dropped()).toBe(50);
    expect(world.lines.filter((line) => line.includes('notify_dropped'))).toHaveLength(1);
  });

  it('notifications for a receiver that a reload removes get no further attempts after a short time', async () => {
    let attempts = 0;
    const world = await startNotified([machine('gone')], () => {
      attempts += 1;
      return Promise.resolve(answer(500));
    });
    for (const id of IDS) world.gateway.causes.set(id, 'disconnected');
    await world.clock.run(10 * MINUTE);
    world.publishAll();
    await world.clock.run(MINUTE);
    world.notifier.configure([], world.watching());
    await world.clock.run(10 * SECOND);
    const before = attempts;
    expect(world.dropped()).toBeGreaterThan(0);
    await world.clock.run(HOUR);
    expect(attempts).toBe(before);
  });

  it('a new receiver gets what happens from now on, not what happened before', async () => {
    const told: string[] = [];
    const world = await startNotified([], ({ body }) => {
      told.push((JSON.parse(body) as { type: string }).type);
      return Promise.resolve(answer(200));
    });
    world.gateway.causes.set('0', 'banned');
    await world.clock.run(2 * MINUTE);
    world.publishAll();
    world.notifier.configure([{ ...machine('new'), events: ['needs_human'] }], world.watching());
    await world.clock.run(MINUTE);
    expect(told).toEqual([]);
    world.gateway.causes.set('0', 'connected');
    await world.clock.run(5 * MINUTE);
    world.publishAll();
    await world.clock.run(SECOND);
    expect(told).toEqual(['smileapi-watchdog.recovered']);
  });

  it.each(['timeout', 'server_error'] as const)(
    'of an outage of the gateway (%s) are one that it began and one that it ended, and none for each instance',
    async (cause) => {
      const told: string[] = [];
      const everything = { ...machine('all'), events: NOTIFY_TOPICS, remindEvery: null };
      const world = await startNotified([everything], ({ body }) => {
        told.push((JSON.parse(body) as { type: string }).type);
        return Promise.resolve(answer(200));
      });
      const run = async (minutes: number): Promise<void> => {
        for (let second = 0; second < minutes * 60; second += 1) {
          await world.clock.run(SECOND);
          world.publishAll();
        }
      };
      await run(2);
      for (const id of IDS) world.gateway.causes.set(id, cause);
      await run(20);
      expect(told).toEqual(['smileapi-watchdog.gateway_outage']);
      // Slowly, and not all of them: what stays sick is an incident of its own.
      for (const id of IDS) {
        world.gateway.causes.set(id, id === '7' ? 'banned' : 'connected');
        await run(1 / 30);
      }
      await run(10);
      expect(told.sort()).toEqual([
        'smileapi-watchdog.gateway_outage',
        'smileapi-watchdog.gateway_outage',
        'smileapi-watchdog.needs_human',
      ]);
    },
  );

  it.each([
    ['all of them come back', []],
    ['one stays behind', ['7']],
  ] as const)(
    'of an account that is refused are one, and where %s only that one is notified by itself',
    async (_how, behind) => {
      const told: string[] = [];
      const everything = { ...machine('all'), events: NOTIFY_TOPICS, remindEvery: null };
      const world = await startNotified([everything], ({ body }) => {
        const {
          type,
          subject = '',
          data,
        } = JSON.parse(body) as {
          type: string;
          subject?: string;
          data: { course: string };
        };
        told.push(`${type.replace(/^.*\./u, '')} ${data.course} ${subject}`.trim());
        return Promise.resolve(answer(200));
      });
      const run = async (seconds: number): Promise<void> => {
        for (let second = 0; second < seconds; second += 1) {
          await world.clock.run(SECOND);
          world.publishAll();
        }
      };
      await run(120);
      for (const id of IDS) world.gateway.causes.set(id, 'unauthorized');
      await run(600);
      expect(told.splice(0)).toEqual(['refused began']);
      for (const id of IDS) world.gateway.causes.set(id, 'connected');
      for (const id of behind) world.gateway.causes.set(id, 'unauthorized');
      await run(90);
      expect(told.splice(0)).toEqual(['refused ended']);
      await run(120);
      expect(told.splice(0)).toEqual(behind.map((id) => `needs_human began n${id}`));
      for (const id of behind) world.gateway.causes.set(id, 'connected');
      await run(120);
      expect(told).toEqual(behind.map((id) => `recovered ended n${id}`));
    },
  );

  it('are no longer awaited when they are closed', async () => {
    const told: string[] = [];
    const world = await startNotified([{ ...machine('all'), events: NOTIFY_TOPICS }], ({ body }) => {
      told.push(body);
      return Promise.resolve(answer(200));
    });
    const about = { at: 0, account: 'acme' };
    const refused = { cause: 'unauthorized', refused: 50, watched: 50 } as const;
    world.events.push({ ...about, type: 'refused_began', ...refused });
    const enters = { type: 'phase_changed', from: 'healthy', to: 'needs_human', cause: 'unauthorized' } as const;
    world.events.push({ ...about, ...enters, name: 'n1', detail: null, failures: 0, failingSince: null });
    world.events.push({ ...about, type: 'refused_ended' });
    world.publishAll();
    await world.clock.run(SECOND);
    const closed = world.notifier.close();
    await world.clock.run(HOUR);
    await closed;
    expect(told).toHaveLength(2);
  });
});
