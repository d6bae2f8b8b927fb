import { crc32 } from 'node:zlib';
import { z } from 'zod';
import { HISTORY_LIMIT, HOLDS, OUTCOMES, PHASES, TRIGGERS, type JsonValue } from '../core/instance/instance.ts';
import { CAUSES, EVERY_CAUSE } from '../core/verdict.ts';
import { FORMAT_VERSION, RecordError, UPGRADES, upgraded } from './format.ts';
import type { StoredState } from './store.ts';

/** Most restarts that one rolling window may hold; far above any sane budget, it only bounds what is read. */
const SPENT_LIMIT = 10_000;
/** Longest name of a requester of restarts, in UTF-16 code units. */
const REQUESTED_BY_LIMIT = 1_000;
/** Longest reason of a pause or an acknowledgement, in UTF-16 code units. */
const PAUSE_LIMIT = 1_000;
/** Latest instant that ECMAScript can name (ECMA-262, "Time Values and Time Range"). */
const LATEST_TIME = 8.64e15;

const count = z.int().min(0);
const time = z.number().min(0).max(LATEST_TIME);
const trigger = z.enum(TRIGGERS);
const requester = z.string().max(REQUESTED_BY_LIMIT);
const requestedBy = requester.nullable();
const reason = z.string().max(PAUSE_LIMIT);
const byPerson = { by: requester, since: time, until: time.nullable() };
const holds = z.array(z.enum(HOLDS)).max(HOLDS.length).readonly();

const restartIntent = z.strictObject({
  trigger,
  requestedBy,
  startedAt: time,
  attempt: count.min(1),
  from: z.enum(PHASES),
  cooldownBefore: time.nullable(),
});

const restartRecord = z.strictObject({
  at: time,
  trigger,
  requestedBy,
  outcome: z.enum(OUTCOMES).nullable(),
  httpStatus: z.int().min(0).max(999).nullable(),
  // Whatever came out of JSON.parse is JSON; walking it again would only open the door to a stack overflow.
  body: z.custom<JsonValue>((value) => value !== undefined, 'is missing'),
  from: z.enum(PHASES),
  unpaired: z.boolean(),
  method: z.string().max(16).nullable(),
  harmed: z.boolean(),
  healed: z.boolean(),
  // No lower bound: the wall clock may have been set back between two runs.
  secondsToHeal: z.number().nullable(),
});

const instanceState = z.strictObject({
  seed: z
    .int()
    .min(0)
    .max(2 ** 32 - 1),
  phase: z.enum(PHASES),
  since: time,
  known: z.boolean(),
  cause: z.enum(EVERY_CAUSE).nullable(),
  failures: count,
  recent: count.max(2 ** 30 - 1),
  troubleSince: time.nullable(),
  inconclusive: z.strictObject({ since: time, probes: count, blind: z.boolean() }).nullable(),
  successes: count,
  failingSince: time.nullable(),
  connectingSince: time.nullable(),
  pairing: z.union([z.literal('awaited'), time]).nullable(),
  healthySince: time.nullable(),
  attempt: count,
  spent: z.array(time).max(SPENT_LIMIT).readonly(),
  cooldownUntil: time.nullable(),
  graceUntil: time.nullable(),
  intent: restartIntent.nullable(),
  planned: z.strictObject({ dueAt: time, expiresAt: time }).nullable(),
  pause: z.strictObject({ reason, ...byPerson }).nullable(),
  acknowledged: z.strictObject({ reason: reason.nullable(), ...byPerson }).nullable(),
  refusal: z.enum(CAUSES.needs_human).nullable(),
  refusals: count,
  silence: z.strictObject({ since: time.nullable(), restartedAt: time.nullable() }).nullable(),
  releasedAt: time.nullable(),
  holds,
  holdsMet: holds,
  history: z.array(restartRecord).max(HISTORY_LIMIT).readonly(),
  removedAt: time.nullable(),
});
/** The revision stands among the fields of the state. */
const revisedState = z.strictObject({ revision: count, ...instanceState.shape });
type RevisedState = z.output<typeof revisedState>;

const envelope = z.object({ format: z.int().min(1), state: z.unknown() });

/**
 * The stored form of a state: a CRC-32 in eight hexadecimal digits, a blank, and JSON that names its format version.
 * The checksum is there because LevelDB does not verify its own ones when it reads tables, and a digit that flips in
 * a number leaves perfectly good JSON.
 *
 * @throws RecordError when {@link decode} would refuse the result: what cannot be read back is never written.
 */
export function encode({ revision, state }: StoredState): string {
  // Together with the return of `decode` this line makes the compiler prove that schema and type say the same.
  const stored: RevisedState = { revision, ...state };
  const json = JSON.stringify({ format: FORMAT_VERSION, state: checked(stored) });
  return `${checksum(json)} ${json}`;
}

/**
 * The same for the state of an instance.
 *
 * @throws TypeError naming the instance
 */
export function encodeFor(key: string, stored: StoredState): string {
  try {
    return encode(stored);
  } catch (error) {
    if (!(error instanceof RecordError)) throw error;
    throw new TypeError(`the state of ${JSON.stringify(key)} cannot be stored: ${error.message}`, { cause: error });
  }
}

/**
 * Reads what {@link encode} wrote, trusting none of it.
 *
 * @throws RecordError naming the field, of kind `newer_version` when a later version of the program wrote it.
 */
export function decode(text: string): StoredState {
  const json = text.slice(9);
  if (text !== `${checksum(json)} ${json}`) throw new RecordError('corrupt', 'its checksum does not match');
  const { format, state } = opened(json);
  if (format > FORMAT_VERSION) {
    throw new RecordError('newer_version', `it has format ${format}, and this version knows ${FORMAT_VERSION}`);
  }
  const { revision, ...rest }: RevisedState = checked(upgraded(state, format, FORMAT_VERSION, UPGRADES));
  return { revision, state: rest };
}

function checksum(json: string): string {
  return crc32(json).toString(16).padStart(8, '0');
}

function opened(json: string): z.output<typeof envelope> {
  try {
    return envelope.parse(JSON.parse(json));
  } catch (error) {
    throw new RecordError('corrupt', 'it is not a record with a format and a state', { cause: error });
  }
}

function checked(state: unknown): RevisedState {
  const result = revisedState.safeParse(state);
  if (result.success) return result.data;
  const [first] = result.error.issues;
  const field = first === undefined || first.path.length === 0 ? 'state' : first.path.map(String).join('.');
  throw new RecordError('corrupt', `${field}: ${first?.message ?? 'unreadable'}`, { cause: result.error });
}
