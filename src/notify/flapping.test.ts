import { describe, expect, it } from 'vitest';
import { notice, receiverSettings } from '../../test/notify/notices.ts';
import { GROUP_TOPICS, USUAL_TOPICS, type NotifyTopic, type ReceiverSettings } from '../core/notification.ts';
import { HOUR, MINUTE } from '../core/time.ts';
import type { Cause } from '../core/verdict.ts';
import { SimulatedClock } from '../simulation/simulated-clock.ts';
import type { Message, Notice } from './notice.ts';
import { Receiver } from './receiver.ts';

const ALL: readonly NotifyTopic[] = [...USUAL_TOPICS, 'healed', 'recovered', 'restart', 'not_healed'];
const FLAPPING = { changes: 5, within: HOUR };

/** A receiver that is sent everything at once, and what it was sent, as `topic stage`. */
function startReceiver(more: Partial<ReceiverSettings> = {}) {
  const clock = new SimulatedClock();
  const sent: Message[] = [];
  const settings = receiverSettings({ events: ALL, groupWait: 0, flapping: FLAPPING, ...more });
  const receiver = new Receiver({
    clock,
    wall: { now: () => clock.now() },
    settings,
    reminder: (key, at) => (key === 'instance:a' ? notice({ name: 'a', stage: 'lasts', at }) : null),
    send: (message) => sent.push(message),
  });
  const said = (): string[] => sent.splice(0).map(({ notices: [first] }) => `${first.topic} ${first.stage}`);
  let count = 0;
  const receive = (topic: NotifyTopic, stage: Notice['stage'] = 'began', of: Partial<Notice> = {}): void => {
    count += 1;
    const incident = stage === 'happened' ? { incident: null } : {};
    receiver.receive(notice({ name: 'a', topic, stage, id: `n${count}`, at: clock.now(), ...incident, ...of }));
  };
  /** Goes down and comes back, once a minute for each. */
  const flap = async (times: number): Promise<void> => {
    for (let time = 0; time < times; time += 1) {
      receive('down');
      await clock.run(MINUTE);
      receive('healed', 'ended');
      await clock.run(MINUTE);
    }
  };
  return { clock, receiver, settings, sent, said, receive, flap };
}

/** The same, once it has flapped for so long that one incident stands for all of it, and nothing waits to be looked at. */
async function startFlapping(more: Partial<ReceiverSettings> = {}) {
  const flapping = startReceiver(more);
  await flapping.flap(5);
  flapping.said();
  return flapping;
}

const round = ['down began', 'healed ended'];
const asked = ['needs_human began', 'recovered ended'];
const changed = (topic: NotifyTopic): readonly string[] => [`${topic} began`, `${topic} ended`];
const CHANGED = {
  type: 'cause_changed',
  at: 0,
  name: 'a',
  account: 'acme',
  phase: 'needs_human',
  from: null,
  detail: null,
} as const;

describe('an instance that goes down and comes back without end', () => {
  it('is one incident, which begins with the first change too many', async () => {
    const { sent, said, flap } = startReceiver();
    await flap(2);
    expect(said()).toEqual([...round, ...round]);
    await flap(1);
    expect(sent.map(({ notices: [first] }) => first)).toMatchObject([
      {
        ...{ topic: 'flapping', stage: 'began', level: 'warn', incident: 'flapping:a', name: 'a', accounts: ['acme'] },
        text: 'a is flapping: it went down or came back 5 times within 4 min. Messages about that are held back until it has not changed for 60 min.',
      },
    ]);
    said();
    await flap(20);
    expect(said()).toEqual([]);
  });

  it('ends when nothing has changed for the length of the window; then changes are notified again', async () => {
    const { clock, sent, said, flap } = await startFlapping();
    await clock.run(HOUR - 2 * MINUTE);
    expect(said()).toEqual([]);
    await clock.run(MINUTE);
    const [over] = sent;
    expect(over?.notices[0]).toMatchObject({ incident: 'flapping:a', text: 'a is no longer flapping: it stays up' });
    expect(said()).toEqual(['flapping ended']);
    await flap(2);
    expect(said()).toEqual([...round, ...round]);
  });

  it('does not flap if its changes lie farther apart', async () => {
    const { clock, said, flap } = startReceiver();
    for (let time = 0; time < 20; time += 1) {
      await flap(1);
      await clock.run(28 * MINUTE);
    }
    expect(said()).toEqual(Array.from({ length: 20 }, () => round).flat());
  });

  it('holds nothing back of another one', async () => {
    const { said, receive } = await startFlapping();
    receive('down', 'began', { name: 'b', incident: 'instance:b' });
    expect(said()).toEqual(['down began']);
  });

  it('has all held back that follows from it, and nothing else', async () => {
    const { said, receive } = await startFlapping();
    const held: NotifyTopic[] = ['restart', 'not_healed', 'exhausted', 'down'];
    for (const topic of held) receive(topic, topic === 'down' || topic === 'exhausted' ? 'began' : 'happened');
    receive('recovered', 'ended');
    expect(said()).toEqual([]);
    receive('restart_harmed', 'happened');
    receive('decision_failed', 'happened');
    receive('state_not_saved', 'began', { incident: 'state:a' });
    receive('storm', 'began', { name: null, incident: 'storm:acme' });
    const sent = ['restart_harmed happened', 'decision_failed happened', 'state_not_saved began', 'storm began'];
    expect(said()).toEqual(sent);
  });
});

