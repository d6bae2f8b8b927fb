import { describe, expect, it } from 'vitest';
import { handMadeFleet } from '../../../test/fleet/fleet.ts';
import { httpParts } from '../../../test/http/http-parts.ts';
import type { FleetEvent } from '../../core/event.ts';
import { SECOND } from '../../core/time.ts';
import { Masks } from '../../redaction/masks.ts';
import { SimulatedClock } from '../../simulation/simulated-clock.ts';
import { strictBus } from '../../../test/fleet/strict-bus.ts';
import { RecentEvents } from '../../telemetry/recent-events.ts';
import { liveFeeds } from './live-feed.ts';
import { LiveStream } from './live-stream.ts';
import { UnreadAnswers } from '../load/unread-answers.ts';
import { statusView } from '../views/status-view.ts';

interface Message {
  readonly id?: number;
  readonly event: string;
  readonly data: Record<string, unknown>;
}

interface Wish {
  readonly name?: string;
  readonly probes?: boolean;
  readonly lastEventId?: number;
}

function openStream({ name, probes = false, lastEventId }: Wish = {}, names: readonly string[] = ['a', 'b']) {
  const clock = new SimulatedClock();
  const bus = strictBus();
  const fleet = handMadeFleet(
    names.map((name, index) => ({ name, phoneNumberId: String(index), state: { phase: 'healthy' } })),
    clock,
  );
  const dropped: string[] = [];
  let reloads = 0;
  const parts = httpParts({
    clock,
    bus,
    fleet: () => fleet,
    recent: new RecentEvents(bus, new Masks(() => [])),
    generation: () => `process-${reloads}`,
    metrics: { ...httpParts().metrics, eventDropped: (sink) => void dropped.push(sink) },
  });
  let text = '';
  let backlog = 0;
  let cut = false;
  let busy = false;
  const taken: (() => void)[] = [];
  const reader = {
    write: (part: Uint8Array, done: () => void = () => undefined) => {
      text += Buffer.from(part).toString();
      if (!busy) done();
      else taken.push(done);
    },
    get writableLength() {
      return backlog;
    },
    destroy: () => void (cut = true),
  };
  const stream = new LiveStream({
    clock,
    feed: liveFeeds(parts, () => statusView(parts, 0))(name ?? null),
    reader,
    unread: new UnreadAnswers(),
    probes,
    onCutOff: () => parts.metrics.eventDropped('stream'),
  });
  return {
    clock,
    fleet,
    bus,
    stream: { open: () => stream.open(lastEventId ?? null), close: () => stream.close() },
    dropped,
    reload: () => void (reloads += 1),
    stuck: (unread = 100 * 1024 * 1024) => void (backlog = unread),
    isCut: () => cut,
    /** The connection takes nothing more, or takes what it has and goes on. */
    busy: (is: boolean) => {
      busy = is;
      if (!is) for (const done of taken.splice(0)) done();
    },
    unread: () => stream.writableLength,
    /** What has come since the last look. */
    news: (): Message[] => {
      const messages = text.split('\n\n').filter((part) => part.startsWith('event:') || part.startsWith('id:'));
      text = '';
      return messages.map((message) => {
        const fields = new Map(message.split('\n').map((line) => line.split(/: (.*)/s, 2) as [string, string]));
        const id = fields.get('id');
        const data = JSON.parse(fields.get('data') ?? 'null') as Record<string, unknown>;
        return { ...(id !== undefined && { id: Number(id) }), event: fields.get('event') ?? '', data };
      });
    },
  };
}

const phaseChanged = (name: string, at = 0): FleetEvent => ({
  type: 'phase_changed',
  at,
  name,
  account: 'acme',
  from: 'healthy',
  to: 'suspect',
  cause: 'timeout',
  detail: null,
  failures: 1,
  failingSince: at,
});
const probed = (name: string): FleetEvent => ({
  type: 'probe_finished',
  at: 10,
  name,
  account: 'acme',
  cause: 'connected',
  detail: null,
  startedAt: 5,
  seconds: 0.005,
  latenessSeconds: 0,
});
const kinds = (messages: readonly Message[]): string[] => messages.map(({ event }) => event);

