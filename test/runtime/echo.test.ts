import { describe, expect, it } from 'vitest';
import { ECHO_WITHIN, echoMarkIn, echoNumber, echoText } from '../../src/core/silence/echo.ts';
import { HOUR, MINUTE, SECOND } from '../../src/core/time.ts';
import type { OutgoingText } from '../../src/gateway/gateway.ts';
import { FakeGateway } from '../fleet/fake-gateway.ts';
import { testGuards, type TestGuards, type TestInstance, type TestLimits } from '../fleet/fleet.ts';
import { cron, testPolicy, type PolicyOverrides } from '../fleet/policy.ts';
import { fleetClock, prepareReload, startSmallFleet } from '../fleet/small-fleet.ts';

const [ANA, BIA] = ['5511999990001', '5511999990002'];
const MARKS = /^watchdog-echo-[0-9a-f]{16}$/;

interface Sent extends OutgoingText {
  readonly id: string;
  readonly at: number;
}

/** Two instances that send a message every half hour, over a gateway that sends `back` what it wants. */
async function start({
  policy = {},
  guards = {},
  back = () => true,
  accepts = () => true,
  instances,
}: {
  policy?: PolicyOverrides;
  guards?: TestGuards & TestLimits;
  back?: (sent: Sent) => boolean;
  accepts?: () => boolean;
  instances?: readonly TestInstance[];
} = {}) {
  const clock = fleetClock();
  const sent: Sent[] = [];
  const outcomes: string[] = [];
  let marks = 0;
  const gateway = new FakeGateway(clock);
  const send: FakeGateway['send'] = async ({ phoneNumberId: id }, message) => {
    const one = { ...message, id, at: clock.now() };
    sent.push(one);
    const mark = echoMarkIn(one.text) ?? '';
    if (accepts() && back(one)) setTimeoutOn(clock, 5 * SECOND, () => fleet.watch.control.echoed(mark));
    return Promise.resolve(accepts());
  };
  gateway.send = send;
  const fleet = await startSmallFleet({
    clock,
    gateway,
    ...guards,
    policy: testPolicy({ silentAfter: 24 * 3_600, echo: [1_800, 'self'], ...policy }),
    instances: instances ?? [
      { id: ANA, name: 'ana' },
      { id: BIA, name: 'bia' },
    ],
    newMark: () => (marks++).toString(16).padStart(16, '0'),
    onEcho: (_, outcome) => outcomes.push(outcome),
  });
  return { ...fleet, sent, outcomes };
}

function setTimeoutOn(clock: ReturnType<typeof fleetClock>, after: number, work: () => void): void {
  clock.after(after, work);
}

