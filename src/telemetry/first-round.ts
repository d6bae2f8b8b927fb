import type { FleetEvent } from '../core/event.ts';
import { PHASES, type Phase } from '../core/instance/instance.ts';
import { MINUTE, type DurationMs } from '../core/time.ts';
import type { Cancel, Clock } from '../time/clock.ts';
import type { EventBus } from './event-bus.ts';

/** Instances that are probed at times of a cron expression are not waited for any longer. */
const LONGEST: DurationMs = 2 * MINUTE;

export interface FirstRoundParts {
  readonly clock: Clock;
  readonly bus: Pick<EventBus, 'subscribe'>;
  /** What is watched. */
  readonly instances: () => Iterable<{
    readonly name: string;
    readonly isWatched: boolean;
    readonly state: { readonly phase: Phase };
  }>;
  readonly log: { info(fields: object, message: string): void };
}

/**
 * Logs one line when each instance has been probed once, in place of one for each that is well.
 *
 * @returns ends the wait
 */
export function logFirstRound({ clock, bus, instances, log }: FirstRoundParts): () => void {
  const watched = () => [...instances()].filter(({ isWatched }) => isWatched);
  const awaited = new Set(watched().map(({ name }) => name));
  let cancel: Cancel | null = null;
  const unsubscribe = bus.subscribe((event: FleetEvent) => {
    if (event.type === 'list_finished') for (const name of event.names) awaited.delete(name);
    else if (event.type === 'probe_finished') awaited.delete(event.name);
    else return;
    // What the last probe leads to is decided right after it.
    if (awaited.size === 0) wait(0);
  });
  const end = (): void => {
    unsubscribe();
    cancel?.();
  };
  const report = (): void => {
    end();
    const counts = new Map<Phase, number>();
    const phases = watched().map(({ state }) => state.phase);
    for (const phase of phases) counts.set(phase, (counts.get(phase) ?? 0) + 1);
    const parts = PHASES.flatMap((phase) => (counts.has(phase) ? [`${counts.get(phase) ?? 0} ${phase}`] : []));
    log.info(
      { event: 'first_round', ...Object.fromEntries(counts) },
      `first probes of ${phases.length} instances: ${parts.join(', ')}`,
    );
  };
  const wait = (delay: DurationMs): void => {
    cancel?.();
    cancel = clock.after(delay, report);
  };
  if (awaited.size > 0) wait(LONGEST);
  return end;
}
