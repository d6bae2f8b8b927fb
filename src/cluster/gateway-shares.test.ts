import { describe, expect, it } from 'vitest';
import type { GatewayNews } from '../core/group/elsewhere.ts';
import { GatewayShares, neighbours, type GatewayLook, type Neighbour } from './gateway-shares.ts';

const QUIET: GatewayNews = {
  ...{ watched: 10, sick: 0, unreachable: 0, unanswered: 0, fresh: 0 },
  ...{ restarting: 0, begun: 0, waiting: 0, canary: false, accounts: 1 },
  allowed: { concurrentRestarts: 0, restartsPerMinute: 0 },
};
const WAIT = 15_000;
const ORIGIN = 'https://gateway';

/** `a`, or `a waiting=2`: a replica and what it publishes. */
function neighbour(text: string): Neighbour {
  const [owner = '', ...words] = text.split(' ');
  const numbers = words
    .map((word) => word.split('='))
    .map(([key = '', value]) => [key, value === 'yes' || Number(value)]);
  return { owner, news: { ...QUIET, ...Object.fromEntries(numbers) } as GatewayNews };
}

/** A gateway where everybody knows what was begun, unless `but` says otherwise. */
function gatewayOf(self: string, others: readonly string[], but: Partial<GatewayLook> = {}) {
  const look = { self: neighbour(self), others: others.map(neighbour), hasUnowned: false, isCounted: true, ...but };
  return new Map([[ORIGIN, look]]);
}

/** Looks again and again at a gateway as this replica sees it, with the others; what it may use of 4 at once and 8 a minute. */
function looking(self: string) {
  const shares = new GatewayShares(WAIT);
  const limits = { concurrentRestarts: 4, restartsPerMinute: 8 };
  return (now: number, others: readonly string[], but: Partial<GatewayLook> = {}) =>
    shares.look({ gateways: gatewayOf(self, others, but), limits, at: 0, now }).get(ORIGIN)?.limits;
}

/** The shares of several replicas that see the same, each after it has seen it for long enough. */
function lastingShares(total: number, perMinute: number, texts: readonly string[], at = 0): string[] {
  return texts.map((self) => {
    const shares = new GatewayShares(WAIT);
    const others = texts.filter((each) => each !== self);
    const limits = { concurrentRestarts: total, restartsPerMinute: perMinute };
    const look = (now: number) => shares.look({ gateways: gatewayOf(self, others), limits, at, now });
    for (const now of [0, WAIT / 2]) look(now);
    look(WAIT);
    const own = look(2 * WAIT).get(ORIGIN)?.limits;
    return `${own?.concurrentRestarts}/${own?.restartsPerMinute}`;
  });
}

