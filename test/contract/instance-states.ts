import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import {
  HISTORY_LIMIT,
  HOLDS,
  newInstance,
  OUTCOMES,
  PHASES,
  TRIGGERS,
  type InstanceState,
  type JsonValue,
} from '../../src/core/instance/instance.ts';
import { CAUSES, EVERY_CAUSE } from '../../src/core/verdict.ts';
import type { StoredState } from '../../src/store/store.ts';

const count = fc.maxSafeNat();
const time = fc.oneof(fc.integer({ min: 0, max: 8.64e15 }), fc.double({ min: 0, max: 8.64e15, noNaN: true }));
const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(arbitrary, { nil: null });
const trigger = fc.constantFrom(...TRIGGERS);
const requestedBy = maybe(fc.string({ unit: 'binary', maxLength: 40 }));
const holds = fc.subarray([...HOLDS]);
/** JSON knows no negative zero, so what is put in must have been JSON before. */
const body = fc.jsonValue({ maxDepth: 4 }).map((value) => JSON.parse(JSON.stringify(value)) as JsonValue);

const restartRecord = fc.record({
  at: time,
  trigger,
  requestedBy,
  outcome: maybe(fc.constantFrom(...OUTCOMES)),
  httpStatus: maybe(fc.integer({ min: 0, max: 999 })),
  body,
  method: maybe(fc.constantFrom('POST', 'PUT')),
  from: fc.constantFrom(...PHASES),
  unpaired: fc.boolean(),
  harmed: fc.boolean(),
  healed: fc.boolean(),
  secondsToHeal: maybe(fc.double({ min: -1e9, max: 1e9, noNaN: true }).map((seconds) => seconds + 0)),
});

/** Any state that an instance can be in, and many that it cannot. */
export const anyInstanceState: fc.Arbitrary<InstanceState> = fc.record({
  seed: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  phase: fc.constantFrom(...PHASES),
  since: time,
  known: fc.boolean(),
  cause: maybe(fc.constantFrom(...EVERY_CAUSE)),
  failures: count,
  recent: fc.nat(2 ** 30 - 1),
  troubleSince: maybe(time),
  inconclusive: maybe(fc.record({ since: time, probes: count, blind: fc.boolean() })),
  successes: count,
  failingSince: maybe(time),
  connectingSince: maybe(time),
  pairing: fc.oneof(maybe(time), fc.constant('awaited' as const)),
  healthySince: maybe(time),
  attempt: count,
  spent: fc.array(time),
  cooldownUntil: maybe(time),
  graceUntil: maybe(time),
  intent: maybe(
    fc.record({
      trigger,
      requestedBy,
      startedAt: time,
      attempt: fc.integer({ min: 1 }),
      from: fc.constantFrom(...PHASES),
      cooldownBefore: maybe(time),
    }),
  ),
  planned: maybe(fc.record({ dueAt: time, expiresAt: time })),
  pause: maybe(
    fc.record({
      reason: fc.string({ maxLength: 40 }),
      by: fc.string({ maxLength: 40 }),
      since: time,
      until: maybe(time),
    }),
  ),
  acknowledged: maybe(
    fc.record({
      reason: maybe(fc.string({ maxLength: 40 })),
      by: fc.string({ maxLength: 40 }),
      since: time,
      until: maybe(time),
    }),
  ),
  refusal: maybe(fc.constantFrom(...CAUSES.needs_human)),
  refusals: count,
  silence: maybe(fc.record({ since: maybe(time), restartedAt: maybe(time) })),
  releasedAt: maybe(time),
  holds,
  holdsMet: holds,
  history: fc.array(restartRecord, { maxLength: HISTORY_LIMIT }),
  removedAt: maybe(time),
});

/** A plain state in its `revision`-th saved version; `failures` counts along, so that versions differ. */
export function stateAt(revision: number): InstanceState {
  return { ...newInstance(7, 1_750_000_000_000), failures: revision };
}

/** The same as it is stored. */
export function storedAt(revision: number): StoredState {
  return { revision, state: stateAt(revision) };
}

/** Any state in any version. */
export const anyStoredState: fc.Arbitrary<StoredState> = fc.record({ revision: count, state: anyInstanceState });

/** A record in the stored form, checksum and all. */
export function sealed(content: unknown): string {
  const json = JSON.stringify(content);
  return `${crc32(json).toString(16).padStart(8, '0')} ${json}`;
}
