import { always, begins, drops, puts, returns, type Mutation } from '../mutation/mutation.ts';
import type { Mutant } from './mutants-of-instances.ts';

/** What would still hold a restart that has been decided upon. */
const NEVER_OVERTAKEN = returns('Reconciler.isOvertaken', 'false');
const NO_GATEWAY_OUTAGE = drops('groupHolds', "'gateway_outage'");

/** What holds for an account, for the whole fleet, and across reloads. */
export const FLEET_MUTANTS: readonly Mutant[] = [
  {
    rule: 'configured',
    gone: 'what is disabled is left alone',
    mutations: [always('Scheduler.add', 'definition.enabled'), always('Instance.isWatched', 'this.definition.enabled')],
    forgive: ['evidence', 'threshold'],
  },
  {
    rule: 'configured',
    gone: 'what left at a reload is left alone',
    mutations: [drops('FleetRegistry.commit', 'instance.removed = true'), drops('leave', 'scheduler.remove')],
    forgive: ['evidence', 'threshold'],
  },
  {
    rule: 'hold',
    gone: 'accounts of one gateway are guarded together',
    mutations: [puts('SharedGateways.share', 'accounts.size === 1', 'true')],
    forgive: ['rate', 'concurrency'],
  },
  { rule: 'harm', gone: 'harm holds', mutations: [drops('groupHolds', "'harmful'")] },
  {
    rule: 'harm',
    gone: 'harm holds all accounts of a gateway',
    mutations: [
      puts(
        'Guards.holdsOn',
        '[...ofAccount, ...ofGateway]',
        "[...ofAccount, ...ofGateway.filter((hold) => hold !== 'harmful')]",
      ),
    ],
  },
  {
    rule: 'cooldown',
    gone: 'a cooldown outlives a reload',
    mutations: [puts('onReconfigured', 'earliest(next.cooldownUntil, now + longestCooldown(policy.restart))', 'null')],
  },
  {
    rule: 'concurrency',
    gone: 'at most this many are in flight',
    mutations: [puts('freeRestarts', 'limits.concurrentRestarts', 'limits.concurrentRestarts + 100')],
  },
  {
    rule: 'rate',
    gone: 'at most this many begin per minute',
    mutations: [puts('freeRestarts', 'limits.restartsPerMinute', 'limits.restartsPerMinute + 100')],
  },
  {
    rule: 'concurrency',
    gone: 'the limits of a reload hold',
    mutations: [drops('Account.adopt', 'restartLimits')],
    forgive: ['rate'],
  },
  {
    rule: 'fair',
    gone: 'the oldest outage goes first, and not the newest',
    mutations: [begins('queued', 'since = -since;')],
    says: 'went before it',
  },
  {
    rule: 'fair',
    gone: 'there is an order',
    mutations: [begins('queued', 'since = 0;')],
    says: 'went before it',
  },
  {
    rule: 'fair',
    gone: 'room that was promised is given back',
    mutations: [puts('unqueued', 'withoutEntry(queue.invited, key)', 'queue.invited')],
    forgive: ['liveness'],
    says: 'it has waited',
  },
  ...holdMutants(),
  {
    rule: 'hold',
    gone: 'a maintenance window opens when the wall clock says so',
    mutations: [puts('Guards.holdsOn', 'wall.now()', 'clock.now()')],
    forgive: ['fair', 'liveness'],
    says: '(maintenance)',
  },
  {
    rule: 'hold',
    gone: 'own_network holds, and what it explains says nothing',
    mutations: [
      drops('Guards.holdsOn', "'own_network'"),
      returns('Guards.attribute', 'cause'),
      NO_GATEWAY_OUTAGE,
      NEVER_OVERTAKEN,
    ],
    says: '(own_network)',
  },
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
  return losses.map(([hold, ...mutations]) => ({
    rule: 'hold',
    gone: `${hold} holds`,
    mutations,
    forgive: ['fair'],
    says: `(${hold})`,
  }));
}
