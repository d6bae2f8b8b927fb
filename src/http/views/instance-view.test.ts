import { describe, expect, test } from 'vitest';
import type { InstanceState, RestartRecord } from '../../core/instance/instance.ts';
import { handMadeFleet, type HandMadeInstance } from '../../../test/fleet/fleet.ts';
import { testPolicy } from '../../../test/fleet/policy.ts';
import type { Instance } from '../../runtime/fleet/instance.ts';
import { Masks } from '../../redaction/masks.ts';
import { instanceDetailView, instanceView } from './instance-view.ts';

const NOW = Date.parse('2026-11-22T19:00:00Z');
const MASKS = new Masks(() => ['s3cret-of-two']);
const minutes = (count: number): number => count * 60_000;

function instanceOf(made: HandMadeInstance = {}): Instance {
  return handMadeFleet([made]).instances.get(made.name ?? 'support')!;
}

const down: Partial<InstanceState> = { phase: 'down', since: NOW - minutes(1), cause: 'disconnected' };
const record: RestartRecord = {
  at: NOW - minutes(2),
  trigger: 'failure',
  requestedBy: null,
  outcome: 'accepted',
  from: 'down',
  unpaired: false,
  harmed: false,
  httpStatus: 200,
  body: { status: 'success' },
  healed: false,
  method: null,
  secondsToHeal: null,
};
/** How a record was made, and how it is judged, is nobody's business but ours. */
const { method: _, unpaired: __, ...shown } = record;

test('what gateways said is masked when it is shown, because it may be older than the secret', () => {
  const body = { echo: 's3cret-of-two', state: 'open' };
  const instance = instanceOf({ phoneNumberId: '1\u{202e}2', state: { history: [{ ...record, body }] } });
  instance.seen.record(NOW, 'server_error', 'HTTP 500: s3cret-of-two', 1);
  const shown = JSON.stringify(instanceDetailView(instance, MASKS, NOW));
  expect(shown).toContain('"phoneNumberId":"12"');
  expect(shown).not.toContain('s3cret-of-two');
  expect(shown).toContain('"body":{"echo":"***","state":"open"}');
  expect(shown).toContain('HTTP 500: ***');
});

test('an instance is shown as the contract has it', () => {
  const instance = instanceOf({
    labels: { team: 'support' },
    state: {
      ...down,
      failures: 3,
      failingSince: NOW - minutes(3),
      attempt: 1,
      spent: [NOW - minutes(2)],
      cooldownUntil: NOW + minutes(3),
      holds: ['cooldown'],
      history: [{ ...record, at: NOW - minutes(60), healed: true, secondsToHeal: 12 }, record],
    },
  });
  instance.seen.record(NOW - 10_000, 'disconnected', 'state "close"', 0.012);
  instance.schedule.dueAt = NOW + 20_000;
  instance.schedule.queueIndex = 0;
  expect(instanceView(instance, MASKS, NOW)).toEqual({
    name: 'support',
    displayName: null,
    account: 'acme',
    gateway: 'smileapi',
    phoneNumberId: '5511987654321',
    labels: { team: 'support' },
    discovered: false,
    enabled: true,
    phase: 'down',
    since: '2026-11-22T18:59:00.000Z',
    nextProbeAt: '2026-11-22T19:00:20.000Z',
    lastProbe: {
      at: '2026-11-22T18:59:50.000Z',
      verdict: 'unhealthy',
      cause: 'disconnected',
      detail: 'state "close"',
      seconds: 0.012,
    },
    consecutiveFailures: 3,
    failingSince: '2026-11-22T18:57:00.000Z',
    blindSince: null,
    activity: { lastAt: null, expected: false, silentSince: null, restartedAt: null },
    remedy: null,
    restart: {
      attempt: 1,
      dueAt: '2026-11-22T19:03:00.000Z',
      holds: ['cooldown'],
      cooldownUntil: '2026-11-22T19:03:00.000Z',
      budget: { restarts: 5, per: 21_600, spent: 1, freesAt: null },
      last: { ...shown, at: '2026-11-22T18:58:00.000Z' },
    },
    pause: null,
    acknowledged: null,
  });
});

test('an instance that nothing is known about has null wherever there is nothing', () => {
  expect(instanceView(instanceOf(), MASKS, NOW)).toMatchObject({
    phase: 'unknown',
    nextProbeAt: null,
    lastProbe: null,
    consecutiveFailures: 0,
    failingSince: null,
    remedy: null,
    restart: { attempt: 0, dueAt: null, holds: [], cooldownUntil: null, last: null },
  });
});

test.each(['unknown', 'down', 'needs_human'] as const)('%s with nothing known since is shown as such', (phase) => {
  const inconclusive = { since: NOW - minutes(7), probes: 14, blind: true };
  const shown = (blind: boolean) =>
    instanceView(instanceOf({ state: { phase, inconclusive: { ...inconclusive, blind } } }), MASKS, NOW).blindSince;
  expect([shown(true), shown(false)]).toEqual(['2026-11-22T18:53:00.000Z', null]);
});

test('a pause is shown until its end has come', () => {
  const pause = { reason: 'phone change', by: 'ana', since: NOW - minutes(5), until: NOW + minutes(5) };
  const instance = instanceOf({ state: { pause } });
  expect(instanceView(instance, MASKS, NOW).pause).toEqual({
    reason: 'phone change',
    by: 'ana',
    since: '2026-11-22T18:55:00.000Z',
    until: '2026-11-22T19:05:00.000Z',
  });
  expect(instanceView(instance, MASKS, NOW + minutes(5)).pause).toBeNull();
});