describe('the limits of a gateway', () => {
  it.each([
    { what: 'are shared evenly', total: 6, minute: 12, all: ['a', 'b', 'c'], shares: ['2/4', '2/4', '2/4'] },
    {
      what: 'leave the rest to a replica that has use for it',
      total: 4,
      minute: 4,
      all: ['a', 'b waiting=1', 'c'],
      shares: ['1/1', '2/2', '1/1'],
    },
    {
      what: 'go by turns where they are fewer than replicas',
      total: 1,
      minute: 1,
      all: ['a waiting=1', 'b waiting=1'],
      shares: ['1/1', '0/0'],
    },
    {
      what: 'count what others have under way beyond their share',
      total: 2,
      minute: 9,
      all: ['a waiting=1', 'b restarting=2'],
      shares: ['0/5', '1/4'],
    },
    {
      what: 'count what others have begun beyond their share',
      total: 9,
      minute: 4,
      all: ['a waiting=1', 'b begun=4'],
      shares: ['5/0', '4/2'],
    },
    {
      what: 'are one restart in a storm of canaries',
      total: 6,
      minute: 12,
      all: ['a waiting=3 canary=yes', 'b waiting=3'],
      shares: ['1/6', '0/6'],
    },
  ])('$what', ({ total, minute, all, shares }) => {
    expect(lastingShares(total, minute, all)).toEqual(shares);
  });

  it('change turns every two minutes', () => {
    const all = ['a waiting=1', 'b waiting=1'];
    expect([0, 120_000].map((at) => lastingShares(1, 1, all, at)[0])).toEqual(['1/1', '0/0']);
  });

  it('are used by a newcomer, and by a replica whose share grew, only when all others have seen it', () => {
    const limitsOf = looking('a waiting=1');
    const look = (now: number, ...others: string[]) => limitsOf(now, others)?.concurrentRestarts;
    expect(look(0, 'b')).toBe(0);
    expect(look(5_000, 'b')).toBe(0);
    expect(look(WAIT + 4_999, 'b')).toBe(0);
    expect(look(WAIT + 5_000, 'b')).toBe(2);
    expect(look(WAIT + 10_000, 'b', 'c')).toBe(2);
    expect(look(WAIT + 15_000, 'b', 'c', 'd')).toBe(1);
    expect(look(WAIT + 25_000, 'b')).toBe(1);
    expect(look(WAIT + 40_000, 'b')).toBe(2);
  });

  it('are used by a newcomer only when what was begun in every account counts where it is now, or is over', () => {
    const limitsOf = looking('a');
    const look = (now: number, but: Partial<GatewayLook>) => limitsOf(now, ['b'], but)?.restartsPerMinute;
    for (let now = 0; now < WAIT + 60_000; now += 5_000) expect(look(now, { isCounted: false })).toBe(0);
    for (let now = WAIT + 60_000; now < 2 * WAIT + 60_000; now += 5_000)
      expect(look(now, { isCounted: false })).toBe(0);
    expect(look(2 * WAIT + 60_000, { isCounted: false })).toBe(4);
  });

  it('are not used by one that is alone because others have just gone, until it knows what those began', () => {
    const limitsOf = looking('a');
    const look = (now: number, but: Partial<GatewayLook>) => limitsOf(now, [], but)?.restartsPerMinute;
    expect(look(0, { hasUnowned: true, isCounted: false })).toBe(0);
    expect(look(1_000, { isCounted: false })).toBe(0);
    expect(look(6_000, {})).toBeUndefined();
  });

  it('count what one that is gone may have begun, until it counts where its accounts are now, or a minute is over', () => {
    const left = (after: number, but: Partial<GatewayLook>) => {
      const look = looking('a');
      for (let now = 0; now <= 2 * WAIT; now += 5_000) look(now, ['b', 'c begun=5']);
      for (let now = 2 * WAIT + 5_000; now < 2 * WAIT + after; now += 5_000) look(now, ['b'], { isCounted: false });
      for (let now = 2 * WAIT + after; now < 3 * WAIT + after; now += 5_000) look(now, ['b'], but);
      return look(3 * WAIT + after, ['b'], but)?.restartsPerMinute;
    };
    expect(left(10_000, { isCounted: false })).toBe(0);
    expect(left(10_000, { isCounted: true })).toBe(4);
    expect(left(60_000 + WAIT, { isCounted: false })).toBe(4);
  });

  it('count what another one may still use, because it has not seen yet that its share is smaller', () => {
    const left = (allowed: GatewayNews['allowed']) => {
      const limitsOf = looking('a');
      const other = { owner: 'b', news: { ...QUIET, allowed } };
      const look = (now: number) => limitsOf(now, [], { others: [other] });
      for (let now = 0; now <= 2 * WAIT; now += 5_000) look(now);
      return look(2 * WAIT + 5_000);
    };
    expect(left({ concurrentRestarts: 2, restartsPerMinute: 4 })).toMatchObject({ restartsPerMinute: 4 });
    expect(left({ concurrentRestarts: 4, restartsPerMinute: 7 })).toEqual({
      concurrentRestarts: 0,
      restartsPerMinute: 1,
    });
  });

  it('are used as by a newcomer by one that has not looked for the time of a lease', () => {
    const limitsOf = looking('a');
    const look = (now: number) => limitsOf(now, ['b'])?.restartsPerMinute;
    for (let now = 0; now <= 2 * WAIT; now += 5_000) look(now);
    expect(look(3 * WAIT)).toBe(4);
    expect(look(4 * WAIT + 1)).toBe(0);
  });

  it('are not shared out when there is one replica, which then waits for nobody', () => {
    const shares = new GatewayShares(WAIT);
    const gateways = gatewayOf('a', []);
    const limits = { concurrentRestarts: 4, restartsPerMinute: 8 };
    expect(shares.look({ gateways, limits, at: 0, now: 0 }).size).toBe(0);
    const joined = gatewayOf('a', ['b sick=3']);
    expect(shares.look({ gateways: joined, limits, at: 0, now: 1 }).get(ORIGIN)).toMatchObject({
      ...{ watched: 10, sick: 3, notifies: true },
      limits: { concurrentRestarts: 2 },
    });
  });

  it('are never exceeded, whatever comes and goes', () => {
    let seed = 7;
    const random = (below: number): number => (seed = (seed * 48_271) % 2_147_483_647) % below;
    const names = ['a', 'b', 'c', 'd'];
    const present = new Map<string, { shares: GatewayShares; usable: number; waiting: number; seenAt: number }>();
    const limits = { concurrentRestarts: 3, restartsPerMinute: 3 };
    for (let now = 0; now < 3_000_000; now += 1_000) {
      const name = names[random(4)]!;
      if (random(40) === 0) {
        if (present.has(name)) present.delete(name);
        else present.set(name, { shares: new GatewayShares(WAIT), usable: 0, waiting: random(2), seenAt: -1 });
      }
      for (const [owner, replica] of present) {
        // A renewal comes in time; who does not renew restarts nothing.
        if (now - replica.seenAt < 5_000 && replica.seenAt >= 0) continue;
        if (random(5) === 0) replica.waiting = random(2);
        replica.seenAt = now;
        const all = [...present].map(([each, { waiting }]) => `${each} waiting=${waiting}`);
        const self = all.find((each) => each.startsWith(`${owner} `))!;
        const gateways = gatewayOf(
          self,
          all.filter((each) => each !== self),
        );
        const seen = replica.shares.look({ gateways, limits, at: now, now });
        replica.usable = seen.get(ORIGIN)?.limits.concurrentRestarts ?? (all.length === 1 ? 3 : 0);
      }
      const sum = [...present.values()].reduce((total, { usable }) => total + usable, 0);
      if (sum > 3) throw new Error(`${sum} at ${now}`);
    }
  });
});

