import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { WatchEvent } from '../../core/event.ts';
import type { Phase } from '../../core/instance/instance.ts';
import { SECOND } from '../../core/time.ts';
import { handMadeFleet, QUIET_GUARDS, type HandMadeFleet, type HandMadeInstance } from '../../../test/fleet/fleet.ts';
import { parseExposition } from '../../../test/http/parse-exposition.ts';
import { SimulatedClock } from '../../simulation/simulated-clock.ts';
import { EventBus } from '../event-bus.ts';
import { strictBus } from '../../../test/fleet/strict-bus.ts';
import { Metrics } from './metrics.ts';

let clock: SimulatedClock;
let bus: EventBus;
let fleet: HandMadeFleet;
let metrics: Metrics;

function watch(instances: readonly HandMadeInstance[], perInstance = true): void {
  clock = new SimulatedClock();
  bus = strictBus();
  fleet = handMadeFleet(instances, clock);
  metrics = newMetrics({ perInstance });
}

type Parts = ConstructorParameters<typeof Metrics>[0];

function newMetrics({
  perInstance = true,
  ...more
}: Partial<Omit<Parts, 'perInstance'>> & { perInstance?: boolean } = {}): Metrics {
  const parts = { clock, events: bus, fleet: () => fleet, guards: () => QUIET_GUARDS };
  return new Metrics({ ...parts, version: '1.2.3', perInstance: () => perInstance, ...more });
}

beforeEach(() => {
  watch([{ name: 'support' }]);
});

function publish(event: WatchEvent, { name = 'support', account = 'acme', at = clock.now() } = {}): void {
  bus.publish({ at, name, account, ...event });
}

/** Renders while the simulated clock lets its pauses end. */
async function text(): Promise<string> {
  let whole = '';
  for await (const chunk of withoutWaiting(metrics.render(new AbortController().signal))) whole += chunk;
  return whole;
}

async function* withoutWaiting(chunks: AsyncGenerator<string>): AsyncGenerator<string> {
  for (;;) {
    const next = chunks.next();
    await clock.run(0);
    const chunk = await next;
    if (chunk.done === true) return;
    yield chunk.value;
  }
}

/** The values of a metric by its labels, written `key=value,…`. */
async function series(name: string): Promise<Record<string, number>> {
  const samples = parseExposition(await text()).filter((sample) => sample.name === name);
  return Object.fromEntries(samples.map(({ labels, value }) => [written(labels), value]));
}

function written(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
}

const probe = { type: 'probe_finished', cause: 'connected', detail: null, startedAt: 0 } as const;
const intent = {
  trigger: 'failure',
  requestedBy: null,
  startedAt: 0,
  attempt: 1,
  from: 'down',
  cooldownBefore: null,
} as const;
const finished = {
  type: 'restart_finished',
  intent,
  outcome: 'accepted',
  httpStatus: 200,
  detail: null,
  refusal: null,
  seconds: 2,
  cooldownUntil: null,
} as const;
const phaseChange = (from: Phase, to: Phase, failingSince: number | null): WatchEvent => ({
  type: 'phase_changed',
  from,
  to,
  cause: 'disconnected',
  detail: null,
  failures: 3,
  failingSince,
});

