import type { SkipReason } from '../core/event.ts';
import type { Hold, Outcome, Phase, Trigger } from '../core/instance/instance.ts';
import type { Cause, Verdict } from '../core/verdict.ts';

/** A phase as people see it: a disabled instance has none, whatever it was before. */
export type ShownPhase = Phase | 'disabled';

/** The order in which instances need attention. */
export const SHOWN_PHASES: readonly ShownPhase[] = [
  'exhausted',
  'needs_human',
  'down',
  'restarting',
  'recovering',
  'suspect',
  'unknown',
  'healthy',
  'disabled',
];

/** The closed sets of the core, in a few words each. */
export interface Words {
  readonly phases: Readonly<Record<ShownPhase, { readonly label: string; readonly means: string }>>;
  readonly verdicts: Readonly<Record<Verdict, string>>;
  readonly causes: Readonly<Record<Cause, string>>;
  readonly holds: Readonly<Record<Hold, string>>;
  readonly triggers: Readonly<Record<Trigger, string>>;
  readonly outcomes: Readonly<Record<Outcome, string>>;
  /** Why a restart was not made, as a clause. */
  readonly skips: Readonly<Record<SkipReason, string>>;
}
