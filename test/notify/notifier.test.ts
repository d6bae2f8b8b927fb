import { describe, expect, it } from 'vitest';
import { NOTIFY_TOPICS, type ReceiverSettings } from '../../src/core/notification.ts';
import type { GuardSettings } from '../../src/core/settings.ts';
import { HOUR, MINUTE, SECOND } from '../../src/core/time.ts';
import type { WebhookAnswer } from '../../src/notify/delivery/answer.ts';
import type { Watching } from '../../src/notify/incidents.ts';
import { Notifier } from '../../src/notify/notifier.ts';
import type { Transport } from '../../src/notify/delivery/delivery-queue.ts';
import { Masks } from '../../src/redaction/masks.ts';
import { SimulatedClock } from '../../src/simulation/simulated-clock.ts';
import { strictBus } from '../fleet/strict-bus.ts';
import { noticeParts } from '../../src/assembly/notices.ts';
import { hangs, ENGLISH, receiverSettings } from './notices.ts';
import { FakeGateway } from '../fleet/fake-gateway.ts';
import { cron } from '../fleet/policy.ts';
import { startSmallFleet } from '../fleet/small-fleet.ts';

const IDS = Array.from({ length: 50 }, (_, index) => `${index}`);
const GUARD = { maxUnhealthy: { type: 'percent', percent: 100 } } as const;

/** Fifty instances on a simulated clock whose news go to some receivers; without receivers nobody is notified. */
async function startNotified(
  receivers: readonly ReceiverSettings[] | null,
  transport: Transport,
  maintenance: GuardSettings['maintenance'] = [],
) {
  const clock = new SimulatedClock();
  const gateway = new FakeGateway(clock);
  const bus = strictBus();
  const { publish } = bus;
  const fleet = await startSmallFleet({ clock, gateway, ids: IDS, guard: GUARD, maintenance, publish });
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
      style: () => ENGLISH,
      ...noticeParts({ clock, wall: fleet.wall, fleet: () => fleet.watch.fleet, guards: () => fleet.watch.guards }),
      log: { info: log, warn: log },
    },
    onDropped: (count) => (dropped += count),
  });
  const { instances, accounts } = fleet.watch.fleet;
  const watching = (): Watching => ({
    isWatched: (name) => instances.has(name),
    isAccount: (name) => accounts.has(name),
    newcomers: [...instances.values()].map(({ name, account, state }) => ({ name, account: account.name, state })),
    harmful: [],
  });
  if (receivers !== null) notifier.configure(receivers, watching());
  const run = (seconds: number): Promise<void> => clock.run(seconds * SECOND);
  return { ...fleet, publish, notifier, watching, run, dropped: () => dropped, lines };
}

interface CloudEvent {
  readonly type: string;
  readonly subject?: string;
  readonly data: { readonly course: string };
}

/** A receiver of all there is, and the events that it received. */
async function startReceived(receivers: readonly ReceiverSettings[], maintenance: GuardSettings['maintenance'] = []) {
  const received: CloudEvent[] = [];
  const take: Transport = (request) => {
    received.push(JSON.parse('body' in request ? request.body : '') as CloudEvent);
    return Promise.resolve(answer(200));
  };
  const world = await startNotified(receivers, take, maintenance);
  return { ...world, received, types: () => received.map(({ type }) => type.replace('smileapi-watchdog.', '')) };
}

const answer = (status: number): WebhookAnswer => ({ status, retryAfter: null, body: '' });
const machine = (name: string): ReceiverSettings =>
  receiverSettings({ name, url: `https://${name}.example.org/`, format: 'cloudevents', events: ['down', 'healed'] });

const EVERYTHING: ReceiverSettings = { ...machine('all'), events: NOTIFY_TOPICS, remindEvery: null };