describe('counting what happens', () => {
  test('probes are counted by verdict and cause, and measured', async () => {
    publish({ ...probe, seconds: 0.02, latenessSeconds: 0.2 });
    publish({ ...probe, seconds: 0.02, latenessSeconds: 0.3 });
    publish({ ...probe, cause: 'timeout', seconds: 10, latenessSeconds: 0 }, { account: 'other' });
    expect(await series('watchdog_probes_total')).toEqual({
      'account=acme,verdict=healthy,cause=connected': 2,
      'account=other,verdict=unhealthy,cause=timeout': 1,
    });
    expect(await series('watchdog_probe_duration_seconds_count')).toEqual({ 'account=acme': 2, 'account=other': 1 });
    expect(await series('watchdog_probe_lateness_seconds_bucket')).toMatchObject({ 'le=0.25': 2, 'le=0.5': 3 });
  });

  test('restart calls are counted by trigger and outcome when they end', async () => {
    publish({ type: 'restart_started', intent });
    publish(finished);
    publish({ ...finished, outcome: 'unknown', intent: { ...intent, trigger: 'schedule' } });
    expect(await series('watchdog_restarts_total')).toEqual({
      'account=acme,name=support,trigger=failure,outcome=accepted': 1,
      'account=acme,name=support,trigger=schedule,outcome=unknown': 1,
    });
    expect(await series('watchdog_restart_duration_seconds_sum')).toEqual({
      'account=acme,outcome=accepted': 2,
      'account=acme,outcome=unknown': 2,
    });
  });

  test('a held restart is counted by its hold', async () => {
    publish({ type: 'restart_held', trigger: 'failure', hold: 'cooldown', until: null });
    expect(await series('watchdog_restarts_held_total')).toEqual({ 'account=acme,hold=cooldown': 1 });
  });

  test('detection is the time from the first failing probe to down', async () => {
    publish(phaseChange('suspect', 'down', 10_000), { at: 70_000 });
    publish(phaseChange('healthy', 'down', 20_000), { at: 20_000 });
    expect(await series('watchdog_detection_seconds_sum')).toEqual({ '': 60 });
    expect(await series('watchdog_detection_seconds_count')).toEqual({ '': 2 });
  });

  test('falling back to down after a restart is not a detection', async () => {
    for (const from of ['recovering', 'restarting', 'exhausted'] as const) publish(phaseChange(from, 'down', 0));
    publish(phaseChange('healthy', 'suspect', 0));
    publish(phaseChange('suspect', 'down', null));
    expect(await series('watchdog_detection_seconds_count')).toEqual({ '': 0 });
  });

  test('downtime ends with a healing; a planned restart of a healthy instance has none', async () => {
    const healed = { type: 'healed', trigger: 'failure', attempt: 1, secondsToHeal: 5 } as const;
    publish({ ...healed, downSeconds: 100 });
    publish({ ...healed, downSeconds: null });
    publish({ type: 'recovered', downSeconds: 30 });
    expect(await series('watchdog_heals_total')).toEqual({ 'account=acme,name=support': 2 });
    expect(await series('watchdog_downtime_seconds_count')).toEqual({ '': 1 });
    expect(await series('watchdog_downtime_seconds_sum')).toEqual({ '': 100 });
    const buckets = Object.keys(await series('watchdog_downtime_seconds_bucket'));
    expect([buckets[0], buckets.at(-2)]).toEqual(['le=5', 'le=21600']);
  });

  test('a restart that did harm is counted by its trigger', async () => {
    publish({ type: 'restart_harmed', trigger: 'schedule', attempt: 1, cause: 'pairing_required' });
    expect(await series('watchdog_restarts_harmed_total')).toEqual({ 'account=acme,name=support,trigger=schedule': 1 });
  });

  test('a dropped event is counted by its sink', async () => {
    metrics.eventDropped('log');
    expect(await series('watchdog_events_dropped_total')).toEqual({ 'sink=log': 1 });
  });
});

