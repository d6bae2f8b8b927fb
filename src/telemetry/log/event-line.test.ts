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
    [{ at, account: 'acme', type: 'storm_paced' }, 'info', 'within the account'],
    [
      { at, account: 'acme', type: 'storm_ended', quietUntil: at + 120_000 },
      'info',
      'no restart before 2026-01-01T00:02:00.000Z',
    ],
    [{ at, account: 'acme', type: 'storm_ended', quietUntil: null }, 'info', 'over in acme'],
    [
      { at, account: 'acme', type: 'gateway_outage_began', unreachable: 9, watched: 10 },
      'warn',
      '9 of 10 instances of acme',
    ],
    [{ at, account: 'acme', type: 'gateway_outage_ended' }, 'info', 'must reach its failure threshold again'],
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
