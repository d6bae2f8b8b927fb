import { SECOND, type DurationMs } from '../../src/core/time.ts';

/** What may happen to one replica, to all of them, or to the database. */
export const FAULTS = ['dies', 'dies in a call', 'freezes', 'cut', 'answers lost', 'slow', 'database away'] as const;
export type Fault = (typeof FAULTS)[number] | 'all die' | 'all slow';

/** What hours are full of. */
export interface World {
  /** How often something of `faults` happens, at each look of 2 to 20 seconds. */
  readonly trouble: number;
  readonly faults: readonly Fault[];
  /** How often an instance loses its connection, at each look. */
  readonly sickness: number;
  /** A statement of a slow replica waits up to this long before or after it takes effect. */
  readonly slow: DurationMs;
  /** The same of every other replica. */
  readonly usual: DurationMs;
}

/** Everything happens, and a slow statement takes longer than most deadlines. */
const USUAL: World = { trouble: 0.3, faults: FAULTS, sickness: 0.01, slow: 12 * SECOND, usual: 0 };

export const WORLDS = {
  usual: USUAL,
  /** Nothing happens but that each statement takes its time, so no account has a reason to change its owner. */
  far: { ...USUAL, faults: [], usual: 1.5 * SECOND },
  /** Restarts are always due, and most answers come so late that leases end meanwhile. */
  slow: { ...USUAL, trouble: 0.5, faults: ['slow', 'all slow', 'cut'], sickness: 0.2, slow: 5 * SECOND },
  /** Restarts are always due, and whole clusters die and come back. */
  deadly: { ...USUAL, trouble: 0.15, faults: ['dies', 'all die', 'slow'], sickness: 0.2 },
} as const satisfies Record<string, World>;
export type WorldName = keyof typeof WORLDS;
