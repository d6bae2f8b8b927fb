import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { FleetEvent, WatchEvent } from '../../core/event.ts';
import type { Cause } from '../../core/verdict.ts';
import { Masks } from '../../redaction/masks.ts';
import { EventBus } from '../event-bus.ts';
import { strictBus } from '../../../test/fleet/strict-bus.ts';
import { createLogger, logEvents, type LogOptions } from './log.ts';

let lines: string[];
beforeEach(() => {
  lines = [];
});

const destination = { write: (line: string) => lines.push(line) };
const logger = (options: Partial<LogOptions> = {}) =>
  createLogger({ level: 'info', format: 'json', destination, masks: new Masks(() => []), ...options });

/** What is logged of an event; null: nothing. */
function logged(event: WatchEvent, options: Partial<LogOptions> = {}): Record<string, unknown> | null {
  lines = [];
  const bus = new EventBus(vi.fn());
  logEvents(bus, logger(options));
  bus.publish(about(event));
  const [line] = lines;
  return line === undefined ? null : (JSON.parse(line) as Record<string, unknown>);
}

const about = (event: WatchEvent, account = 'acme'): FleetEvent => ({ at: 0, name: 'support', account, ...event });
const probe = (cause: Cause): WatchEvent => ({
  type: 'probe_finished',
  cause,
  detail: null,
  startedAt: 0,
  seconds: 0.012,
  latenessSeconds: 0.001,
});
const phaseChange: Extract<WatchEvent, { type: 'phase_changed' }> = {
  type: 'phase_changed',
  from: 'suspect',
  to: 'down',
  cause: 'disconnected',
  detail: 'state "close"',
  failures: 3,
  failingSince: 60_000,
};
const finished: Extract<WatchEvent, { type: 'restart_finished' }> = {
  type: 'restart_finished',
  intent: { trigger: 'failure', requestedBy: null, startedAt: 0, attempt: 2, from: 'down', cooldownBefore: null },
  outcome: 'accepted',
  httpStatus: 200,
  detail: null,
  refusal: null,
  seconds: 1.5,
  cooldownUntil: 300_000,
};

describe('a line in JSON', () => {
  test('names its level and its time in words, and nothing of this machine', () => {
    logger().info('hello');
    const line = JSON.parse(lines[0]!) as Record<string, unknown>;
    expect(line).toEqual({
      level: 'info',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/) as string,
      msg: 'hello',
    });
  });

  test('holds no secret, whatever wrote it and wherever in it', () => {
    const log = logger({ masks: new Masks(() => ['t0p/"s3cret']) });
    log.error({ err: new Error('refused t0p/"s3cret'), nested: { url: `?t=${encodeURIComponent('t0p/"s3cret')}` } });
    log.child({ child: 't0p/"s3cret' }).info('t0p/"s3cret');
    expect(lines).toHaveLength(2);
    for (const line of lines) {
      expect(line).toContain('***');
      expect(line).not.toMatch(/t0p|s3cret/);
      expect(() => JSON.parse(line) as unknown).not.toThrow();
    }
  });
});

describe('a line for reading', () => {
  test('is one line: level and message, without the fields that the message says already', () => {
    const bus = new EventBus(vi.fn());
    logEvents(bus, logger({ format: 'pretty' }));
    bus.publish(about(phaseChange));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^\[\d\d:\d\d:\d\d\.\d{3}\] WARN: support is down: disconnected \(state "close"\)\n$/);
  });

  test('still shows fields that only it has', () => {
    logger({ format: 'pretty' }).info({ url: 'http://127.0.0.1:9847' }, 'started');
    expect(lines[0]).toContain('{"url":"http://127.0.0.1:9847"}');
  });

  test('holds no secret', () => {
    logger({ format: 'pretty', masks: new Masks(() => ['s3cret']) }).warn({ header: 'Bearer s3cret' }, 'sent s3cret');
    expect(lines[0]).toContain('sent ***');
    expect(lines[0]).not.toContain('s3cret');
  });

  test('cannot move the cursor of a terminal or pretend to be another line', () => {
    logger({ format: 'pretty' }).info('asked by \u001b[2J\nERROR: nobody');
    expect(lines[0]).toMatch(/INFO: asked by {2}ERROR: nobody\n$/);
  });
});