describe('a live stream', () => {
  it('begins with the generation and the status', () => {
    const { stream, news } = openStream();
    stream.open();
    const messages = news();
    expect(kinds(messages)).toEqual(['hello', 'status']);
    expect(messages[1]?.data).toMatchObject({ instances: { total: 2, byPhase: { healthy: 2 } } });
  });

  it('sends an event at once, and a moment later the instance, once for all its events', async () => {
    const { stream, news, bus, clock } = openStream();
    stream.open();
    news();
    for (let index = 0; index < 5; index += 1) bus.publish(phaseChanged('a'));
    expect(news().map(({ id, event }) => [id, event])).toEqual([1, 2, 3, 4, 5].map((id) => [id, 'event']));
    await clock.run(SECOND);
    const [instances] = news();
    expect(instances).toMatchObject({ event: 'instances', data: { removed: [], instances: [{ name: 'a' }] } });
    await clock.run(SECOND);
    expect(news()).toEqual([]);
  });

  it('sends the status again only when it has changed', async () => {
    const { stream, news, bus, clock, fleet } = openStream();
    stream.open();
    news();
    const a = fleet.instances.get('a')!;
    a.state = { ...a.state, phase: 'suspect' };
    bus.publish(phaseChanged('a'));
    await clock.run(SECOND);
    expect(kinds(news())).toContain('status');
    bus.publish(phaseChanged('a'));
    await clock.run(SECOND);
    expect(kinds(news())).not.toContain('status');
  });

  it('sends probes only where they are requested, the last one of each instance', async () => {
    const [with_, without] = [openStream({ probes: true }), openStream()];
    for (const { stream, news, bus, clock } of [with_, without]) {
      stream.open();
      news();
      for (let index = 0; index < 3; index += 1) bus.publish(probed('a'));
      await clock.run(SECOND);
    }
    const time = '1970-01-01T00:00:00.005Z';
    expect(with_.news()).toEqual([{ event: 'probes', data: { probes: [['a', 'h', time, 0.005, 'connected', null]] } }]);
    expect(without.news()).toEqual([]);
  });

  it('of one instance is silent about the others', async () => {
    const { stream, news, bus, clock } = openStream({ name: 'b', probes: true });
    stream.open();
    news();
    bus.publish(phaseChanged('a'));
    bus.publish(probed('a'));
    await clock.run(SECOND);
    expect(news()).toEqual([]);
    bus.publish(phaseChanged('b'));
    expect(kinds(news())).toEqual(['event']);
  });

  it('goes on where it broke off', () => {
    const first = openStream({ lastEventId: 2 });
    for (const name of ['a', 'b', 'a', 'b']) first.bus.publish(phaseChanged(name));
    first.stream.open();
    expect(first.news().flatMap(({ id }) => id ?? [])).toEqual([3, 4]);
  });

  it('says hello with another id when the config was exchanged', async () => {
    const { stream, news, bus, clock, reload } = openStream();
    stream.open();
    const before = news()[0]?.data['generation'];
    reload();
    const counts = { added: 0, removed: 0, changed: 0, changedAccounts: 0, waitingForRestart: [] };
    bus.publish({ type: 'config_reloaded', at: 0, reason: 'files', ...counts });
    await clock.run(SECOND);
    const hello = news().find(({ event }) => event === 'hello');
    expect(hello?.data['generation']).not.toBe(before);
  });

  it('sends ten thousand changes in pieces', async () => {
    const names = Array.from({ length: 10_000 }, (_, index) => `n${index}`);
    const { stream, news, bus, clock } = openStream({}, names);
    stream.open();
    news();
    for (const name of names) bus.publish(phaseChanged(name));
    await clock.run(10 * SECOND);
    const messages = news().filter(({ event }) => event === 'instances');
    const sizes = messages.map(({ data }) => (data['instances'] as unknown[]).length);
    expect([Math.max(...sizes), sizes.reduce((sum, size) => sum + size, 0)]).toEqual([500, 10_000]);
  });

  it('cuts off a reader that is too slow, and counts that', () => {
    const { stream, bus, dropped, stuck, isCut, news } = openStream();
    stream.open();
    stuck();
    bus.publish(phaseChanged('a'));
    bus.publish(phaseChanged('a'));
    expect([dropped, isCut()]).toEqual([['stream'], true]);
    expect(kinds(news())).toEqual(['hello', 'status']);
  });

  it('cuts off a reader that has not caught up for 30 seconds, however little it has not read', async () => {
    const { stream, clock, stuck, isCut } = openStream();
    stream.open();
    stuck(1);
    await clock.run(29 * SECOND);
    expect(isCut()).toBe(false);
    await clock.run(SECOND);
    expect(isCut()).toBe(true);
  });

  it('hands its reader one text at a time, and then all that has come meanwhile, in order', () => {
    const { stream, bus, busy, unread, news } = openStream();
    stream.open();
    news();
    busy(true);
    for (const name of ['a', 'b', 'a']) bus.publish(phaseChanged(name));
    expect(news().map(({ data }) => data['name'])).toEqual(['a']);
    expect(unread()).toBeGreaterThan(200);
    busy(false);
    expect(news().map(({ data }) => data['name'])).toEqual(['b', 'a']);
    expect(unread()).toBe(0);
  });

  it('leaves nothing behind when it is closed', async () => {
    const { stream, news, bus, clock } = openStream({ probes: true });
    stream.open();
    bus.publish(phaseChanged('a'));
    stream.close();
    news();
    bus.publish(phaseChanged('a'));
    await clock.run(60 * SECOND);
    expect(news()).toEqual([]);
  });
});
