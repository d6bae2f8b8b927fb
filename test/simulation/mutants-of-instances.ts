import { always, begins, calls, drops, never, puts, returns, type Mutation } from '../mutation/mutation.ts';
import type { Rule } from './rules.ts';

export interface Mutant {
  readonly rule: Rule;
  readonly gone: string;
  readonly mutations: readonly Mutation[];
  /** Other rules that break as well, and sooner. */
  readonly forgive?: readonly Rule[];
  /** A part of what the breach says. */
  readonly says?: string;
}

const NO_COOLDOWN = never('holdsOn', 'inCooldown');
const DECIDED_WITHOUT_WALL = puts('Reconciler.decide', 'wall.now()', 'clock.now()');

/** What holds for each instance by itself. */
export const INSTANCE_MUTANTS: readonly Mutant[] = [
  { rule: 'cooldown', gone: 'the cooldown holds', mutations: [NO_COOLDOWN] },
  {
    rule: 'cooldown',
    gone: 'a call found open at start counts as made',
    mutations: [
      calls('onResumed', 'endRestart', 'endRestart(draft, policy, { ...INTERRUPTED, rateLimited: true }, now)'),
    ],
    forgive: ['budget'],
  },
  {
    rule: 'cooldown',
    gone: 'no call before its record is saved',
    mutations: [
      puts('Reconciler.carryOut', 'this.restart(instance)', 'early'),
      begins('Reconciler.carryOut', 'const early = restarts(decision) ? this.restart(instance) : null;'),
    ],
    forgive: ['sound', 'single', 'concurrency', 'rate'],
  },
  { rule: 'budget', gone: 'the budget holds', mutations: [drops('holdsOn', "'budget'")] },
  {
    rule: 'evidence',
    gone: 'inconclusive is not sick',
    mutations: [calls('onProbe', 'verdictOf', "verdictOf(cause).replace('inconclusive', 'unhealthy')")],
    forgive: ['hold'],
  },
  {
    rule: 'evidence',
    gone: 'a list is no evidence',
    mutations: [returns('isConfirmedByList', 'true')],
    forgive: ['hold', 'threshold'],
  },
  {
    rule: 'evidence',
    gone: 'needs_human is not sick',
    mutations: [calls('onProbe', 'onNeedsHuman', 'onUnhealthy(draft, probe, cause, policy, now)')],
    forgive: ['hold'],
  },
  {
    rule: 'evidence',
    gone: 'what was probed before a stall says nothing',
    mutations: [never('Prober.judge', 'stalled')],
    forgive: ['threshold'],
    says: 'stalled',
  },
  {
    rule: 'threshold',
    gone: 'the threshold must be reached',
    mutations: [always('suspectOrDown', 'failureThreshold')],
  },
  { rule: 'refusal', gone: 'a refusal stays', mutations: [never('staysWithHuman', 'refusal')] },
  {
    rule: 'silence',
    gone: 'silence does not end the need for a human',
    mutations: [never('staysWithHuman', 'blamesGateway')],
  },
  {
    rule: 'unscanned',
    gone: 'a code that nobody scans is no reason',
    mutations: [returns('staysWithHuman', 'refusal !== null || blamesGateway(cause) || cause === trouble')],
  },
  { rule: 'once', gone: 'a session is taken back once', mutations: [returns('isBeyondRestart', 'false')] },
  { rule: 'pairing', gone: 'a pairing is followed by a sync', mutations: [returns('isPairing', 'false')] },
  {
    rule: 'human',
    gone: 'no request restarts what needs a human',
    mutations: [never('onRestartRequested', "'needs_human'")],
  },
  {
    rule: 'single',
    gone: 'nothing is decided while a call is in flight',
    mutations: [
      NO_COOLDOWN,
      never('onProbe', "'restarting'"),
      never('Scheduler.plan', "'restarting'"),
      always('Scheduler.mayBegin', "'restarting'"),
    ],
    forgive: ['cooldown', 'budget', 'sound'],
  },
  {
    rule: 'single',
    gone: 'force does not restart what is being restarted',
    mutations: [puts('onRestartRequested', "state.phase === 'restarting'", "state.phase === 'restarting' && !force")],
  },
  { rule: 'paused', gone: 'a pause holds', mutations: [never('holdsOn', 'isPaused')] },
  {
    rule: 'paused',
    gone: 'a pause ends when the wall clock says so',
    mutations: [DECIDED_WITHOUT_WALL],
    forgive: ['planned', 'evidence', 'threshold', 'liveness'],
  },
  {
    rule: 'evidence',
    gone: 'a planned restart is made in its hour by the wall clock',
    mutations: [
      DECIDED_WITHOUT_WALL,
      puts(
        'Watchdog.constructor',
        'new PlannedRestarts(times)',
        'new PlannedRestarts({ ...times, wall: { now: () => clock.now(), momentOf: (shown) => shown } })',
      ),
    ],
    forgive: ['paused', 'planned', 'threshold', 'liveness'],
    says: 'connected',
  },
  {
    rule: 'planned',
    gone: 'a planned restart that was made is not made again when the clock comes back to its time',
    mutations: [returns('hadPlanned', 'false')],
    says: 'it had this one',
  },
  {
    rule: 'planned',
    gone: 'what the clock passes over is not made up for',
    mutations: [never('PlannedRestarts.fire', 'ON_TIME')],
    says: 'set past it',
  },
  {
    rule: 'liveness',
    gone: 'the exhausted go on being tried',
    mutations: [begins('onUnhealthy', "if (draft.next.phase === 'exhausted') return;")],
    forgive: ['fair'],
  },
  {
    rule: 'cured',
    gone: 'an outage ends',
    mutations: [always('onHealthy', 'successThreshold')],
    forgive: ['liveness', 'threshold'],
  },
  {
    rule: 'sound',
    gone: 'every save follows on the one before',
    mutations: [
      puts(
        'StateWriter.save',
        'await this.store.save(instance.key, instance.state, instance.revision)',
        'await this.store.save(instance.key, instance.state, instance.revision), instance.revision',
      ),
    ],
  },
];