describe('an instance that stops flapping while it is down', () => {
  it('is notified as down then, with its reminders and its end', async () => {
    const { clock, sent, said, receive } = await startFlapping({ events: USUAL_TOPICS, remindEvery: 2 * HOUR });
    receive('down');
    said();
    await clock.run(HOUR);
    expect(sent[0]?.notices[0].text).toBe('a is no longer flapping: it stays down');
    expect(said()).toEqual(['flapping ended', 'down began']);
    await clock.run(2 * HOUR);
    expect(said()).toEqual(['down lasts']);
    receive('recovered', 'ended');
    expect(said()).toEqual(['recovered ended']);
    await clock.run(24 * HOUR);
    expect(said()).toEqual([]);
  });

  it('and exhausted is notified as exhausted, because nobody knows that yet', async () => {
    const { clock, said, receive } = await startFlapping();
    receive('down');
    receive('exhausted');
    receive('not_healed', 'happened');
    said();
    await clock.run(HOUR);
    expect(said()).toEqual(['flapping ended', 'exhausted began']);
  });

  it('is reminded of by nothing before', async () => {
    const { clock, receiver, said, receive } = await startFlapping({ remindEvery: 10 * MINUTE });
    receive('down');
    said();
    // As at every reload of the config.
    receiver.adopt([notice({ name: 'a' })]);
    await clock.run(50 * MINUTE);
    expect(said()).toEqual([]);
  });
});

describe('an instance that stops flapping while it is up', () => {
  it('is reminded of no longer, although only its beginning was sent', async () => {
    const { clock, said, flap, receive } = startReceiver({ remindEvery: 10 * MINUTE });
    receive('recovered', 'ended');
    await flap(2);
    expect(said()).toEqual(['recovered ended', ...round, 'down began', 'flapping began']);
    await clock.run(58 * MINUTE);
    expect(said()).toEqual([]);
    await clock.run(HOUR);
    expect(said()).toEqual(['flapping ended']);
  });
});

describe('an instance that needs a human while it flaps', () => {
  it('is notified as such, and so is the end of that', async () => {
    const { said, flap, receive } = await startFlapping({ events: USUAL_TOPICS });
    receive('down');
    said();
    receive('needs_human');
    expect(said()).toEqual(['needs_human began']);
    receive('recovered', 'ended');
    expect(said()).toEqual(['recovered ended']);
    await flap(1);
    expect(said()).toEqual([]);
  });

  it('and still needs one when it stops flapping is not announced as down', async () => {
    const { clock, sent, said, receive } = await startFlapping();
    receive('down');
    receive('needs_human');
    said();
    await clock.run(HOUR);
    expect(sent[0]?.notices[0].text).toBe('a is no longer flapping: it needs a human');
    expect(said()).toEqual(['flapping ended']);
    receive('recovered', 'ended');
    expect(said()).toEqual(['recovered ended']);
  });

  it('and no longer does when it stops flapping is up', async () => {
    const { clock, sent, said, receive } = await startFlapping();
    receive('down');
    receive('needs_human');
    receive('recovered', 'ended');
    said();
    await clock.run(HOUR);
    expect(sent[0]?.notices[0].text).toBe('a is no longer flapping: it stays up');
    expect(said()).toEqual(['flapping ended']);
  });
});

describe('an instance that needs a human and does not, without end', () => {
  it('is notified for each reason once while it flaps, and of the end of what was sent', () => {
    const { said, receive } = startReceiver({ events: USUAL_TOPICS });
    const because = (cause: Cause): Partial<Notice> => ({ news: { ...CHANGED, cause } });
    for (let time = 0; time < 2; time += 1) {
      receive('needs_human', 'began', because('pairing_required'));
      receive('recovered', 'ended');
    }
    expect(said()).toEqual([...asked, ...asked]);
    receive('needs_human', 'began', because('pairing_required'));
    expect(said()).toEqual(['flapping began']);
    receive('recovered', 'ended');
    receive('needs_human', 'began', because('pairing_required'));
    receive('recovered', 'ended');
    expect(said()).toEqual([]);
    receive('needs_human', 'began', because('banned'));
    receive('recovered', 'ended');
    expect(said()).toEqual(asked);
  });

  it('and needs one at the end is announced so, for that was held back', async () => {
    const { clock, sent, said, receive } = startReceiver({ events: USUAL_TOPICS });
    for (let time = 0; time < 5; time += 1) {
      receive('needs_human');
      receive('recovered', 'ended');
    }
    receive('needs_human');
    said();
    await clock.run(HOUR);
    expect(sent[0]?.notices[0].text).toBe('a is no longer flapping: it needs a human');
    expect(said()).toEqual(['flapping ended', 'needs_human began']);
    receive('recovered', 'ended');
    expect(said()).toEqual(['recovered ended']);
  });
});

