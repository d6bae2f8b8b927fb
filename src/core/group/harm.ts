import { HOUR, type DurationMs, type EpochMs } from '../time.ts';

/** A restart that did harm, and was not released since. */
export interface Harm {
  readonly key: string;
  readonly at: EpochMs;
}

/** A person has looked at the harm that restarts did until then. */
export interface Release {
  readonly at: EpochMs;
  readonly by: string;
}

/** At most this many are published for other replicas, so with a larger `maxHarmed` each of them counts by itself. */
export const MOST_PUBLISHED = 100;

/** Harm further apart than this may be chance. */
export const HARM_WINDOW: DurationMs = 24 * HOUR;

/** The harm with that of one instance, oldest first, each once. */
export function withHarm(harms: readonly Harm[], key: string, times: readonly EpochMs[]): readonly Harm[] {
  const isKnown = (at: EpochMs): boolean => harms.some((harm) => harm.key === key && harm.at === at);
  const fresh = times.filter((at) => !isKnown(at)).map((at) => ({ key, at }));
  return fresh.length === 0 ? harms : [...harms, ...fresh].sort((one, other) => one.at - other.at);
}

/** Whether `maxHarmed` restarts did harm within one day, so that no further one is worth the risk. */
export function isHarmful(harms: readonly Harm[], maxHarmed: number): boolean {
  return harms.some(({ at }, index) => {
    const last = harms[index + maxHarmed - 1];
    return last !== undefined && last.at - at <= HARM_WINDOW;
  });
}
