import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyStoredState, sealed, stateAt, storedAt } from '../../test/contract/instance-states.ts';
import { HISTORY_LIMIT } from '../core/instance/instance.ts';
import { decode, encode } from './record.ts';
import type { StoredState } from './store.ts';

const restart = {
  at: 1,
  trigger: 'failure',
  requestedBy: null,
  outcome: 'accepted',
  httpStatus: 200,
  method: null,
  body: {},
  from: 'down',
  unpaired: false,
  harmed: false,
  healed: false,
  secondsToHeal: null,
};

/** As the last version that wrote format 3 wrote it. */
const RECORD_OF_FORMAT_3 = readFileSync(
  join(import.meta.dirname, '../../test/testdata/state/format-3.txt'),
  'utf8',
).trim();
const { state: FORMAT_3 } = JSON.parse(RECORD_OF_FORMAT_3.slice(9)) as {
  state: StoredState['state'] & { revision: number };
};

/** A record as a program with other ideas might have written it. */
function withField(fields: Record<string, unknown>): string {
  return sealed({ format: 8, state: { revision: 1, ...stateAt(1), ...fields } });
}

describe('a stored record', () => {
  it('reads back as the state it was made from', () => {
    fc.assert(
      fc.property(anyStoredState, (stored) => {
        expect(decode(encode(stored))).toEqual(stored);
      }),
    );
  });

  it('names the format version in readable JSON', () => {
    expect(encode(storedAt(1))).toMatch(/^[0-9a-f]{8} \{"format":8,"state":\{"revision":1,/);
  });

  it('is refused when any one of its characters has changed', () => {
    fc.assert(
      fc.property(anyStoredState, fc.nat(), fc.string({ minLength: 1, maxLength: 1 }), (state, at, character) => {
        const text = encode(state);
        const place = at % text.length;
        fc.pre(text[place] !== character);
        expect(() => decode(text.slice(0, place) + character + text.slice(place + 1))).toThrow(/checksum/);
      }),
    );
  });

  it('is refused when it was cut short', () => {
    const text = encode(storedAt(1));
    for (let length = 0; length < text.length; length += 1) {
      expect(() => decode(text.slice(0, length))).toThrow(/checksum/);
    }
  });

  it('of a later version is refused for that reason, whatever else it holds', () => {
    const later = sealed({ format: 9, state: { mood: 'new' }, extra: true });
    expect(() => decode(later)).toThrow(expect.objectContaining({ kind: 'newer_version' }));
    expect(() => decode(later)).toThrow('it has format 9, and this version knows 8');
  });

  it('of the version that knew no pauses is read as one that is not paused', () => {
    const { pause: _, removedAt: __, acknowledged: ___, ...older } = stateAt(1);
    expect(decode(sealed({ format: 1, state: { revision: 1, ...older } }))).toEqual(storedAt(1));
  });

  it('of the version that did not know of removed instances is read as one that is configured', () => {
    const { removedAt: _, acknowledged: __, ...older } = stateAt(1);
    expect(decode(sealed({ format: 2, state: { revision: 1, ...older } }))).toEqual(storedAt(1));
  });

  it('of the version that knew no harm, no pairings and no doubt is read as one of which none is known', () => {
    const { revision, ...before } = FORMAT_3;
    const unknownThen = {
      ...{ recent: 0, troubleSince: null, inconclusive: null, pairing: null, refusals: 0, releasedAt: null },
      acknowledged: null,
      silence: null,
      known: true,
      history: before.history.map((record) => ({
        ...record,
        from: 'down',
        unpaired: false,
        harmed: false,
        method: null,
      })),
    };
    const stored = decode(RECORD_OF_FORMAT_3);
    expect(stored).toEqual({ revision, state: { ...before, ...unknownThen } });
    expect(decode(encode(stored))).toEqual(stored);
  });

  it.each([
    [{ healthySince: 5 }, true],
    [{ history: [{ ...restart, healed: true }] }, true],
    [{ history: [restart] }, false],
  ])('of the version that did not know whether an instance was ever healthy: of %j it is %s', (fields, known) => {
    const { known: _, ...older } = stateAt(1);
    expect(decode(sealed({ format: 5, state: { revision: 1, ...older, ...fields } })).state.known).toBe(known);
  });

  it('of the version that knew no silence expects no signs of life', () => {
    const { silence: _, ...before } = stateAt(1);
    const older = sealed({ format: 6, state: { revision: 1, ...before } });
    expect(decode(older).state).toEqual({ ...before, silence: null });
  });

  it('of the version that did not know whether an instance was unpaired before a restart is read as if it was not', () => {
    const { unpaired: _, ...record } = restart;
    const older = sealed({ format: 7, state: { revision: 1, ...stateAt(1), history: [record] } });
    expect(decode(older).state.history).toEqual([restart]);
  });

  it('of an older version is still no record when it holds something else', () => {
    for (const state of [null, 'text', [], { ...FORMAT_3, history: null }, { ...FORMAT_3, history: ['x'] }]) {
      expect(() => decode(sealed({ format: 3, state }))).toThrow(expect.objectContaining({ kind: 'corrupt' }));
    }
  });

  it.each([null, [], 'text', {}, { format: '1', state: stateAt(1) }, { format: 0, state: stateAt(1) }])(
    'is refused when it is %j instead of a format and a state',
    (content) => {
      expect(() => decode(sealed(content))).toThrow(expect.objectContaining({ kind: 'corrupt' }));
    },
  );

  it.each([
    ['phase', { phase: 'sleepy' }],
    ['cause', { cause: 'gremlins' }],
    ['refusal', { refusal: 'disconnected' }],
    ['holds.1', { holds: ['budget', 'weather'] }],
    ['holdsMet.0', { holdsMet: ['weather'] }],
    ['intent.trigger', { intent: { trigger: 'whim', requestedBy: null, startedAt: 1, attempt: 1 } }],
    ['intent.attempt', { intent: { trigger: 'api', requestedBy: null, startedAt: 1, attempt: 0 } }],
    ['intent.requestedBy', { intent: { trigger: 'api', requestedBy: 'x'.repeat(1001), startedAt: 1, attempt: 1 } }],
    ['planned.expiresAt', { planned: { dueAt: 1 } }],
    ['recent', { recent: 2 ** 30 }],
    ['inconclusive.blind', { inconclusive: { since: 1, probes: 1, blind: null } }],
    ['pairing', { pairing: 'soon' }],
    ['refusals', { refusals: -1 }],
    ['silence.restartedAt', { silence: { since: 1 } }],
    ['releasedAt', { releasedAt: '1' }],
    ['history.0.from', { history: [{ ...restart, from: 'sleepy' }] }],
    ['known', { known: 1 }],
    ['history.0.method', { history: [{ ...restart, method: 1 }] }],
    ['history.0.harmed', { history: [{ ...restart, harmed: undefined }] }],
    ['history.0.outcome', { history: [{ ...restart, outcome: 'maybe' }] }],
    ['history.0.body', { history: [{ ...restart, body: undefined }] }],
    ['history', { history: Array.from({ length: HISTORY_LIMIT + 1 }, () => restart) }],
    ['spent', { spent: Array.from({ length: 10_001 }, () => 1) }],
    ['spent.0', { spent: ['1'] }],
    ['revision', { revision: 1.5 }],
    ['seed', { seed: 2 ** 32 }],
    ['since', { since: -1 }],
    ['since', { since: 1e300 }],
    ['failures', { failures: null }],
    ['cooldownUntil', { cooldownUntil: undefined }],
    ['state', { mood: 'unknown field' }],
  ])('is refused, naming the field, when %s is not what it must be', (field, fields) => {
    const message = new RegExp(`^${field.replaceAll('.', '\\.')}: `);
    expect(() => decode(withField(fields))).toThrow(message);
    expect(() => decode(withField(fields))).toThrow(expect.objectContaining({ kind: 'corrupt' }));
  });

  it('is never written when it could not be read back', () => {
    const history = Array.from({ length: HISTORY_LIMIT + 1 }, () => ({ ...stateAt(1) }));
    expect(() => encode({ revision: 1, state: { ...stateAt(1), history: history as never } })).toThrow(/^history/);
    expect(() => encode({ revision: 1, state: { ...stateAt(1), failures: Number.POSITIVE_INFINITY } })).toThrow(
      /^failures: /,
    );
  });

  it('takes the field of a gateway answer for data, whatever its name', () => {
    const body: unknown = JSON.parse('{"__proto__":{"polluted":true},"constructor":null}');
    const [first] = decode(withField({ history: [{ ...restart, body }] })).state.history;
    expect(first?.body).toEqual(body);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});