describe('an incident of many instances that begins and ends without end', () => {
  const OF_MANY = { name: null, accounts: ['acme'] } as const;

  it.each(GROUP_TOPICS)('is one incident: %s', async (topic) => {
    const { clock, sent, said, receive } = startReceiver();
    const incident = topic === 'own_network' ? topic : `${topic}:acme`;
    const change = async (stage: Notice['stage']): Promise<void> => {
      receive(topic, stage, { ...OF_MANY, incident });
      await clock.run(MINUTE);
    };
    for (let time = 0; time < 20; time += 1) {
      await change('began');
      await change('ended');
    }
    const words = topic.replace('_', ' ');
    expect(sent.at(-1)?.notices[0]).toMatchObject({
      ...{ topic: 'flapping', incident: `flapping_${incident}`, news: { of: topic } },
      text: `${words} of acme is flapping: it began or ended 5 times within 4 min. Messages about that are held back until it has not changed for 60 min.`,
    });
    expect(said()).toEqual([...changed(topic), ...changed(topic), 'flapping began']);
    await clock.run(HOUR);
    expect(sent[0]?.notices[0].text).toBe(`${words} of acme is no longer flapping: it is over`);
    expect(said()).toEqual(['flapping ended']);
  });

  it('is announced when it lasts, and holds nothing back of another account, incident or instance', async () => {
    const { clock, sent, said, receive } = startReceiver();
    for (let time = 0; time < 5; time += 1) {
      receive('storm', 'began', { ...OF_MANY, incident: 'storm:acme' });
      receive('storm', 'ended', { ...OF_MANY, incident: 'storm:acme' });
    }
    said();
    receive('storm', 'began', { ...OF_MANY, incident: 'storm:other', accounts: ['other'] });
    receive('blind', 'began', { ...OF_MANY, incident: 'blind:acme' });
    receive('down');
    expect(said()).toEqual(['storm began', 'blind began', 'down began']);
    receive('storm', 'began', { ...OF_MANY, incident: 'storm:acme' });
    await clock.run(HOUR);
    expect(sent[0]?.notices[0].text).toBe('storm of acme is no longer flapping: it lasts');
    expect(said()).toEqual(['flapping ended', 'storm began']);
  });
});

describe('a receiver', () => {
  it('that does not want the ends still has them counted, and learns at the end whether it is up', async () => {
    const { clock, sent, said, flap } = startReceiver({ events: USUAL_TOPICS });
    await flap(2);
    expect(said()).toEqual([...round, ...round]);
    await flap(3);
    expect(said()).toEqual(['flapping began']);
    await clock.run(HOUR);
    expect(sent[0]?.notices[0].text).toBe('a is no longer flapping: it stays up');
    expect(said()).toEqual(['flapping ended']);
  });

  it.each<[string, Partial<ReceiverSettings>]>([
    ['has it switched off', { flapping: null }],
    ['has not selected it', { events: ALL.filter((topic) => topic !== 'flapping') }],
  ])('that %s gets every change', async (_how, more) => {
    const { clock, said, flap } = startReceiver(more);
    await flap(20);
    await clock.run(2 * HOUR);
    expect(said()).toEqual(Array.from({ length: 20 }, () => round).flat());
  });

  it('of other accounts is not sent that it flaps', async () => {
    const { clock, said, flap } = startReceiver({ accounts: ['other'] });
    await flap(20);
    await clock.run(2 * HOUR);
    expect(said()).toEqual([]);
  });

  it('whose settings end it is sent what was held back, at once', async () => {
    const { clock, receiver, settings, said, flap, receive } = await startFlapping();
    receive('down');
    said();
    receiver.reconfigure({ ...settings, groupWait: 1 });
    expect(said()).toEqual([]);
    receiver.reconfigure({ ...settings, flapping: null });
    expect(said()).toEqual(['flapping ended', 'down began']);
    await flap(1);
    expect(said()).toEqual(['down began', 'healed ended']);
    await clock.run(2 * HOUR);
    expect(said()).toEqual([]);
  });

  it('that is closed is sent no more of it', async () => {
    const { clock, receiver, said } = await startFlapping();
    receiver.close();
    await clock.run(2 * HOUR);
    expect(said()).toEqual([]);
  });

  it('gets an id of its own for each message about it', async () => {
    const { clock, sent, flap, receive } = startReceiver();
    await flap(5);
    receive('down');
    await clock.run(HOUR);
    const ids = sent.map(({ notices: [first] }) => first.id);
    expect(new Set(ids).size).toBe(ids.length);
  });
});