describe('the process', () => {
  test('show its versions and its own resources', async () => {
    expect(await series('watchdog_build_info')).toEqual({ [`version=1.2.3,node_version=${process.version}`]: 1 });
    const names = new Set(parseExposition(await text()).map(({ name }) => name));
    expect(names).toContain('process_resident_memory_bytes');
    expect([...names].filter((name) => name.startsWith('nodejs_eventloop'))).toEqual([]);
  });

  test('show how late its event loop was', async () => {
    metrics.loopDelayed(0);
    metrics.loopDelayed(40);
    metrics.loopDelayed(2_000);
    const buckets = await series('watchdog_event_loop_delay_seconds_bucket');
    expect(buckets).toMatchObject({ 'le=0.001': 1, 'le=0.025': 1, 'le=0.05': 2, 'le=2.5': 3, 'le=+Inf': 3 });
    expect(await series('watchdog_event_loop_delay_seconds_sum')).toEqual({ '': 2.04 });
  });

  test('show whether the configuration was good when it was last read, and when a good one was', async () => {
    const successful = () => series('watchdog_config_last_reload_successful');
    const lastSuccess = () => series('watchdog_config_last_reload_success_timestamp_seconds');
    const startedAt = Date.UTC(2026, 0, 1);
    expect([await successful(), await lastSuccess()]).toEqual([{ '': 1 }, { '': startedAt / 1000 }]);
    bus.publish({ at: startedAt + 10_000, type: 'config_reload_failed', reason: 'files', problems: [] });
    expect([await successful(), await lastSuccess()]).toEqual([{ '': 0 }, { '': startedAt / 1000 }]);
    const changes = { added: 0, removed: 0, changed: 0, changedAccounts: 0, waitingForRestart: [] };
    bus.publish({ at: startedAt + 20_000, type: 'config_reloaded', reason: 'files', ...changes });
    expect([await successful(), await lastSuccess()]).toEqual([{ '': 1 }, { '': startedAt / 1000 + 20 }]);
  });

  test('may be measured twice at the same time', async () => {
    const second = newMetrics({ version: '2' });
    publish(finished);
    expect(second.contentType).toBe(metrics.contentType);
    expect(await series('watchdog_restarts_total')).toEqual({
      'account=acme,name=support,trigger=failure,outcome=accepted': 1,
    });
  });
});