describe('a message that must come back', () => {
  it('is sent every so often, says nothing but its mark, and is a sign of life when it comes back', async () => {
    const { clock, sent, outcomes, instance, published } = await start();
    await clock.run(2 * HOUR);
    expect(sent.length).toBe(8);
    expect(new Set(sent.map(({ text }) => text)).size).toBe(8);
    for (const { id, to, text } of sent) expect([to, text]).toEqual([id, expect.stringMatching(MARKS)]);
    expect(new Set(outcomes)).toEqual(new Set(['returned']));
    expect(instance('ana').activity.lastAt).toBeGreaterThan(clock.now() - HOUR);
    expect(published('silence_began')).toEqual([]);
  });

  it('is sent by each in turn where there is not time enough for all, the one that waits longest first', async () => {
    const instances = Array.from({ length: 150 }, (_, index) => ({
      id: `55119999${10_000 + index}`,
      name: `n${index}`,
    }));
    const { clock, sent } = await start({ policy: { echo: [300, 'self'] }, instances });
    await clock.run(40 * MINUTE);
    const counts = instances.map(({ id }) => sent.filter((one) => one.id === id).length);
    expect(Math.min(...counts)).toBeGreaterThan(0);
    expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
  });

  it('is not sent more often where the fleet changes again and again', async () => {
    const { clock, sent, watch } = await start();
    const policy = testPolicy({ silentAfter: 24 * 3_600, echo: [1_800, 'self'] });
    for (let change = 1; change <= 24; change += 1) {
      await clock.run(5 * MINUTE);
      const others = Array.from({ length: change % 2 }, () => ({ id: '5511999990003', name: 'cid', policy }));
      const instances = [...others, { id: ANA, name: 'ana', policy }, { id: BIA, name: 'bia', policy }];
      (await prepareReload(watch, { instances, guards: testGuards() }))();
    }
    expect(sent.filter(({ id }) => id === ANA).length).toBeLessThanOrEqual(4);
    expect(sent.filter(({ id }) => id === BIA).length).toBeLessThanOrEqual(4);
  });

  it('counts towards the limits of the account', async () => {
    const { clock, sent, instance } = await start({ guards: { concurrency: 1 } });
    await clock.run(MINUTE);
    const { requests } = instance('ana').account;
    requests.enter(() => undefined);
    await clock.run(2 * HOUR);
    expect(sent).toEqual([]);
    requests.leave();
    await clock.run(MINUTE);
    expect(sent.length).toBeGreaterThan(0);
  });

  it('shows silence at once where it does not come back, and the end of it when it does', async () => {
    let isDeaf = true;
    const { clock, sent, outcomes, published, instance } = await start({ back: ({ id }) => id === BIA || !isDeaf });
    await clock.run(31 * MINUTE);
    const { at } = sent.find(({ id }) => id === ANA)!;
    expect(published('silence_began')).toMatchObject([{ name: 'ana', since: at, limit: ECHO_WITHIN }]);
    expect(published('silence_began')[0]!.at - at).toBeLessThanOrEqual(ECHO_WITHIN + SECOND);
    expect([instance('ana').state.cause, instance('ana').state.phase]).toEqual(['silent', 'healthy']);
    expect(outcomes.toSorted()).toEqual(['missing', 'returned']);
    isDeaf = false;
    await clock.run(31 * MINUTE);
    expect(published('silence_ended')).toMatchObject([{ name: 'ana', why: 'activity' }]);
  });

  it('shows none where something else came in meanwhile, or the gateway did not accept it', async () => {
    const other = await start({
      back(one) {
        setTimeoutOn(
          other.clock,
          SECOND,
          () => void other.watch.control.heard(other.instance(one.id === ANA ? 'ana' : 'bia')),
        );
        return false;
      },
    });
    await other.clock.run(HOUR);
    const refused = await start({ accepts: () => false });
    await refused.clock.run(HOUR);
    expect([other.published('silence_began'), refused.published('silence_began')]).toEqual([[], []]);
    expect([new Set(other.outcomes), new Set(refused.outcomes)]).toEqual([
      new Set(['returned']),
      new Set(['not_sent']),
    ]);
  });

  it('is under way once at a time in an account', async () => {
    const instances = Array.from({ length: 20 }, (_, n) => ({ id: `55119999900${n + 10}`, name: `n${n}` }));
    const { clock, sent } = await start({ policy: { echo: [300, 'self'] }, back: () => false, instances });
    await clock.run(30 * MINUTE);
    const gaps = sent.slice(1).map(({ at }, index) => at - sent[index]!.at);
    expect([sent.length > 20, Math.min(...gaps) >= ECHO_WITHIN]).toEqual([true, true]);
  });

  it.each<[string, Parameters<typeof start>[0], ((fleet: Awaited<ReturnType<typeof start>>) => unknown)?]>([
    ['in a dry run', { guards: { dryRun: true } }],
    ['where it is not asked for', { policy: { echo: undefined } as never }],
    [
      'while the instance is down',
      {},
      ({ gateway }) => {
        gateway.onRestart = () => undefined;
        gateway.causes.set(ANA, 'disconnected').set(BIA, 'disconnected');
      },
    ],
    [
      'in a maintenance window',
      {
        guards: {
          maintenance: [{ name: 'always', cron: cron('0 * * * *'), duration: HOUR, accounts: [], instances: [] }],
        },
      },
    ],
    ['while it needs a person', {}, ({ gateway }) => gateway.causes.set(ANA, 'banned').set(BIA, 'banned')],
    [
      'while it is paused',
      {},
      async ({ watch, instance }) => {
        for (const name of ['ana', 'bia'])
          await watch.control.pause(instance(name), { reason: 'x', by: 'me', until: null });
      },
    ],
    ['to itself where no webhook would show it', {}, ({ gateway }) => Object.assign(gateway, { sendsToSelf: false })],
    ['where the number is not known', { instances: [{ id: 'shop', name: 'shop' }] }],
  ])('is not sent %s', async (_, options, before) => {
    const fleet = await start(options);
    await before?.(fleet);
    await fleet.clock.run(2 * HOUR);
    expect(fleet.sent).toEqual([]);
  });

  it('goes to another instance of the account, by its name, or to a number', async () => {
    const named = await start({
      policy: { echo: [1_800, 'bia'] },
      instances: [
        { id: 'shop', name: 'ana' },
        { id: BIA, name: 'bia' },
      ],
    });
    const numbered = await start({ policy: { echo: [1_800, ANA] }, instances: [{ id: 'shop', name: 'ana' }] });
    await named.clock.run(HOUR);
    await numbered.clock.run(HOUR);
    expect(new Set(named.sent.map(({ to }) => to))).toEqual(new Set([BIA]));
    expect(new Set(numbered.sent.map(({ to }) => to))).toEqual(new Set([ANA]));
  });

  it('stops with the watchdog', async () => {
    const { clock, watch, sent } = await start();
    await watch.stop();
    await clock.run(2 * HOUR);
    expect(sent).toEqual([]);
  });
});

it.each([
  [`{"text":"${echoText('0123456789abcdef')}"}`, '0123456789abcdef'],
  ['jsonData=%22watchdog-echo-0123456789abcdef%22', '0123456789abcdef'],
  ['watchdog-echo-0123456789abcde', null],
  ['watchdog-echo-0123456789abcdef0', null],
  ['watchdog-echo-', null],
  ['', null],
])('the mark in %s is %s', (text, mark) => {
  expect(echoMarkIn(text)).toBe(mark);
});

it.each([
  ['self', ANA, null, ANA],
  ['self', 'shop', null, null],
  ['bia', 'shop', BIA, BIA],
  ['bia', ANA, null, null],
  [BIA, 'shop', null, BIA],
  ['123', ANA, null, null],
])('the message to %s of %s goes to %s (other: %s)', (to, own, other, number) => {
  expect(echoNumber(to, own, other)).toBe(number);
});
