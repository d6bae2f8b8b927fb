import type { ClusterEvent, FleetEvent } from '../core/event.ts';
import type { GroupTopic } from '../core/notification.ts';
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

/** What is said of what goes down and comes back, or begins and ends, without end. */
export type FlappingNews =
  | {
      readonly type: 'flapping_began';
      /** An incident of many instances; null: it is an instance. */
      readonly of: GroupTopic | null;
      readonly changes: number;
      /** In which the changes were. */
      readonly seconds: number;
      /** For how long it must not change to flap no longer. */
      readonly within: DurationMs;
    }
  | { readonly type: 'flapping_ended'; readonly now: 'up' | 'down' | 'needs_human' | 'over' | 'lasting' };

/** What people can be notified of. */
export type News = Exclude<FleetEvent, { readonly type: QuietEvent }> | FlappingNews;

export type NewsOf<Type extends News['type']> = Extract<News, { readonly type: Type }>;
