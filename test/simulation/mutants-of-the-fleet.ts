import { always, begins, drops, puts, returns, type Mutation } from '../mutation/mutation.ts';
import type { Mutant } from './mutants-of-instances.ts';

/** What would still hold a restart that has been decided upon. */
const NEVER_OVERTAKEN = returns('Reconciler.isOvertaken', 'false');
const NO_GATEWAY_OUTAGE = drops('groupHolds', "'gateway_outage'");

/** What holds for an account, for the whole fleet, and across reloads. */
export const FLEET_MUTANTS: readonly Mutant[] = [
  [
    'configured',
    'what is disabled is left alone',
    [always('Scheduler.add', 'definition.enabled'), always('Instance.isWatched', 'this.definition.enabled')],
    { forgive: ['evidence', 'threshold'] },
  ],
  [
    'configured',
    'what left at a reload is left alone',
    [drops('FleetRegistry.commit', 'instance.removed = true'), drops('leave', 'scheduler.remove')],
    { forgive: ['evidence', 'threshold'] },
  ],
  [
    'hold',
    'accounts of one gateway are guarded together',
    [puts('SharedGateways.share', 'accounts.size === 1', 'true')],
    { forgive: ['rate', 'concurrency', 'harm'] },
  ],
  ['harm', 'harm holds', [drops('groupHolds', "'harmful'")]],
  [
    'harm',
    'harm holds all accounts of a gateway',
    [
      puts(
        'Guards.holdsOn',
        '[...ofAccount, ...ofGateway]',
        "[...ofAccount, ...ofGateway.filter((hold) => hold !== 'harmful')]",
      ),
    ],
  ],
  [
    'cooldown',
    'a cooldown outlives a reload',
    [puts('onReconfigured', 'earliest(next.cooldownUntil, now + longestCooldown(policy.restart))', 'null')],
  ],
  [
    'concurrency',
    'at most this many are in flight',
    [puts('freeRestarts', 'limits.concurrentRestarts', 'limits.concurrentRestarts + 100')],
  ],
  [
    'rate',
    'at most this many begin per minute',
    [puts('freeRestarts', 'limits.restartsPerMinute', 'limits.restartsPerMinute + 100')],
  ],
  ['concurrency', 'the limits of a reload hold', [drops('Account.adopt', 'restartLimits')], { forgive: ['rate'] }],
  [
    'fair',
    'the oldest outage goes first, and not the newest',
    [begins('queued', 'since = -since;')],
    { says: 'went before it' },
  ],
  ['fair', 'there is an order', [begins('queued', 'since = 0;')], { says: 'went before it' }],
  [
    'fair',
    'room that was promised is given back',
    [puts('unqueued', 'withoutEntry(queue.invited, key)', 'queue.invited')],
    { forgive: ['liveness'], says: 'it has waited' },
  ],
  ...holdMutants(),
  [
    'hold',
    'a maintenance window opens when the wall clock says so',
    [puts('Guards.holdsOn', 'wall.now()', 'clock.now()')],
    { forgive: ['fair', 'liveness'], says: '(maintenance)' },
  ],
  [
    'hold',
    'own_network holds, and what it explains says nothing',
    [
      drops('Guards.holdsOn', "'own_network'"),
      returns('Guards.attribute', 'cause'),
      NO_GATEWAY_OUTAGE,
      NEVER_OVERTAKEN,
    ],
    { says: '(own_network)' },
  ],
];

/** One per hold that the world knows of by itself. */
function holdMutants(): readonly Mutant[] {
  const losses: readonly (readonly [hold: string, ...mutations: Mutation[]])[] = [
    ['dry_run', drops('Guards.holdsOn', "'dry_run'")],
    ['startup', drops('Guards.holdsOn', "'startup'")],
    ['maintenance', drops('Guards.holdsOn', "'maintenance'")],
    ['gateway_outage', NO_GATEWAY_OUTAGE, NEVER_OVERTAKEN],
    ['storm', drops('groupHolds', "'storm'"), returns('restartsAllowedBy', 'Number.POSITIVE_INFINITY')],
  ];
  return losses.map(([hold, ...mutations]) => [
    'hold',
    `${hold} holds`,
    mutations,
    { forgive: ['fair'], says: `(${hold})` },
  ]);
}