describe('events', () => {
  test('an outage is a warning with its cause', () => {
    expect(logged(phaseChange)).toEqual({
      level: 'warn',
      time: expect.any(String) as string,
      event: 'phase_changed',
      name: 'support',
      account: 'acme',
      from: 'suspect',
      to: 'down',
      cause: 'disconnected',
      detail: 'state "close"',
      failingSince: '1970-01-01T00:01:00.000Z',
      failures: 3,
      msg: 'support is down: disconnected (state "close")',
    });
  });

  test('what needs a human says what the human has to do', () => {
    const line = logged({ ...phaseChange, to: 'needs_human', cause: 'unauthorized', detail: 'HTTP 401' });
    const remedy =
      "The token is wrong or expired: make a new one in the panel of the account's gateway, and update token or tokenFile. If the gateway speaks of a plan or a payment, renew that.";
    expect(line).toMatchObject({
      level: 'warn',
      remedy,
      msg: `support needs a human: unauthorized (HTTP 401). ${remedy}`,
    });
  });

  test('health is good news', () => {
    const healthy = { ...phaseChange, to: 'healthy', cause: 'connected', detail: null } as const;
    // At the start there is one line for all.
    expect(logged({ ...healthy, from: 'unknown' })).toBeNull();
    expect(logged({ ...healthy, from: 'recovering' })).toMatchObject({ msg: 'support is healthy again: connected' });
  });

  test('an instance whose last answer is healthy is never said to fail, also where it is judged again after an outage', () => {
    const line = logged({ ...phaseChange, from: 'down', to: 'suspect', cause: 'connected', detail: null, failures: 0 });
    expect(line).toMatchObject({ level: 'info', to: 'suspect', cause: 'connected' });
    expect(line?.['msg']).toBe('support no longer counts as down, and not yet as healthy: connected');
  });

  test.each([
    ['suspect', 'info'],
    ['exhausted', 'warn'],
    ['restarting', 'debug'],
    ['recovering', 'debug'],
  ] as const)('an instance that becomes %s is logged at level %s', (to, level) => {
    expect(logged({ ...phaseChange, to }, { level: 'debug' })).toMatchObject({ level, to });
  });

  test('a restart that is held says by what and until when', () => {
    const held = { type: 'restart_held', trigger: 'failure', hold: 'cooldown' } as const;
    expect(logged({ ...held, until: 300_000 })).toMatchObject({
      level: 'info',
      hold: 'cooldown',
      until: '1970-01-01T00:05:00.000Z',
      msg: 'the restart of support is held (cooldown): the cooldown after its last restart runs until 1970-01-01T00:05:00.000Z',
    });
    expect(logged({ ...held, hold: 'dry_run', until: null })).not.toHaveProperty('until');
  });

  test('a restart names its requester and how often it was tried', () => {
    const intent = { ...finished.intent, trigger: 'api', requestedBy: 'ops' } as const;
    expect(logged({ type: 'restart_started', intent })).toMatchObject({
      level: 'info',
      trigger: 'api',
      requestedBy: 'ops',
      attempt: 2,
      msg: 'restarting support, attempt 2: requested through the API (ops)',
    });
  });

  test.each([
    ['accepted', 'info', 'the gateway accepted the restart of support: HTTP 200. Probes will show whether it helped'],
    ['rejected', 'warn', 'the restart of support was refused: HTTP 200'],
    ['unreachable', 'warn', 'the restart of support did not reach the gateway'],
    ['unknown', 'warn', 'It may have happened, so it is not repeated'],
  ] as const)('a restart that was %s is logged at level %s', (outcome, level, words) => {
    const line = logged({ ...finished, outcome });
    expect(line).toMatchObject({ level, outcome, httpStatus: 200, attempt: 2, seconds: 1.5 });
    expect(line?.['msg']).toContain(words);
    expect(line?.['msg']).toContain('No other restart of it before 1970-01-01T00:05:00.000Z.');
  });

  test.each<[WatchEvent, string, string]>([
    [
      { type: 'not_healed', attempt: 1, cause: 'timeout' },
      'warn',
      'did not heal support within its grace: timeout. The gateway',
    ],
    [
      { type: 'healed', trigger: 'failure', attempt: 1, secondsToHeal: 12, downSeconds: 90 },
      'info',
      'support is healed: healthy 12 s after restart attempt 1, 90 s after its first failing probe',
    ],
    [
      { type: 'healed', trigger: 'schedule', attempt: 1, secondsToHeal: 12, downSeconds: null },
      'info',
      'support is healed: healthy 12 s after restart attempt 1',
    ],
    [{ type: 'recovered', downSeconds: 600 }, 'info', 'support recovered without a restart, 10 min after'],
    [{ type: 'stable', attempts: 2 }, 'info', 'support is stable'],
    [{ type: 'restart_skipped', trigger: 'schedule', why: 'expired' }, 'info', 'held until its time had passed'],
  ])('%o is logged at level %s', (event, level, words) => {
    const line = logged(event);
    expect(line).toMatchObject({ level, event: event.type, name: 'support' });
    expect(line?.['msg']).toContain(words);
  });

  test('a state that cannot be saved is an error that says whether a restart was given up', () => {
    const event = { type: 'state_not_saved', reason: 'disk full' } as const;
    expect(logged({ ...event, restartGivenUp: true })).toMatchObject({
      level: 'error',
      msg: expect.stringMatching(/disk full\. Its restart was not made.*state\.path, or the database\.$/) as string,
    });
    expect(logged({ ...event, restartGivenUp: false })?.['msg']).not.toContain('restart was not made');
  });

  test('a decision that failed is an error with everything needed to replay it', () => {
    const event = { type: 'decision_failed', reason: 'TypeError', state: { phase: 'down' }, observation: 7 } as const;
    expect(logged(event)).toMatchObject({ level: 'error', state: { phase: 'down' }, observation: 7 });
  });

  test('a probe is logged at level debug only', () => {
    expect(logged(probe('connected'))).toBeNull();
    expect(logged(probe('connected'), { level: 'debug' })).toMatchObject({
      level: 'debug',
      verdict: 'healthy',
      cause: 'connected',
      seconds: 0.012,
      msg: 'probe of support: healthy, connected, after 12 ms',
    });
  });

  test('a line about a probe below the log level is not even built', () => {
    const bus = strictBus();
    logEvents(bus, logger());
    const event = about(probe('connected'));
    const reads = vi.fn();
    Object.defineProperty(event, 'seconds', { get: reads });
    bus.publish(event);
    expect(reads).not.toHaveBeenCalled();
  });

  test('an account of which only reachability is watched is logged once', () => {
    const bus = new EventBus(vi.fn());
    logEvents(bus, logger());
    for (const account of ['acme', 'acme', 'other', 'acme']) bus.publish(about(probe('responding'), account));
    bus.publish(about(probe('connected'), 'third'));
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      expect.objectContaining({ level: 'warn', event: 'reachability_only', account: 'acme' }),
      expect.objectContaining({ level: 'warn', event: 'reachability_only', account: 'other' }),
    ]);
    expect(lines[0]).toContain(
      "only reachability is watched for account acme: the gateway's answer names no connection state",
    );
  });
});
