import { always, begins, calls, drops, never, puts, returns, type Mutation } from '../mutation/mutation.ts';
import type { Rule } from './rules.ts';

/** The rule that must be seen to break when something is gone, and what takes that out. */
export type Mutant = readonly [rule: Rule, gone: string, mutations: readonly Mutation[], seen?: Seen];

interface Seen {
  /** Other rules that break as well, and sooner. */
  readonly forgive?: readonly Rule[];
  /** A part of what the breach says. */
  readonly says?: string;
}

const NO_COOLDOWN = never('holdsOn', 'inCooldown');
const DECIDED_WITHOUT_WALL = puts('Reconciler.decide', 'wall.now()', 'clock.now()');

/** What holds for each instance by itself. */
export const INSTANCE_MUTANTS: readonly Mutant[] = [
  ['cooldown', 'the cooldown holds', [NO_COOLDOWN]],
  [
    'cooldown',
    'a call found open at start counts as made',
    [calls('onResumed', 'endRestart', 'endRestart(draft, next.intent, { ...INTERRUPTED, rateLimited: true })')],
    { forgive: ['budget'] },
  ],
  [
    'cooldown',
    'no call before its record is saved',
    [
      puts('Reconciler.carryOut', 'this.restart(instance)', 'early'),
      begins('Reconciler.carryOut', 'const early = restarts(decision) ? this.restart(instance) : null;'),
    ],
    { forgive: ['sound', 'single', 'concurrency', 'rate'] },
  ],
  ['budget', 'the budget holds', [drops('holdsOn', "'budget'")]],
  [
    'evidence',
    'inconclusive is not sick',
    [calls('onProbe', 'verdictOf', "verdictOf(cause).replace('inconclusive', 'unhealthy')")],
    { forgive: ['hold'] },
  ],
  ['evidence', 'a list is no evidence', [returns('isConfirmedByList', 'true')], { forgive: ['hold', 'threshold'] }],
  [
    'evidence',
    'needs_human is not sick',
    [calls('onProbe', 'onNeedsHuman', 'onUnhealthy(draft, probe, cause)')],
    { forgive: ['hold'] },
  ],
  [
    'evidence',
    'what was probed before a stall says nothing',
    [never('Prober.judge', 'stalled')],
    { forgive: ['threshold'], says: 'stalled' },
  ],
  ['threshold', 'the threshold must be reached', [always('suspectOrDown', 'failureThreshold')]],
  ['refusal', 'a refusal stays', [never('staysWithHuman', 'refusal')]],
  ['silence', 'silence does not end the need for a human', [never('staysWithHuman', 'blamesGateway')]],
  [
    'unscanned',
    'a code that nobody scans is no reason',
    [returns('staysWithHuman', 'refusal !== null || blamesGateway(cause) || cause === trouble')],
  ],
  ['once', 'a session is taken back once', [returns('isBeyondRestart', 'false')]],
  ['pairing', 'a pairing is followed by a sync', [returns('isPairing', 'false')]],
  ['human', 'no request restarts what needs a human', [never('onRestartRequested', "'needs_human'")]],
  [
    'single',
    'nothing is decided while a call is in flight',
    [
      NO_COOLDOWN,
      never('onProbe', "'restarting'"),
      never('Scheduler.plan', "'restarting'"),
      always('Scheduler.mayBegin', "'restarting'"),
    ],
    { forgive: ['cooldown', 'budget', 'sound'] },
  ],
  [
    'single',
    'force does not restart what is being restarted',
    [puts('onRestartRequested', "state.phase === 'restarting'", "state.phase === 'restarting' && !force")],
  ],
  ['paused', 'a pause holds', [never('holdsOn', 'isPaused')]],
  [
    'paused',
    'a pause ends when the wall clock says so',
    [DECIDED_WITHOUT_WALL],
    { forgive: ['planned', 'evidence', 'threshold', 'liveness'] },
  ],
  [
    'evidence',
    'a planned restart is made in its hour by the wall clock',
    [
      DECIDED_WITHOUT_WALL,
      puts(
        'Watchdog.constructor',
        'new PlannedRestarts(times)',
        'new PlannedRestarts({ ...times, wall: { now: () => clock.now(), momentOf: (shown) => shown } })',
      ),
    ],
    { forgive: ['paused', 'planned', 'threshold', 'liveness'], says: 'connected' },
  ],
  [
    'planned',
    'a planned restart that was made is not made again when the clock comes back to its time',
    [returns('hadPlanned', 'false')],
    { says: 'it had this one' },
  ],
  [
    'planned',
    'what the clock passes over is not made up for',
    [never('PlannedRestarts.fire', 'ON_TIME')],
    { says: 'set past it' },
  ],
  [
    'liveness',
    'the exhausted go on being tried',
    [begins('onUnhealthy', "if (draft.next.phase === 'exhausted') return;")],
    { forgive: ['fair'] },
  ],
  ['cured', 'an outage ends', [always('onHealthy', '!isBack')], { forgive: ['liveness', 'threshold'] }],
  [
    'sound',
    'every save follows on the one before',
    [
      puts(
        'StateWriter.save',
        'await this.store.save(instance.key, instance.state, instance.revision)',
        'await this.store.save(instance.key, instance.state, instance.revision), instance.revision',
      ),
    ],
  ],
];
