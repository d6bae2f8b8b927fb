import { describe, expect, it } from 'vitest';
import { notice, receiverSettings } from '../../test/notify/notices.ts';
import type { ReceiverSettings } from '../core/notification.ts';
import { HOUR, SECOND } from '../core/time.ts';
import { SimulatedClock } from '../simulation/simulated-clock.ts';
import type { Message, Notice } from './notice.ts';
import { MOST_SHOWN, Receiver } from './receiver.ts';

function startReceiver(more: Partial<ReceiverSettings> = {}) {
  const clock = new SimulatedClock();
  const sent: Message[] = [];
  const over = new Set<string>();
  const receiver = new Receiver({
    clock,
    wall: { now: () => clock.now() },
    settings: receiverSettings(more),
    reminder: (key, at) => (over.has(key) ? null : notice({ incident: key, stage: 'lasts', at })),
    send: (message) => sent.push(message),
  });
  /** Messages as `topic stage ×count`. */
  const said = (): string[] => sent.map(({ notices: [first], count }) => `${first.topic} ${first.stage} ×${count}`);
  return { clock, receiver, sent, said, over };
}

const down = (name: string): Notice => notice({ name });
const up = (name: string): Notice => notice({ name, topic: 'healed', stage: 'ended' });
const fleet = (count: number): string[] => Array.from({ length: count }, (_, index) => `n${index}`);

describe('a receiver', () => {
  it('gets one message for fifty instances that fail within seconds', async () => {
    const { clock, receiver, said, sent } = startReceiver();
    for (const name of fleet(50)) {
      receiver.receive(down(name));
      await clock.run(100);
    }
    expect(said()).toEqual([]);
    await clock.run(10 * SECOND);
    expect(said()).toEqual(['down began ×50']);
    expect(sent[0]?.notices).toHaveLength(MOST_SHOWN);
  });

  it.each(['cloudevents', 'standard'] as const)('for machines (%s) gets each event by itself, at once', (format) => {
    const { receiver, said } = startReceiver({ format });
    for (const name of fleet(50)) receiver.receive(down(name));
    expect(said()).toEqual(fleet(50).map(() => 'down began ×1'));
  });

  it('with no groupWait gets each event at once', () => {
    const { receiver, said } = startReceiver({ groupWait: 0 });
    for (const name of fleet(3)) receiver.receive(down(name));
    expect(said()).toHaveLength(3);
  });

  it('never gets an end before the beginning, however they are grouped', async () => {
    const { clock, receiver, said } = startReceiver({ events: ['down', 'healed'] });
    receiver.receive(up('a'));
    receiver.receive(down('b'));
    receiver.receive(up('b'));
    receiver.receive(down('a'));
    await clock.run(10 * SECOND);
    expect(said()).toEqual(['healed ended ×1', 'down began ×1', 'healed ended ×1', 'down began ×1']);
  });

  it('gets only its topics, and the end of everything that it got', async () => {
    const { clock, receiver, said } = startReceiver({ events: ['exhausted'] });
    receiver.receive(down('a'));
    receiver.receive(up('a'));
    await clock.run(10 * SECOND);
    expect(said()).toEqual([]);
    receiver.receive(notice({ name: 'b', topic: 'exhausted' }));
    receiver.receive(up('b'));
    await clock.run(10 * SECOND);
    expect(said()).toEqual(['exhausted began ×1', 'healed ended ×1']);
  });

  it.each([
    ['ops', ['down']],
    ['other', ['escalated']],
  ] as const)('gets a call for help where it is named, or where it wants all of them: %s, %j', (to, events) => {
    const { receiver, said } = startReceiver({ name: 'ops', groupWait: 0, events });
    const news = { type: 'escalated', at: 0, name: 'n1', account: 'acme', attempt: 3, cause: 'disconnected' } as const;
    const call = (whom: string) =>
      notice({ topic: 'escalated', stage: 'happened', incident: null, news: { ...news, to: whom } });
    receiver.receive(call(to));
    expect(said()).toEqual(['escalated happened ×1']);
    if (to === 'ops') receiver.receive(call('another'));
    expect(said()).toHaveLength(1);
  });

  it('of some accounts gets their events, and those of no account', async () => {
    const { clock, receiver, sent } = startReceiver({ accounts: ['acme'] });
    receiver.receive(notice({ name: 'a', account: 'acme', accounts: ['acme'] }));
    receiver.receive(notice({ name: 'b', account: 'other', accounts: ['other'] }));
    receiver.receive(notice({ name: null, account: null, accounts: [], incident: 'c', topic: 'storm' }));
    await clock.run(10 * SECOND);
    expect(sent.flatMap(({ notices }) => notices.map(({ account }) => account))).toEqual(['acme', null]);
  });

  it('of some accounts gets what affects a whole gateway if one of them is among its accounts', async () => {
    const ofGateway = (accounts: string[], incident: string, more: Partial<Notice> = {}): Notice =>
      notice({ name: null, account: null, accounts, incident, topic: 'storm', ...more });
    const { clock, receiver, sent, said } = startReceiver({ accounts: ['acme', 'beta'] });
    receiver.receive(ofGateway(['gamma', 'beta'], 'theirs'));
    receiver.receive(ofGateway(['gamma', 'delta'], 'others'));
    await clock.run(10 * SECOND);
    expect(sent.flatMap(({ notices }) => notices.map(({ incident }) => incident))).toEqual(['theirs']);
    receiver.receive(ofGateway(['gamma', 'delta'], 'others', { stage: 'ended' }));
    receiver.receive(ofGateway(['gamma', 'beta'], 'theirs', { stage: 'ended' }));
    await clock.run(10 * SECOND);
    expect(said()).toEqual(['storm began ×1', 'storm ended ×1']);
  });

  it('sends what it has collected before it takes other settings, and when it is closed', () => {
    const { receiver, said } = startReceiver();
    receiver.receive(down('a'));
    receiver.reconfigure(receiverSettings({ groupWait: 5 * SECOND }));
    expect(said()).toEqual(['down began ×1']);
    receiver.receive(down('b'));
    receiver.close();
    expect(said()).toEqual(['down began ×1', 'down began ×1']);
  });
});