describe('the phases of instances', () => {
  test('an instance is in exactly one phase', async () => {
    watch([{ state: { phase: 'down' } }]);
    const phases = await series('watchdog_instance_phase');
    expect(Object.keys(phases)).toHaveLength(8);
    expect(Object.entries(phases).filter(([, value]) => value === 1)).toEqual([
      ['account=acme,name=support,phase=down', 1],
    ]);
  });

  test('instances are counted by account and phase, and a phase without instances counts zero', async () => {
    watch([
      { name: 'a', state: { phase: 'healthy' } },
      { name: 'b', state: { phase: 'healthy' } },
      { name: 'c', account: 'other', state: { phase: 'needs_human' } },
    ]);
    const counts = await series('watchdog_instances');
    expect(Object.keys(counts)).toHaveLength(16);
    expect(counts).toMatchObject({
      'account=acme,phase=healthy': 2,
      'account=acme,phase=down': 0,
      'account=other,phase=needs_human': 1,
    });
  });

  test('labels of the config are shown, whatever characters they hold', async () => {
    watch([
      {
        phoneNumberId: '0551',
        displayName: 'Recepção – 東京',
        labels: { team: 'a "b" \\ \n c', 'cost-center': '7', instance: 'x' },
      },
    ]);
    const [info] = parseExposition(await text()).filter(({ name }) => name === 'watchdog_instance_info');
    expect(info).toEqual({
      name: 'watchdog_instance_info',
      value: 1,
      labels: {
        account: 'acme',
        name: 'support',
        phone_number_id: '0551',
        display_name: 'Recepção – 東京',
        label_team: 'a "b" \\ \n c',
        label_cost_center: '7',
        label_instance: 'x',
      },
    });
  });

  test('of two labels that would get the same name, the first one is shown', async () => {
    watch([{ labels: { 'a-b': 'first', a_b: 'second' } }]);
    expect(Object.keys(await series('watchdog_instance_info'))[0]).toMatch(/label_a_b=first$/);
  });

  test.each([
    ['unknown', null, null],
    ['healthy', 'connected', 1],
    ['healthy', 'responding', 1],
    ['suspect', 'timeout', 0],
    ['needs_human', 'unauthorized', 0],
    ['unknown', 'connecting', null],
    ['healthy', 'connecting', 1],
    ['suspect', 'connecting', 0],
    ['down', 'connecting', 0],
    ['unknown', 'unreadable', null],
  ] as const)('probe_success of a %s instance that was last seen %s is %s', async (phase, cause, success) => {
    watch([{ state: { phase, cause } }]);
    expect(await series('watchdog_probe_success')).toEqual(
      success === null ? {} : { 'account=acme,name=support': success },
    );
  });

  test.each(['unknown', 'down', 'needs_human', 'exhausted'] as const)(
    'probe_success of a %s instance of which nothing is known has no series',
    async (phase) => {
      const blind = (isBlind: boolean) => ({ since: 0, probes: 10, blind: isBlind });
      watch([
        { name: 'blind', state: { phase, cause: 'pairing_required', inconclusive: blind(true) } },
        {
          name: 'doubtful',
          phoneNumberId: '2',
          state: { phase, cause: 'pairing_required', inconclusive: blind(false) },
        },
      ]);
      expect(await series('watchdog_probe_success')).toEqual({ 'account=acme,name=doubtful': 0 });
    },
  );

  test('the time of the last conclusive probe is the start of it, whatever came after it', async () => {
    const last = () => series('watchdog_last_conclusive_probe_timestamp_seconds');
    watch([{ name: 'support' }]);
    const { seen } = fleet.instances.get('support')!;
    seen.record(1_000_000, 'rate_limited', null, 1);
    expect(await last()).toEqual({});
    seen.record(2_000_500, 'disconnected', null, 1);
    seen.record(3_000_000, 'unreadable', null, 1);
    expect(await last()).toEqual({ 'account=acme,name=support': 2_000.5 });
    seen.record(4_000_000, 'connecting', null, 1);
    expect(await last()).toEqual({ 'account=acme,name=support': 4_000 });
  });

  test('silence has a series where signs of life are expected, and their time one when there was one', async () => {
    const silence = (since: number | null) => ({ since, restartedAt: null });
    watch([
      { name: 'deaf', state: { phase: 'healthy', silence: silence(1) } },
      { name: 'down', phoneNumberId: '2', state: { phase: 'down', silence: silence(1) } },
      { name: 'well', phoneNumberId: '3', state: { phase: 'healthy', silence: silence(null) } },
      { name: 'other', phoneNumberId: '4', state: { phase: 'healthy' } },
    ]);
    fleet.instances.get('other')!.activity.at = 2_500;
    const of = (name: string): string => `account=acme,name=${name}`;
    expect(await series('watchdog_instance_silent')).toEqual({ [of('deaf')]: 1, [of('down')]: 0, [of('well')]: 0 });
    expect(await series('watchdog_last_activity_timestamp_seconds')).toEqual({ [of('other')]: 2.5 });
  });

  test('attempts and the remaining budget are shown, and the budget frees with time', async () => {
    const now = new SimulatedClock().now();
    watch([{ state: { attempt: 2, spent: [now - 21_000_000, now - 1_000] } }]);
    expect(await series('watchdog_restart_attempt')).toEqual({ 'account=acme,name=support': 2 });
    expect(await series('watchdog_restart_budget_remaining')).toEqual({ 'account=acme,name=support': 3 });
    await clock.run(3_600_000);
    expect(await series('watchdog_restart_budget_remaining')).toEqual({ 'account=acme,name=support': 4 });
  });

  test('forced restarts beyond the budget leave nothing, not less', async () => {
    const now = new SimulatedClock().now();
    watch([{ state: { spent: Array.from({ length: 7 }, () => now) } }]);
    expect(await series('watchdog_restart_budget_remaining')).toEqual({ 'account=acme,name=support': 0 });
  });

  test('an instance that is disabled is not under watch and has no series', async () => {
    watch([{ name: 'on' }, { name: 'off', enabled: false, state: { phase: 'down' } }]);
    expect(await text()).not.toContain('name="off"');
    expect(await series('watchdog_instances')).toMatchObject({ 'account=acme,phase=down': 0 });
  });

  test('very large fleets may do without series of single instances', async () => {
    watch([{ state: { phase: 'down', cause: 'timeout' } }], false);
    const names = parseExposition(await text()).map(({ name }) => name);
    expect(names).toContain('watchdog_instances');
    for (const name of [
      'instance_phase',
      'instance_info',
      'probe_success',
      'restart_attempt',
      'last_conclusive_probe_timestamp_seconds',
    ]) {
      expect(names).not.toContain(`watchdog_${name}`);
    }
  });
});

