import type { RestartLimits } from '../settings.ts';
import { MINUTE, type EpochMs } from '../time.ts';

/** The restarts of a group that its limits count. */
export interface RestartCounts {
  readonly inFlight: number;
  /** When those of the last minute were sent, or, before that, decided; oldest first. Older ones may still be listed. */
  readonly begun: readonly EpochMs[];
}

export const NO_RESTARTS: RestartCounts = { inFlight: 0, begun: [] };

/** How many more restarts may begin now. */
export function freeRestarts({ inFlight, begun }: RestartCounts, limits: RestartLimits, now: EpochMs): number {
  const withinMinute = begun.length - begun.findLastIndex((at) => at <= now - MINUTE) - 1;
  return Math.max(0, Math.min(limits.concurrentRestarts - inFlight, limits.restartsPerMinute - withinMinute));
}

/**
 * When the passing of the minute alone gives capacity for one more than `reserved`; null: it already does, or another
 * event must come first.
 */
export function restartsFreeAt(
  { begun }: RestartCounts,
  limits: RestartLimits,
  reserved: number,
  now: EpochMs,
): EpochMs | null {
  const blocking = begun[begun.length - (limits.restartsPerMinute - reserved)];
  return blocking === undefined || blocking + MINUTE <= now ? null : blocking + MINUTE;
}

/** The counts after a restart was decided; forced ones count too, beyond the limits. */
export function restartBegun({ inFlight, begun }: RestartCounts, now: EpochMs): RestartCounts {
  return { inFlight: inFlight + 1, begun: [...begun.filter((at) => at > now - MINUTE), now] };
}

export function restartEnded({ inFlight, begun }: RestartCounts): RestartCounts {
  return { inFlight: inFlight - 1, begun };
}

/** The counts after a restart was decided at `startedAt`, but not made: it takes no place in the minute either. */
export function restartCancelled({ inFlight, begun }: RestartCounts, startedAt: EpochMs, now: EpochMs): RestartCounts {
  return { inFlight: inFlight - 1, begun: withoutOne(begun, startedAt, now) };
}

/**
 * The counts after a restart that was decided at `startedAt` was sent: its minute begins now. What a slow database held back
 * would otherwise arrive beside those that were decided after it.
 */
export function restartSent({ inFlight, begun }: RestartCounts, startedAt: EpochMs, now: EpochMs): RestartCounts {
  return { inFlight, begun: [...withoutOne(begun, startedAt, now), now] };
}

function withoutOne(begun: readonly EpochMs[], startedAt: EpochMs, now: EpochMs): readonly EpochMs[] {
  // The group may hear of a restart a moment after it was decided. An old one is no longer listed, but others are.
  const place = startedAt > now - MINUTE ? begun.findIndex((at) => at >= startedAt) : -1;
  return begun.filter((_, index) => index !== place);
}

/** The counts with restarts that an earlier process began. */
export function restartsRecalled({ inFlight, begun }: RestartCounts, earlier: readonly EpochMs[]): RestartCounts {
  return { inFlight, begun: [...begun, ...earlier].sort((one, other) => one - other) };
}

/** The counts of several groups as one. */
export function restartsTogether(counts: readonly RestartCounts[]): RestartCounts {
  const inFlight = counts.reduce((sum, each) => sum + each.inFlight, 0);
  return restartsRecalled(
    { inFlight, begun: [] },
    counts.flatMap(({ begun }) => begun),
  );
}
