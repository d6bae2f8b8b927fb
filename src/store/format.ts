/** Version of the stored form that this program writes, and the latest one that it can read. */
export const FORMAT_VERSION = 8;

/** Why a record cannot be read or written. The caller adds key and place. */
export class RecordError extends Error {
  override readonly name = 'RecordError';
  readonly kind: 'corrupt' | 'newer_version';

  constructor(kind: RecordError['kind'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}

/** Turns the stored state of one version into that of the next. It receives unchecked data. */
export type Upgrade = (state: unknown) => unknown;

/**
 * How older records become readable: the version that a record was written in, to the step that leads to the next
 * version. A record is upgraded when it is read, and written in the new form when it is saved, so there is no
 * moment at which a half-migrated database could be left behind.
 */
export const UPGRADES: ReadonlyMap<number, Upgrade> = new Map([
  // Version 2 knows of pauses.
  [1, (state) => withField(state, { pause: null })],
  // Version 3 knows since when an instance is no longer configured.
  [2, (state) => withField(state, { removedAt: null })],
  // Version 4 knows of pairings, of harm done by restarts, of refusals in a row, and of answers that are in doubt.
  [3, (state) => withRecordFields(withField(state, UNKNOWN_TO_3), { from: 'down', harmed: false })],
  // Version 5 knows of acknowledgements.
  [4, (state) => withField(state, { acknowledged: null })],
  // Version 6 knows whether an instance was ever healthy, and methods of restarts that were found by trying.
  [5, (state) => withRecordFields(withField(state, { known: wasHealthy(state) }), { method: null })],
  // Version 7 knows of silence.
  [6, (state) => withField(state, { silence: null })],
  // Version 8 knows of restarts whether the instance was unpaired before.
  [7, (state) => withRecordFields(state, { unpaired: false })],
]);

const UNKNOWN_TO_3 = {
  recent: 0,
  troubleSince: null,
  inconclusive: null,
  pairing: null,
  refusals: 0,
  releasedAt: null,
};

/**
 * Takes a stored state from version `from` to version `to`, step by step.
 *
 * @throws RecordError when a step is missing.
 */
export function upgraded(state: unknown, from: number, to: number, upgrades: ReadonlyMap<number, Upgrade>): unknown {
  let current = state;
  for (let version = from; version < to; version += 1) {
    const step = upgrades.get(version);
    if (step === undefined) throw new RecordError('corrupt', `no step leads from format ${version} to ${version + 1}`);
    current = step(current);
  }
  return current;
}

function withField(state: unknown, field: Readonly<Record<string, unknown>>): unknown {
  return typeof state === 'object' && state !== null ? { ...state, ...field } : state;
}

/** The state with these fields in each record of its history. */
function withRecordFields(state: unknown, fields: Readonly<Record<string, unknown>>): unknown {
  if (typeof state !== 'object' || state === null || !('history' in state) || !Array.isArray(state.history))
    return state;
  return { ...state, history: state.history.map((record: unknown) => withField(record, fields)) };
}

/** Whether an earlier state shows that the instance was healthy once. */
function wasHealthy(state: unknown): boolean {
  if (typeof state !== 'object' || state === null) return false;
  if ('healthySince' in state && state.healthySince !== null) return true;
  const history = 'history' in state && Array.isArray(state.history) ? (state.history as unknown[]) : [];
  return history.some((record) => (record as { readonly healed?: unknown } | null)?.healed === true);
}
