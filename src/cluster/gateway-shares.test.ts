import { describe, expect, it } from 'vitest';
import type { GatewayNews } from '../core/group/elsewhere.ts';
import { GatewayShares, type Neighbour } from './gateway-shares.ts';

const QUIET: GatewayNews = {
  ...{ watched: 10, sick: 0, unreachable: 0, unanswered: 0, fresh: 0 },
  ...{ restarting: 0, begun: 0, waiting: 0, canary: false },
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

/** The shares of several replicas that see the same, each after it has seen it for long enough. */
function lastingShares(total: number, perMinute: number, texts: readonly string[], at = 0): string[] {
  const all = texts.map(neighbour);
  return all.map((self) => {
    const shares = new GatewayShares(WAIT);
    const others = all.filter((each) => each !== self);
    const limits = { concurrentRestarts: total, restartsPerMinute: perMinute };
    const look = (now: number) => shares.look({ gateways: new Map([[ORIGIN, { self, others }]]), limits, at, now });
    look(0);
    look(WAIT + 60_000);
    const own = look(WAIT + 120_000).get(ORIGIN)?.limits;
    return `${own?.concurrentRestarts}/${own?.restartsPerMinute}`;
  });
}

describe('the limits of a gateway', () => {
  it.each([
    { what: 'are shared evenly', total: 6, minute: 12, all: ['a', 'b', 'c'], shares: ['2/4', '2/4', '2/4'] },
    {
      what: 'leave the rest to who has a use for it',
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

  it('are used by a newcomer, and by one whose share grew, only when all others have seen it', () => {
    const shares = new GatewayShares(WAIT);
    const limits = { concurrentRestarts: 4, restartsPerMinute: 8 };
    const look = (now: number, ...others: string[]) => {
      const gateways = new Map([[ORIGIN, { self: neighbour('a waiting=1'), others: others.map(neighbour) }]]);
      return shares.look({ gateways, limits, at: 0, now }).get(ORIGIN)?.limits.concurrentRestarts;
    };
    expect(look(0, 'b')).toBe(0);
    expect(look(WAIT - 1, 'b')).toBe(0);
    expect(look(WAIT, 'b')).toBe(2);
    expect(look(WAIT + 5_000, 'b', 'c')).toBe(2);
    expect(look(WAIT + 10_000, 'b', 'c', 'd')).toBe(1);
    expect(look(WAIT + 20_000, 'b')).toBe(1);
    expect(look(WAIT + 35_001, 'b')).toBe(2);
  });

  it('are not shared out where nobody else is, and who is alone waits for nobody', () => {
    const shares = new GatewayShares(WAIT);
    const gateways = new Map([[ORIGIN, { self: neighbour('a'), others: [] }]]);
    const limits = { concurrentRestarts: 4, restartsPerMinute: 8 };
    expect(shares.look({ gateways, limits, at: 0, now: 0 }).size).toBe(0);
    const joined = new Map([[ORIGIN, { self: neighbour('a'), others: [neighbour('b sick=3')] }]]);
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
        const all = [...present].map(([each, { waiting }]) => neighbour(`${each} waiting=${waiting}`));
        const self = all.find((each) => each.owner === owner)!;
        const gateways = new Map([[ORIGIN, { self, others: all.filter((each) => each !== self) }]]);
        const seen = replica.shares.look({ gateways, limits, at: now, now });
        replica.usable = seen.get(ORIGIN)?.limits.concurrentRestarts ?? (all.length === 1 ? 3 : 0);
      }
      const sum = [...present.values()].reduce((total, { usable }) => total + usable, 0);
      if (sum > 3) throw new Error(`${sum} at ${now}`);
    }
  });
});
