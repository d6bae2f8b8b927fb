import { describe, expect, it } from 'vitest';
import { lineOf } from './event-line.ts';

const at = Date.UTC(2026, 0, 1);

describe('the line of what affects a whole fleet says it', () => {
  it.each([
    [
      { at, account: 'acme', type: 'storm_began', sick: 30, allowed: 20, watched: 50 },
      'warn',
      '30 of 50 instances of acme are failing',
    ],
    [
      { at, account: 'acme', type: 'storm_paced' },
      'info',
      'healed an instance of acme, so the others are restarted within its limits',
    ],
    [
      { at, account: 'acme', type: 'storm_ended', quietUntil: at + 120_000 },
      'info',
      'no restart before 2026-01-01T00:02:00.000Z',
    ],
    [{ at, account: 'acme', type: 'storm_ended', quietUntil: null }, 'info', 'over in acme'],
    [
      { at, account: 'acme', type: 'gateway_outage_began', unreachable: 9, watched: 10 },
      'warn',
      '9 of 10 instances of acme fail as they do',
    ],
    [
      { at, account: 'acme', type: 'gateway_outage_began', unreachable: 0, watched: 10, byHealthRoute: true },
      'warn',
      'gateway outage: 0 of 10 instances of acme fail, but the health route of the gateway (healthPath) does.',
    ],
    [{ at, account: 'acme', type: 'gateway_outage_ended' }, 'info', 'must reach its failure threshold again'],
    [
      { at, account: 'acme', type: 'harmful_began', harmed: 2, within: 86_400_000 },
      'error',
      'after 2 of them within 24 h, instances of acme need a human that did not before',
    ],
    [{ at, account: 'acme', type: 'harmful_ended', by: 'ana' }, 'info', 'restarts of acme were released by ana'],
    [
      { at, account: 'acme', type: 'blind_began', blind: 9, watched: 10, cause: 'unreadable' },
      'error',
      'nothing is known of 9 of 10 instances of acme, because their answers are not conclusive: unreadable. Look at the last probe of each',
    ],
    [
      { at, account: 'acme', type: 'blind_began', blind: 9, watched: 10, cause: 'not_the_gateway' },
      'error',
      'are not conclusive: not_the_gateway. Something in front of the gateway',
    ],
    [
      { at, account: 'acme', type: 'blind_began', blind: 9, watched: 10, cause: null },
      'error',
      'because their answers are not conclusive',
    ],
    [{ at, account: 'acme', type: 'blind_ended' }, 'info', 'over in acme'],
    [
      { at, account: 'acme', type: 'silent_began', silent: 3, expected: 4 },
      'warn',
      '3 of 4 instances of acme show no sign of life at the same time. None of them is restarted for its silence.',
    ],
    [{ at, account: 'acme', type: 'silent_ended' }, 'info', 'over in acme'],
    [
      { at, account: 'acme', name: 'support', type: 'silence_began', since: 0, limit: 60_000 },
      'warn',
      'support is silent: it is connected, but has shown no sign of life since 1970-01-01T00:00:00.000Z. It is connected, but nothing flows',
    ],
    [
      { at, account: 'acme', name: 'support', type: 'silence_ended', since: 0, why: 'reset' },
      'info',
      'support is no longer silent: it was reset',
    ],
    [
      { at, account: 'acme', type: 'refused_began', cause: 'unauthorized', refused: 9, watched: 10 },
      'error',
      'refuses 9 of 10 instances of acme for the same reason: unauthorized. The token is wrong',
    ],
    [{ at, account: 'acme', type: 'refused_ended' }, 'info', 'over in acme'],
    [
      { at, account: 'acme', name: 'support', type: 'escalated', attempt: 1, to: 'ops', cause: 'disconnected' },
      'warn',
      'a restart did not help support: ops is asked',
    ],
    [
      { at, account: 'acme', name: 'support', type: 'escalated', attempt: 3, to: 'ops', cause: 'disconnected' },
      'warn',
      '3 restarts did not help support: ops is asked',
    ],
    [{ at, type: 'own_network_down', reason: '1 of 3 targets answer, 2 must' }, 'warn', '1 of 3 targets answer'],
    [{ at, type: 'own_network_up' }, 'info', 'up again'],
    [{ at, type: 'state_unusable', reason: 'it is full', soughtAgain: true }, 'error', 'it is full. All instances are'],
    [{ at, type: 'state_unusable', reason: 'It broke.', soughtAgain: false }, 'error', 'Start the watchdog again'],
    [{ at, type: 'state_found', instances: 12 }, 'info', '12 instances were restored from it'],
  ] as const)('%o', (event, level, words) => {
    const line = lineOf(event);
    expect(line.level).toBe(level);
    expect(line.fields['event']).toBe(event.type);
    expect(line.msg).toContain(words);
  });
});