describe('reminders', () => {
  it('come as often as they shall while it lasts, together for all that began together', async () => {
    const { clock, receiver, said } = startReceiver();
    for (const name of fleet(50)) receiver.receive(down(name));
    await clock.run(8 * HOUR + 20 * SECOND);
    expect(said()).toEqual(['down began ×50', 'down lasts ×50', 'down lasts ×50']);
    for (const name of fleet(50)) receiver.receive(up(name));
    await clock.run(24 * HOUR);
    expect(said().slice(3)).toEqual(['healed ended ×50']);
  });

  it('count from the last notice', async () => {
    const { clock, receiver, said } = startReceiver();
    receiver.receive(down('a'));
    await clock.run(3 * HOUR);
    receiver.receive(notice({ name: 'a', topic: 'exhausted' }));
    await clock.run(3 * HOUR);
    expect(said()).toEqual(['down began ×1', 'exhausted began ×1']);
    await clock.run(2 * HOUR);
    expect(said()).toHaveLength(3);
  });

  it('do not come where none are configured, and follow a change of the settings', async () => {
    const { clock, receiver, said } = startReceiver({ remindEvery: null });
    receiver.receive(down('a'));
    await clock.run(24 * HOUR);
    expect(said()).toHaveLength(1);
    receiver.reconfigure(receiverSettings({ remindEvery: HOUR }));
    await clock.run(2 * HOUR + 20 * SECOND);
    expect(said().slice(1)).toEqual(['down lasts ×1', 'down lasts ×1', 'down lasts ×1']);
  });

  it('end without a message when the incident or the receiver is removed', async () => {
    const { clock, receiver, said, over } = startReceiver();
    receiver.receive(down('a'));
    over.add('instance:a');
    await clock.run(24 * HOUR);
    expect(said()).toHaveLength(1);
    receiver.receive(down('b'));
    receiver.close();
    await clock.run(24 * HOUR);
    expect(said()).toHaveLength(2);
  });

  it('come of what was found at the start as well, and so does its end; it is not announced', async () => {
    const { clock, receiver, said } = startReceiver();
    receiver.adopt([down('a'), notice({ name: 'b', topic: 'paused' })]);
    await clock.run(HOUR);
    expect(said()).toEqual([]);
    await clock.run(3 * HOUR + 20 * SECOND);
    expect(said()).toEqual(['down lasts ×1']);
    receiver.receive(up('a'));
    receiver.receive(notice({ name: 'b', topic: 'paused', stage: 'ended' }));
    await clock.run(10 * SECOND);
    expect(said()).toEqual(['down lasts ×1', 'healed ended ×1']);
  });
});
