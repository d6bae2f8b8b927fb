import { always, begins, calls, drops, never, puts, type Mutation } from '../mutation/mutation.ts';
import type { Rule } from './rules.ts';

export interface Mutant {
  readonly rule: Rule;
  readonly gone: string;
  readonly edits: readonly Mutation[];
  /** Other rules that break as well, and sooner. */
  readonly forgive?: readonly Rule[];
  /** A part of what the breach says. */
  readonly says?: string;
}

const NO_COOLDOWN = never('holdsOn', 'inCooldown');

const DECIDED_WITHOUT_WALL = puts('Reconciler.decide', 'wall.now()', 'clock.now()');

/** What holds for each instance by itself. */
export const INSTANCE_MUTANTS: readonly Mutant[] = [
  { rule: 'cooldown', gone: 'the cooldown holds', edits: [NO_COOLDOWN] },
  {
    rule: 'cooldown',
    gone: 'a call found open at start counts as made',
    edits: [puts('INTERRUPTED', 'false', 'true')],
    forgive: ['budget'],
  },
  {
    rule: 'cooldown',
    gone: 'no call before its record is saved',
    edits: [
      drops('Reconciler.carryOut', 'callRestart'),
      begins('Reconciler.carryOut', 'if (restarts(decision)) this.callRestart(instance);'),
    ],
    forgive: ['sound', 'single', 'concurrency', 'rate'],
  },
  { rule: 'budget', gone: 'the budget holds', edits: [drops('holdsOn', "'budget'")] },
  {
    rule: 'evidence',
    gone: 'inconclusive is not sick',
    edits: [calls('onProbe', 'verdictOf', "verdictOf(cause).replace('inconclusive', 'unhealthy')")],
  },
  {
    rule: 'evidence',
    gone: 'needs_human is not sick',
    edits: [calls('onProbe', 'onNeedsHuman', 'onUnhealthy(draft, probe, cause, policy, now)')],
  },
  {
    rule: 'evidence',
    gone: 'what was asked before a stall says nothing',
    edits: [never('Reconciler.probe', 'stalled')],
    forgive: ['threshold'],
    says: 'stalled',
  },
  { rule: 'threshold', gone: 'the threshold must be reached', edits: [always('suspectOrDown', 'failureThreshold')] },
  { rule: 'refusal', gone: 'a refusal stays', edits: [never('onUnhealthy', 'refusal')] },
  {
    rule: 'human',
    gone: 'no request restarts what needs a human',
    edits: [never('onRestartRequested', "'needs_human'")],
  },
  {
    rule: 'single',
    gone: 'nothing is decided while a call is in flight',
    edits: [
      NO_COOLDOWN,
      never('onProbe', "'restarting'"),
      never('Scheduler.plan', "'restarting'"),
      never('Scheduler.begin', "'restarting'"),
    ],
    forgive: ['cooldown', 'budget', 'sound'],
  },
  {
    rule: 'single',
    gone: 'force does not restart what is being restarted',
    edits: [puts('onRestartRequested', "state.phase === 'restarting'", "state.phase === 'restarting' && !force")],
  },
  { rule: 'paused', gone: 'a pause holds', edits: [never('holdsOn', 'isPaused')] },
  {
    rule: 'paused',
    gone: 'a pause ends when the wall clock says so',
    edits: [DECIDED_WITHOUT_WALL],
    forgive: ['planned', 'evidence', 'threshold', 'liveness'],
  },
  {
    rule: 'evidence',
    gone: 'a planned restart is made in its hour by the wall clock',
    edits: [
      DECIDED_WITHOUT_WALL,
      begins(
        'PlannedRestarts.constructor',
        'const { clock, wall } = parts; const now = () => clock.now(); parts = { ...parts, wall: new wall.constructor({ now, wall: now }) };',
      ),
    ],
    forgive: ['paused', 'planned', 'threshold', 'liveness'],
    says: 'connected',
  },
  {
    rule: 'planned',
    gone: 'a planned restart that was made is not made again when the clock comes back to its time',
    edits: [never('plannedIsPointless', 'hadPlanned')],
    says: 'it had this one',
  },
  {
    rule: 'planned',
    gone: 'what the clock passes over is not made up for',
    edits: [never('PlannedRestarts.fire', 'ON_TIME')],
    says: 'set past it',
  },
  {
    rule: 'liveness',
    gone: 'the exhausted go on being tried',
    edits: [begins('onUnhealthy', "if (draft.next.phase === 'exhausted') return;")],
    forgive: ['fair'],
  },
  {
    rule: 'cured',
    gone: 'an outage ends',
    edits: [always('onHealthy', 'successThreshold')],
    forgive: ['liveness', 'threshold'],
  },
  {
    rule: 'sound',
    gone: 'every save follows on the one before',
    edits: [puts('Saving.save', 'before.revision + 1', 'before.revision + 2')],
  },
];
