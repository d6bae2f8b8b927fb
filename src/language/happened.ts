import type { InstanceFleetEvent } from '../core/event.ts';

/** What can happen to an instance, as its timeline shows it. */
export type Happening = Exclude<InstanceFleetEvent['type'], 'probe_finished'>;

/** The parts of an event in words; empty: it has no such part. */
export interface HappenedParts {
  readonly phase: string;
  /** With what the gateway said, in brackets. */
  readonly cause: string;
  readonly hold: string;
  readonly trigger: string;
  /** With the HTTP status and what the gateway said. */
  readonly outcome: string;
  /** Why a restart was not made. */
  readonly skip: string;
  readonly attempt: string;
  readonly attempts: string;
  readonly by: string;
  readonly reason: string;
  /** Local times. */
  readonly until: string;
  readonly since: string;
  /** Lengths of time. */
  readonly toHeal: string;
  readonly down: string;
}

/** What an event of an instance says in its timeline, without its name. */
export type Happened = Readonly<Record<Happening, (parts: HappenedParts) => string>>;