describe('the text', () => {
  test('is readable by a strict reader, and names no label that Prometheus owns', async () => {
    publish({ ...probe, seconds: 0.02, latenessSeconds: 0.2 });
    publish(finished);
    const samples = parseExposition(await text());
    expect(samples.length).toBeGreaterThan(50);
    for (const { labels } of samples) expect(Object.keys(labels)).not.toContain('instance');
  });

  test('holds no words of a gateway', async () => {
    const detail = 'token abc at https://gateway.example';
    publish({ ...probe, cause: 'unauthorized', detail, seconds: 1, latenessSeconds: 0 });
    publish({ ...finished, detail, intent: { ...intent, requestedBy: detail } });
    publish({ type: 'state_not_saved', reason: detail, restartGivenUp: true });
    expect(await text()).not.toMatch(/abc|https:/);
  });

  test('loses all series of an instance and of an account that are gone', async () => {
    publish({ ...probe, seconds: 0.02, latenessSeconds: 0.2 });
    publish(finished);
    publish({ type: 'healed', trigger: 'failure', attempt: 1, secondsToHeal: 5, downSeconds: 100 });
    publish({ type: 'restart_harmed', trigger: 'failure', attempt: 1, cause: 'banned' });
    publish({ type: 'restart_held', trigger: 'failure', hold: 'cooldown', until: null });
    fleet = handMadeFleet([{ name: 'other', account: 'new' }], clock);
    metrics.forget('support', 'acme');
    expect(await text()).not.toContain('support');
    expect(await text()).toContain('account="acme"');
    metrics.forgetAccount('acme');
    expect(await text()).not.toContain('acme');
  });

  test('begins again from zero when an account or instance of the same name comes back', async () => {
    publish({ ...probe, seconds: 0.02, latenessSeconds: 0.2 });
    metrics.forgetAccount('acme');
    publish({ ...probe, seconds: 0.02, latenessSeconds: 0.2 });
    expect(await series('watchdog_probes_total')).toEqual({ 'account=acme,verdict=healthy,cause=connected': 1 });
  });

  test('of a large fleet comes in pieces with pauses, and stays one exposition', async () => {
    watch(Array.from({ length: 1_000 }, (_, index) => ({ name: `n${index}`, phoneNumberId: `${index}` })));
    const pause = vi.spyOn(clock, 'after');
    const samples = parseExposition(await text());
    expect(samples.filter(({ name }) => name === 'watchdog_instance_phase')).toHaveLength(8_000);
    expect(pause.mock.calls.length).toBeGreaterThanOrEqual(5);
    expect(pause.mock.calls.every(([delay]) => delay === 0)).toBe(true);
  });

  test('of a large fleet gives way to probes that wait for those under way', async () => {
    watch(Array.from({ length: 1_000 }, (_, index) => ({ name: `n${index}`, phoneNumberId: `${index}` })));
    const [account] = fleet.accounts.values();
    for (let probe = 0; probe < 60; probe += 1) account?.requests.enter(() => undefined);
    const pieces = metrics.render(new AbortController().signal);
    await pieces.next();
    await pieces.next();
    const third = pieces.next();
    let came = false;
    void third.then(() => (came = true));
    await clock.run(SECOND);
    expect(came).toBe(false);
    account?.requests.close();
    await clock.run(10);
    expect(came).toBe(true);
  });

  test('does not show an instance twice that leaves and comes back during a pause', async () => {
    watch(Array.from({ length: 1_000 }, (_, index) => ({ name: `n${index}`, phoneNumberId: `${index}` })));
    let whole = '';
    for await (const chunk of withoutWaiting(metrics.render(new AbortController().signal))) {
      const first = fleet.instances.get('n0')!;
      fleet.instances.delete('n0');
      fleet.instances.set('n0', first);
      whole += chunk;
    }
    expect(parseExposition(whole).length).toBeGreaterThan(8_000);
  });

  test('ends with an error when the reader has left, so that half of it never looks like all', async () => {
    watch(Array.from({ length: 1_000 }, (_, index) => ({ name: `n${index}`, phoneNumberId: `${index}` })));
    const reader = new AbortController();
    const chunks = metrics.render(reader.signal);
    await chunks.next();
    await chunks.next();
    reader.abort(new Error('the reader has left'));
    await expect(chunks.next()).rejects.toThrow('the reader has left');
  });
});