it('brings together the harm that others know of, and their newest release, whichever of them has it', () => {
  const b = { ...QUIET, harms: [{ key: 'x', at: 1 }], released: { at: 7, by: 'ana' } };
  const c = { ...QUIET, harms: [{ key: 'y', at: 2 }], released: { at: 9, by: 'bia' } };
  for (const [one, other] of [
    [b, c],
    [c, b],
  ] as const) {
    const others = [one, other, null].map((news, index) => ({ owner: `other ${index}`, news }));
    const gateways = new Map([[ORIGIN, { self: neighbour('a'), others, hasUnowned: false, isCounted: true }]]);
    const limits = { concurrentRestarts: 4, restartsPerMinute: 8 };
    expect(new GatewayShares(WAIT).look({ gateways, limits, at: 0, now: 0 }).get(ORIGIN)).toMatchObject({
      harms: [...one.harms, ...other.harms],
      released: { at: 9, by: 'bia' },
    });
  }
});

describe('the replicas with accounts at a gateway', () => {
  const other = (owner: string, accounts: number) => ({
    ...{ owner, replica: owner, advertise: null, config: 'c', isLate: false },
    gateways: { [ORIGIN]: { ...QUIET, accounts } },
  });
  const view = (news: number, ...foreign: readonly (readonly [string, string | null, number])[]) => ({
    replicas: [other('b', news)],
    foreign: foreign.map(([account, owner, freeIn]) => ({ account, owner, freeIn })),
  });

  it.each([
    { what: 'one that knows what it owns', seen: view(2, ['x', 'b', 9], ['y', 'b', 9]), others: 'b', counted: true },
    { what: 'one that has just got more', seen: view(1, ['x', 'b', 9], ['y', 'b', 9]), others: 'b', counted: false },
    { what: 'one of which nothing is heard', seen: view(1, ['x', 'dead', 9]), others: 'dead', counted: false },
    { what: 'one whose lease has ended', seen: view(1, ['x', 'dead', 0]), others: '', counted: false, unowned: true },
    { what: 'one that gave it back', seen: view(1, ['x', null, 0]), others: '', counted: false, unowned: true },
    { what: 'one at another gateway', seen: view(1, ['elsewhere', 'b', 0]), others: '', counted: true },
    { what: 'nobody', seen: view(1), others: '', counted: true },
  ])('are: $what', ({ seen, others, counted, unowned = false }) => {
    const originOf = (account: string): string => (account === 'elsewhere' ? 'https://other' : ORIGIN);
    const published = { [ORIGIN]: QUIET };
    const look = neighbours({ owner: 'a', owned: ['own'], published, view: seen, originOf }).get(ORIGIN);
    expect(look?.others.map(({ owner }) => owner).join()).toBe(others);
    expect([look?.isCounted, look?.hasUnowned]).toEqual([counted, unowned]);
  });

  it('do not count before this one knows the states of its own accounts', () => {
    const published = { [ORIGIN]: QUIET };
    const parts = { owner: 'a', owned: ['own', 'just claimed'], published, view: view(1), originOf: () => ORIGIN };
    expect(neighbours(parts).get(ORIGIN)?.isCounted).toBe(false);
  });
});
