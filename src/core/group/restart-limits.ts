import type { RestartLimits } from '../settings.ts';
import { MINUTE, type EpochMs } from '../time.ts';

/**
 * The restarts of a group that its limits count. When a call arrives at the gateway is not known, but it is between its
 * decision and its end. So it counts in the minute from its decision until a minute after its end.
 */
export interface RestartCounts {
  readonly inFlight: number;
  /** When those of the last minute ended, oldest first; older ones may still be listed. */
  readonly ended: readonly EpochMs[];
}

export const NO_RESTARTS: RestartCounts = { inFlight: 0, ended: [] };

/** How many restarts may have arrived at the gateway within the last minute, or may still arrive. */
export function restartsOfMinute({ inFlight, ended }: RestartCounts, now: EpochMs): number {
  return inFlight + ended.length - ended.findLastIndex((at) => at <= now - MINUTE) - 1;
}

/** How many more restarts may begin now. */
export function freeRestarts(counts: RestartCounts, limits: RestartLimits, now: EpochMs): number {
  const ofMinute = restartsOfMinute(counts, now);
  return Math.max(0, Math.min(limits.concurrentRestarts - counts.inFlight, limits.restartsPerMinute - ofMinute));
}

/**
 * When the passing of the minute alone gives capacity for one more than `reserved`; null: it already does, or another
 * event must come first.
 */
export function restartsFreeAt(
  { inFlight, ended }: RestartCounts,
  limits: RestartLimits,
  reserved: number,
  now: EpochMs,
): EpochMs | null {
  const blocking = ended[ended.length - (limits.restartsPerMinute - inFlight - reserved)];
  return blocking === undefined || blocking + MINUTE <= now ? null : blocking + MINUTE;
}

/** The counts after a restart was decided; forced ones count too, beyond the limits. */
export function restartBegun({ inFlight, ended }: RestartCounts): RestartCounts {
  return { inFlight: inFlight + 1, ended };
}

export function restartEnded({ inFlight, ended }: RestartCounts, now: EpochMs): RestartCounts {
  return { inFlight: inFlight - 1, ended: [...ended.filter((at) => at > now - MINUTE), now] };
}

/** The counts after a restart was decided, but not made: it takes no place in the minute either. */
export function restartCancelled({ inFlight, ended }: RestartCounts): RestartCounts {
  return { inFlight: inFlight - 1, ended };
}

/** The counts with restarts of an earlier process, or of accounts that are no longer counted. They count as just ended. */
export function restartsRecalled({ inFlight, ended }: RestartCounts, restarts: number, now: EpochMs): RestartCounts {
  return { inFlight, ended: [...ended, ...Array.from({ length: restarts }, () => now)] };
}

/** The counts of several groups as one. */
export function restartsTogether(counts: readonly RestartCounts[]): RestartCounts {
  return {
    inFlight: counts.reduce((sum, each) => sum + each.inFlight, 0),
    ended: counts.flatMap(({ ended }) => ended).toSorted((one, other) => one - other),
  };
}
