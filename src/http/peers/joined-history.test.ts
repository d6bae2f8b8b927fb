import { describe, expect, it } from 'vitest';
import type { GroupAvailabilityView, IncidentView, PastView } from '../views/history-schemas.ts';
import { joinedGroups, withLasting } from './joined-history.ts';

const NOTHING: PastView = {
  ...{ availability: null, healthy: 0, failing: 0, needsHuman: 0, unknown: 0, paused: 0 },
  ...{ restarts: 0, healings: 0, timeToHeal: null, latency: null },
};

function group(name: string, instances: number, past: Partial<PastView>, date = '2026-11-29'): GroupAvailabilityView {
  const view = { ...NOTHING, ...past };
  return {
    ...{ group: name, instances, timezone: 'America/Recife', since: date, hours: [] },
    spans: { '24h': view, '7d': view, '30d': view, '90d': view },
    days: [{ from: date, ...view }],
    months: [{ from: date.slice(0, 7), ...view }],
  };
}

describe('groups of several replicas', () => {
  it('are added up where each has a part of one, and stay as they are where one has all of it', () => {
    const alone = group('b', 1, { availability: 1, healthy: 60 });
    const [city, other] = joinedGroups([
      [alone, group('a', 1, { availability: 1, healthy: 300, paused: 5, restarts: 2 })],
      [group('a', 3, { availability: 0, failing: 60, needsHuman: 30, unknown: 10, restarts: 1 })],
    ]);
    expect(other).toBe(alone);
    expect(city).toMatchObject({ group: 'a', instances: 4, timezone: 'America/Recife' });
    expect(city?.spans['7d']).toMatchObject({
      ...{ availability: 0.75, healthy: 300, failing: 60, needsHuman: 30, unknown: 10, paused: 5, restarts: 3 },
    });
  });

  it('have no availability while none has one, and no mean of nothing', () => {
    const [joined] = joinedGroups([[group('a', 1, {})], [group('a', 1, { paused: 9 })]]);
    expect(joined?.spans['24h']).toEqual({ ...NOTHING, paused: 9 });
  });

  it('weigh the time to heal by healings, and latency by instances', () => {
    const [joined] = joinedGroups([
      [group('a', 1, { healings: 3, timeToHeal: 10, latency: 0.1 })],
      [group('a', 3, { healings: 1, timeToHeal: 50, latency: 0.2 })],
      [group('a', 9, {})],
    ]);
    expect(joined?.spans['24h']).toMatchObject({ healings: 4, timeToHeal: 20, latency: 0.175 });
  });

  it('are joined day by day, from the first day that anybody knows', () => {
    const [joined] = joinedGroups([
      [group('a', 1, { healthy: 1 }, '2026-11-29')],
      [group('a', 1, { healthy: 2 }, '2026-11-28')],
      [group('a', 1, { healthy: 4 }, '2026-11-29')],
    ]);
    expect(joined?.since).toBe('2026-11-28');
    expect(joined?.days.map(({ from, healthy }) => [from, healthy])).toEqual([
      ['2026-11-28', 2],
      ['2026-11-29', 5],
    ]);
    expect(joined?.months.map(({ from, healthy }) => [from, healthy])).toEqual([['2026-11', 7]]);
  });
});

it('incidents that last come first, those of all replicas, the latest before the others', () => {
  const incident = (name: string, began: string, ended: string | null): IncidentView => ({
    ...{ kind: 'down', name, displayName: null, account: 'acme', cause: null, began, ended, seconds: 1, endedBy: null },
    ...{ trigger: null, restarts: 0 },
  });
  const own = [
    incident('a', '2026-11-29T10:00:00Z', null),
    incident('b', '2026-11-29T09:00:00Z', '2026-11-29T09:30:00Z'),
  ];
  const others = [
    incident('c', '2026-11-29T11:00:00Z', null),
    incident('d', '2026-11-29T08:00:00Z', '2026-11-29T08:30:00Z'),
  ];
  expect(withLasting(own, others).map(({ name }) => name)).toEqual(['c', 'a', 'b']);
});
