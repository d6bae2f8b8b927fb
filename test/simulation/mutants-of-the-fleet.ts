import { always, begins, drops, puts, returns, type Mutation } from '../mutation/mutation.ts';
import type { Mutant } from './mutants-of-instances.ts';

/** What would still hold a restart that has been decided upon. */
const FOUND_MEANWHILE = returns('Reconciler.isOvertaken', 'false');

/** What holds for an account, for the whole fleet, and across reloads. */
export const FLEET_MUTANTS: readonly Mutant[] = [
  {
    rule: 'configured',
    gone: 'who is disabled is left alone',
    edits: [
      always('Scheduler.add', 'definition.enabled'),
      always('mayBeProbed', 'definition.enabled'),
      always('Reconciler.probe', 'definition.enabled'),
    ],
    forgive: ['evidence', 'threshold'],
  },
  {
    rule: 'configured',
    gone: 'whoever left at a reload is left alone',
    edits: [drops('FleetRegistry.commit', 'instance.removed = true'), drops('applyReload', 'scheduler.remove')],
    forgive: ['evidence', 'threshold'],
  },
  {
    rule: 'cooldown',
    gone: 'a cooldown outlives a reload',
    edits: [puts('onReconfigured', 'earliest(next.cooldownUntil, now + longestCooldown(policy.restart))', 'null')],
  },
  {
    rule: 'concurrency',
    gone: 'so many in flight and no more',
    edits: [puts('RestartLimiter.free', 'concurrentRestarts - this.inFlight', '100')],
  },
  {
    rule: 'rate',
    gone: 'so many per minute and no more',
    edits: [puts('RestartLimiter.free', 'restartsPerMinute - this.begun.length', '100')],
  },
  {
    rule: 'concurrency',
    gone: 'the limits of a reload hold',
    edits: [drops('RestartLimiter.adoptLimits', 'other.limits')],
    forgive: ['rate'],
  },
  {
    rule: 'fair',
    gone: 'the oldest outage goes first, and not the newest',
    edits: [begins('RestartQueue.join', 'since = -since;')],
    says: 'went before it',
  },
  {
    rule: 'fair',
    gone: 'there is an order',
    edits: [begins('RestartQueue.join', 'since = 0;')],
    says: 'went before it',
  },
  {
    rule: 'fair',
    gone: 'room that was promised is given back',
    edits: [drops('RestartQueue.leave', 'called.delete')],
    forgive: ['liveness'],
    says: 'it has waited',
  },
  ...holdMutants(),
  {
    rule: 'hold',
    gone: 'a maintenance window opens when the wall clock says so',
    edits: [puts('Guards.holdsOn', 'wall.now()', 'clock.now()')],
    forgive: ['fair', 'liveness'],
    says: '(maintenance)',
  },
  {
    rule: 'hold',
    gone: 'own_network holds, and what it explains says nothing',
    edits: [
      drops('Guards.holdsOn', "'own_network'"),
      always('Guards.seen', 'networkUp'),
      drops('AccountGuard.holdsOn', "'gateway_outage'"),
      FOUND_MEANWHILE,
    ],
    says: '(own_network)',
  },
];

/** One per hold that the world knows of by itself. */
function holdMutants(): readonly Mutant[] {
  const finds: readonly (readonly [hold: string, asked: string, ...Mutation[]])[] = [
    ['dry_run', 'Guards.holdsOn'],
    ['startup', 'Guards.holdsOn'],
    ['maintenance', 'Guards.holdsOn'],
    ['gateway_outage', 'AccountGuard.holdsOn', FOUND_MEANWHILE],
    ['storm', 'AccountGuard.holdsOn'],
  ];
  return finds.map(([hold, asked, ...more]) => ({
    rule: 'hold',
    gone: `${hold} holds`,
    edits: [drops(asked, `'${hold}'`), ...more],
    forgive: ['fair'],
    says: `(${hold})`,
  }));
}