describe('the line of what affects all accounts of a gateway', () => {
  const gateway = { origin: 'https://gateway.example.org', accounts: ['acme', 'beta'] };
  const about = { at, account: 'acme', gateway };

  it.each([
    { ...about, type: 'storm_began', sick: 30, allowed: 20, watched: 50 },
    { ...about, type: 'storm_paced' },
    { ...about, type: 'storm_ended', quietUntil: null },
    { ...about, type: 'gateway_outage_began', unreachable: 9, watched: 10 },
    { ...about, type: 'gateway_outage_ended' },
  ] as const)('names the gateway, and none of its accounts: %o', (event) => {
    const { msg, fields } = lineOf(event);
    expect(msg).toContain('https://gateway.example.org');
    expect(msg).not.toContain('acme');
    expect(fields).toMatchObject({ event: event.type, gateway: 'https://gateway.example.org' });
    expect(fields).not.toHaveProperty('account');
  });
});

describe('the line of what changes for an instance says it with its remedy', () => {
  const about = { at, name: 'support', account: 'acme' };

  it.each([
    [
      { ...about, type: 'cause_changed', phase: 'needs_human', from: 'pairing_required', cause: 'banned', detail: 'x' },
      'warn',
      'support needs a human for another reason now: banned (x). WhatsApp has blocked this number',
    ],
    [
      { ...about, type: 'restart_harmed', trigger: 'failure', attempt: 2, cause: 'pairing_required' },
      'error',
      'restart attempt 2 harmed support: it needs a human since then: pairing_required. WhatsApp has unlinked',
    ],
    [
      { ...about, type: 'not_healed', attempt: 2, cause: 'conflict' },
      'warn',
      'did not heal support within its grace: conflict. The session is open elsewhere',
    ],
    [
      { ...about, type: 'answers_missing', cause: 'not_the_gateway', detail: 'x', since: at },
      'warn',
      'nothing is known of support: no conclusive answer since 2026-01-01T00:00:00.000Z: not_the_gateway (x). Something in front',
    ],
  ] as const)('%o', (event, level, words) => {
    const line = lineOf(event);
    expect(line).toMatchObject({ level, fields: { event: event.type, cause: event.cause } });
    expect(line.msg).toContain(words);
    expect(line.fields['remedy']).toEqual(expect.any(String));
  });
});

describe('the line of a restart that ended says nothing that its outcome does not', () => {
  const finished = {
    at,
    name: 'support',
    account: 'acme',
    type: 'restart_finished',
    intent: { trigger: 'failure', requestedBy: null, startedAt: at, attempt: 2, from: 'down', cooldownBefore: null },
    seconds: 1,
    cooldownUntil: at,
  } as const;

  it.each([
    [
      { outcome: 'rejected', httpStatus: 401, detail: 'HTTP 401: Unauthorized', refusal: 'unauthorized' },
      'the restart of support was refused: HTTP 401: Unauthorized. It was not restarted, and is not until a person has helped.',
    ],
    [
      { outcome: 'rejected', httpStatus: 200, detail: 'success status, but "error" is true', refusal: null },
      'the restart of support was refused: HTTP 200 (success status, but "error" is true). It was not restarted. No other restart of it before 2026-01-01T00:00:00.000Z.',
    ],
    [
      { outcome: 'unknown', httpStatus: 409, detail: 'HTTP 409: already restarting', refusal: null },
      'it is not known whether the restart of support was made: HTTP 409: already restarting. It may have happened',
    ],
    [
      {
        outcome: 'unreachable',
        httpStatus: 522,
        detail: 'a proxy does not reach the gateway: HTTP 522',
        refusal: null,
      },
      'the restart of support did not reach the gateway: a proxy does not reach the gateway: HTTP 522. It was not restarted. No other restart of it before 2026-01-01T00:00:00.000Z. The proxy in front of the gateway answers alone',
    ],
  ] as const)('%o', (ended, words) => expect(lineOf({ ...finished, ...ended }).msg).toContain(words));
});

it('names the remedy of its gateway, where that has one of its own', () => {
  const event = {
    type: 'phase_changed',
    at: 0,
    name: 'n',
    account: 'acme',
    from: 'healthy',
    to: 'needs_human',
    cause: 'banned',
    detail: null,
    failures: 0,
    failingSince: null,
  } as const;
  const own = (account: string, cause: string) => (account === 'acme' && cause === 'banned' ? 'Call Ana.' : undefined);
  expect(lineOf(event, own)).toMatchObject({
    msg: expect.stringContaining('Call Ana.') as unknown,
    fields: { remedy: 'Call Ana.' },
  });
  expect(lineOf({ ...event, account: 'other' }, own).msg).not.toContain('Call Ana.');
});