test('the single view adds restarts and verdicts, oldest first', () => {
  const instance = instanceOf({ state: { history: [{ ...record, at: NOW - minutes(60) }, record] } });
  instance.seen.push(NOW - minutes(2), 'connected', 0.012);
  instance.seen.push(NOW - minutes(1), 'timeout', 10);
  const { history, heartbeats, probes, policy } = instanceDetailView(instance, MASKS, NOW);
  expect(history.map(({ at }) => at)).toEqual(['2026-11-22T18:00:00.000Z', '2026-11-22T18:58:00.000Z']);
  expect(heartbeats).toEqual(['healthy', 'unhealthy']);
  expect(probes).toEqual([
    { at: '2026-11-22T18:58:00.000Z', verdict: 'healthy', cause: 'connected', seconds: 0.012 },
    { at: '2026-11-22T18:59:00.000Z', verdict: 'unhealthy', cause: 'timeout', seconds: 10 },
  ]);
  expect(policy).toMatchObject({
    probe: { every: 30, failureThreshold: 3 },
    restart: { cooldown: 300, schedule: null },
  });
});

describe('the next probe', () => {
  function queued(made: HandMadeInstance = {}): Instance {
    const instance = instanceOf(made);
    instance.schedule.dueAt = NOW;
    instance.schedule.queueIndex = 0;
    return instance;
  }

  test('is shown while it is waited for', () => {
    expect(instanceView(queued(), MASKS, NOW).nextProbeAt).toBe('2026-11-22T19:00:00.000Z');
  });

  test('is null while one is under way, while none is queued, and when the instance is disabled', () => {
    const probing = queued();
    probing.schedule.probing = true;
    const unqueued = queued();
    unqueued.schedule.queueIndex = -1;
    for (const instance of [probing, unqueued, queued({ enabled: false })]) {
      expect(instanceView(instance, MASKS, NOW).nextProbeAt).toBeNull();
    }
  });

  test('is null when it never comes', () => {
    const never = queued();
    never.schedule.dueAt = Number.POSITIVE_INFINITY;
    expect(instanceView(never, MASKS, NOW).nextProbeAt).toBeNull();
  });
});

describe('the next restart', () => {
  const dueAt = (state: Partial<InstanceState>, made: HandMadeInstance = {}): string | null =>
    instanceView(instanceOf({ ...made, state: { ...down, ...state } }), MASKS, NOW).restart.dueAt;

  test('is due since the instance is down, unless something makes it wait', () => {
    expect(dueAt({})).toBe('2026-11-22T18:59:00.000Z');
  });

  test('waits for the later one of cooldown and budget', () => {
    const spent = [5, 4, 3, 2, 1].map((hours) => NOW - minutes(60 * hours));
    expect(dueAt({ cooldownUntil: NOW + minutes(5) })).toBe('2026-11-22T19:05:00.000Z');
    expect(dueAt({ phase: 'exhausted', spent, cooldownUntil: NOW + minutes(5) })).toBe('2026-11-22T20:00:00.000Z');
    expect(dueAt({ phase: 'exhausted', spent, cooldownUntil: NOW + minutes(90) })).toBe('2026-11-22T20:30:00.000Z');
  });

  test.each(['unknown', 'healthy', 'suspect', 'restarting', 'recovering', 'needs_human'] as const)(
    'is not due while the instance is %s',
    (phase) => expect(dueAt({ phase })).toBeNull(),
  );

  test('is never due where restarts, or the instance, are disabled', () => {
    expect(dueAt({}, { policy: testPolicy({ enabled: false }) })).toBeNull();
    expect(dueAt({}, { enabled: false })).toBeNull();
  });

  test('a cooldown that is over is not shown, and restarts that no longer count are not counted', () => {
    const spent = [NOW - minutes(7 * 60), NOW - minutes(60)];
    const { restart } = instanceView(instanceOf({ state: { ...down, cooldownUntil: NOW, spent } }), MASKS, NOW);
    expect(restart).toMatchObject({ cooldownUntil: null, budget: { spent: 1, freesAt: null } });
  });
});

describe('the remedy', () => {
  function remedy(
    state: Partial<InstanceState>,
    last: 'rate_limited' | 'connected' | 'disconnected' | 'aborted',
  ): string | null {
    const instance = instanceOf({ state });
    instance.seen.record(NOW, last, null, 1);
    return instanceView(instance, MASKS, NOW).remedy;
  }

  test('is about the cause of the outage, even when the last probe was inconclusive', () => {
    expect(remedy({ phase: 'needs_human', cause: 'unauthorized' }, 'aborted')).toMatch(/token/);
  });

  test('is about the restart route where the gateway refuses restarts', () => {
    const refused = { phase: 'needs_human', cause: 'disconnected', refusal: 'restart_unsupported' } as const;
    expect(remedy(refused, 'disconnected')).toMatch(/restartMethod/);
  });

  test('is about the last probe while there is no outage', () => {
    expect(remedy({ phase: 'healthy', cause: 'connected' }, 'rate_limited')).toMatch(/requestsPerSecond/);
    expect(remedy({ phase: 'healthy', cause: 'timeout' }, 'connected')).toBeNull();
  });
});