/** Lets all fifty break at once and heal by their restarts, and notes when each probe began. */
async function oneBadHour(receivers: readonly ReceiverSettings[] | null) {
  const delivered = new Map<string, string[]>();
  let isBad = true;
  const world = await startNotified(receivers, (request, signal) => {
    const { url } = request;
    const headers = 'headers' in request ? request.headers : {};
    const { host } = new URL(url);
    if (isBad && host.startsWith('slow')) return hangs(signal);
    if (isBad && host.startsWith('broken')) return Promise.resolve(answer(500));
    delivered.set(host, [...(delivered.get(host) ?? []), headers['webhook-id'] ?? '']);
    return Promise.resolve(answer(200));
  });
  await world.run(60);
  for (const id of IDS) world.gateway.causes.set(id, 'disconnected');
  await world.run(20 * 60);
  isBad = false;
  await world.run(10 * 60);
  return { ...world, delivered };
}

describe('notifications', () => {
  it('for a hanging or broken receiver delay no probe, and arrive when the receiver is back', async () => {
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

  it('that never get through are all counted', async () => {
    const world = await startNotified([{ ...machine('dead'), giveUpAfter: 5 * MINUTE }], () =>
      Promise.resolve(answer(503)),
    );
    await world.clock.run(MINUTE);
    for (const id of IDS) world.gateway.causes.set(id, 'banned');
    world.notifier.configure(
      [{ ...machine('dead'), events: ['needs_human'], giveUpAfter: 5 * MINUTE }],
      world.watching(),
    );
    await world.clock.run(2 * MINUTE);
    await world.clock.run(HOUR);
    expect(world.dropped()).toBe(50);
    expect(world.lines.filter((line) => line.includes('notify_dropped'))).toHaveLength(1);
  });

  it('for a receiver that a reload removes get no further attempts after a short time', async () => {
    let attempts = 0;
    const world = await startNotified([machine('gone')], () => {
      attempts += 1;
      return Promise.resolve(answer(500));
    });
    for (const id of IDS) world.gateway.causes.set(id, 'disconnected');
    await world.clock.run(10 * MINUTE);
    await world.clock.run(MINUTE);
    world.notifier.configure([], world.watching());
    await world.clock.run(10 * SECOND);
    const before = attempts;
    expect(world.dropped()).toBeGreaterThan(0);
    await world.clock.run(HOUR);
    expect(attempts).toBe(before);
  });

  it('for a new receiver begin with what happens from now on, not with what happened before', async () => {
    const world = await startReceived([]);
    world.gateway.causes.set('0', 'banned');
    await world.clock.run(2 * MINUTE);
    world.notifier.configure([{ ...machine('new'), events: ['needs_human'] }], world.watching());
    await world.clock.run(MINUTE);
    expect(world.received).toEqual([]);
    world.gateway.causes.set('0', 'connected');
    await world.clock.run(5 * MINUTE);
    await world.clock.run(SECOND);
    expect(world.types()).toEqual(['recovered']);
  });

  it.each(['timeout', 'server_error'] as const)(
    'of an outage of the gateway (%s) are one that it began and one that it ended, and none for each instance',
    async (cause) => {
      const { gateway, run, types } = await startReceived([EVERYTHING]);
      await run(120);
      for (const id of IDS) gateway.causes.set(id, cause);
      await run(1_200);
      expect(types()).toEqual(['gateway_outage']);
      // Slowly, and not all of them: what stays sick is an incident of its own.
      for (const id of IDS) {
        gateway.causes.set(id, id === '7' ? 'banned' : 'connected');
        await run(2);
      }
      await run(600);
      expect(types().sort()).toEqual(['gateway_outage', 'gateway_outage', 'needs_human']);
    },
  );

  it.each([
    ['all of them come back', []],
    ['one stays behind', ['7']],
  ] as const)(
    'of an account that is refused are one, and where %s only that one is notified by itself',
    async (_how, behind) => {
      const { gateway, run, received } = await startReceived([EVERYTHING]);
      const news = (): string[] =>
        received
          .splice(0)
          .map(({ type, subject = '', data }) => `${type.replace(/^.*\./u, '')} ${data.course} ${subject}`.trim());
      await run(120);
      for (const id of IDS) gateway.causes.set(id, 'unauthorized');
      await run(600);
      expect(news()).toEqual(['refused began']);
      for (const id of IDS) gateway.causes.set(id, 'connected');
      for (const id of behind) gateway.causes.set(id, 'unauthorized');
      await run(90);
      expect(news()).toEqual(['refused ended']);
      await run(120);
      expect(news()).toEqual(behind.map((id) => `needs_human began n${id}`));
      for (const id of behind) gateway.causes.set(id, 'connected');
      await run(120);
      expect(news()).toEqual(behind.map((id) => `recovered ended n${id}`));
    },
  );

  it('are no longer awaited when they are closed', async () => {
    const world = await startReceived([EVERYTHING]);
    const about = { at: 0, account: 'acme' };
    const refused = { cause: 'unauthorized', refused: 50, watched: 50 } as const;
    world.publish({ ...about, type: 'refused_began', ...refused });
    const enters = { type: 'phase_changed', from: 'healthy', to: 'needs_human', cause: 'unauthorized' } as const;
    world.publish({ ...about, ...enters, name: 'n1', detail: null, failures: 0, failingSince: null });
    world.publish({ ...about, type: 'refused_ended' });
    await world.clock.run(SECOND);
    const closed = world.notifier.close();
    await world.clock.run(HOUR);
    await closed;
    expect(world.received).toHaveLength(2);
  });
});

describe('what somebody works on', () => {
  const news = (received: CloudEvent[]): string[] =>
    received.splice(0).map(({ type, data }) => `${type.replace(/^.*\./u, '')} ${data.course}`);
  const REMINDED = {
    ...machine('all'),
    events: ['down', 'exhausted', 'needs_human', 'healed', 'recovered'],
    remindEvery: HOUR,
  } as const;

  it('is not announced while it is paused, and is when the pause ends and it lasts', async () => {
    const { gateway, run, received, watch } = await startReceived([REMINDED]);
    await run(60);
    const [paused, other] = ['n0', 'n1'].map((name) => watch.fleet.instances.get(name)!);
    for (const instance of [paused, other])
      await watch.control.pause(instance!, { reason: 'x', by: 'ana', until: null });
    for (const id of ['0', '1']) gateway.causes.set(id, 'banned');
    await run(2 * 60 * 60);
    gateway.causes.set('1', 'connected');
    await run(300);
    expect(news(received)).toEqual([]);
    await watch.control.unpause(paused!, 'ana');
    await run(60);
    expect(news(received)).toEqual(['needs_human began']);
    gateway.causes.set('0', 'connected');
    await run(300);
    expect(news(received)).toEqual(['recovered ended']);
  });

  it('is not announced while a maintenance window that names it is open, and is when that closes and it lasts', async () => {
    const window = {
      ...{ name: 'move', cron: cron('0 * * * *'), duration: 30 * MINUTE, accounts: [] },
      instances: ['n0'],
    };
    const { gateway, run, received, wall } = await startReceived([REMINDED], [window]);
    await run((HOUR - (wall.now() % HOUR)) / SECOND + 60);
    for (const id of ['0', '1']) gateway.causes.set(id, 'banned');
    await run(25 * 60);
    expect(received.splice(0).map(({ subject }) => subject)).toEqual(['n1']);
    await run(10 * 60);
    expect(received.map(({ subject }) => subject)).toEqual(['n0']);
  });

  it('is silent from its acknowledgement on, but for its end; and speaks again when the acknowledgement expires', async () => {
    const { gateway, run, received, watch, wall } = await startReceived([REMINDED]);
    await run(60);
    gateway.causes.set('0', 'banned');
    await run(300);
    expect(news(received)).toEqual(['needs_human began']);
    const instance = watch.fleet.instances.get('n0')!;
    await watch.control.acknowledge(instance, { reason: null, by: 'ana', until: wall.now() + 3 * HOUR });
    await run(2.9 * 60 * 60);
    expect(news(received)).toEqual([]);
    await run(1.2 * 60 * 60);
    expect(news(received)).toEqual(['needs_human lasts']);
    await watch.control.acknowledge(instance, { reason: null, by: 'ana', until: null });
    await run(3 * 60 * 60);
    gateway.causes.set('0', 'connected');
    await run(300);
    expect(news(received)).toEqual(['recovered ended']);
    expect(instance.state.acknowledged).toBeNull();
  });
});