describe('the guards', () => {
  test('are read at each scrape, account by account', async () => {
    const account = fleet.accounts.get('acme')!;
    const { group } = account;
    const trouble = { ...group.trouble, isBlind: true, isSilent: true, isRefused: 'unauthorized' } as const;
    const storm = { ...group.storm, announced: true };
    account.group = { ...group, outage: true, storm, harmful: true, trouble };
    metrics = new Metrics({
      clock,
      events: new EventBus(() => undefined),
      fleet: () => fleet,
      guards: () => ({ networkUp: false }),
      version: '1',
      perInstance: () => true,
    });
    const gauges = ['storm', 'gateway_outage', 'harmful', 'blind', 'silent', 'refused'].map(
      (gauge) => `watchdog_${gauge}`,
    );
    for (const gauge of gauges) expect(await series(gauge), gauge).toEqual({ 'account=acme': 1 });
    expect(await series('watchdog_own_network_up')).toEqual({ '': 0 });
    const expiry = 'watchdog_gateway_certificate_expiry_timestamp_seconds';
    expect(await series(expiry)).toEqual({});
    account.gateway = { ...account.gateway, certificateEndsAt: 90_000 };
    expect(await series(expiry)).toEqual({ 'account=acme': 90 });
    account.group = group;
    for (const gauge of gauges) expect(await series(gauge), gauge).toEqual({ 'account=acme': 0 });
  });
});

test('what could not be saved is counted as long as it is not', async () => {
  watch([{ name: 'support' }, { name: 'sales' }]);
  expect(await series('watchdog_unsaved_instances')).toEqual({ '': 0 });
  const sales = fleet.instances.get('sales');
  if (sales !== undefined) sales.unsaved = true;
  expect(await series('watchdog_unsaved_instances')).toEqual({ '': 1 });
});

test('without series of single instances nothing names one, and restarts are counted by account', async () => {
  watch([{ name: 'support' }, { name: 'sales' }], false);
  const healed = { type: 'healed', trigger: 'failure', attempt: 1, secondsToHeal: 1, downSeconds: null } as const;
  publish(healed);
  publish(healed, { name: 'sales' });
  metrics.forget('sales', 'acme');
  expect(await series('watchdog_heals_total')).toEqual({ 'account=acme': 2 });
  expect(await text()).not.toMatch(/support|sales/);
  metrics.forgetAccount('acme');
  expect(await series('watchdog_heals_total')).toEqual({});
});

test('shows what a replica owns, and how long it stays its own', async () => {
  let shares = { owned: ['acme', 'beta'], replicas: 3, leftFor: 12_500 as number | null, takeovers: 2 };
  metrics = newMetrics({ shares: () => shares });
  const lines = async () => (await text()).match(/^watchdog_(account_owner|replicas|lease|takeovers).*$/gm);
  expect(await lines()).toEqual([
    'watchdog_account_owner{account="acme"} 1',
    'watchdog_account_owner{account="beta"} 1',
    'watchdog_replicas 3',
    'watchdog_lease_seconds_left 12.5',
    'watchdog_takeovers_total 2',
  ]);
  shares = { owned: [], replicas: 2, leftFor: null, takeovers: 2 };
  expect(await lines()).toEqual(['watchdog_replicas 2', 'watchdog_takeovers_total 2']);
});
