import type { ClusterEvent, FleetEvent } from '../core/event.ts';
import type { DurationMs } from '../core/time.ts';

/** Events of which no person is notified. */
type QuietEvent =
  | 'probe_finished'
  | 'list_finished'
  | 'restart_held'
  | 'restart_skipped'
  | 'restart_started'
  | 'answers_missing'
  | 'stable'
  | 'acknowledged'
  | 'alerts_refused'
  | 'tokens_refused'
  | 'webhooks_unmatched'
  // What replicas do among themselves is for the log.
  | ClusterEvent['type'];

/** What is said of an instance that goes down and comes back without end. */
export type FlappingNews =
  | {
      readonly type: 'flapping_began';
      readonly changes: number;
      /** In which the changes were. */
      readonly seconds: number;
      /** For how long it must not change to flap no longer. */
      readonly within: DurationMs;
    }
  | { readonly type: 'flapping_ended'; readonly now: 'up' | 'down' | 'needs_human' };

/** What people can be notified of. */
export type News = Exclude<FleetEvent, { readonly type: QuietEvent }> | FlappingNews;

export type NewsOf<Type extends News['type']> = Extract<News, { readonly type: Type }>;
