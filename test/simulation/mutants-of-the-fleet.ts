import { drops, puts } from '../mutation/mutation.ts';
import type { Edit, Mutant } from './mutants-of-instances.ts';

/** What would still hold a restart that has been decided upon. */
const FOUND_MEANWHILE: Edit = {
  file: 'runtime/reconcile/reconciler.ts',
  find: 'return isOurs && (!guards.networkUp || guards.inGatewayOutage(account.name));',
  put: 'return isOurs && guards.networkUp && account.name === "";',
};

/** What holds for an account, for the whole fleet, and across reloads. */
export const FLEET_MUTANTS: readonly Mutant[] = [
  {
    rule: 'configured',
    gone: 'who is disabled is left alone',
    edits: [
      { file: 'runtime/schedule/scheduler.ts', find: '=> definition.enabled && !probing', put: '=> !probing' },
      {
        file: 'runtime/schedule/scheduler.ts',
        find: 'return definition.enabled && !removed;',
        put: 'return definition.name !== "" && !removed;',
      },
      { file: 'runtime/reconcile/reconciler.ts', find: '|| !instance.definition.enabled ||', put: '||' },
    ],
    forgive: ['evidence', 'threshold'],
  },
  {
    rule: 'configured',
    gone: 'whoever left at a reload is left alone',
    edits: [
      {
        file: 'runtime/fleet/fleet-registry.ts',
        find: 'for (const instance of leaving) instance.removed = true;',
        put: '',
      },
      { file: 'runtime/reconcile/apply-reload.ts', find: 'scheduler.remove(instance);', put: '' },
    ],
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
    edits: [
      {
        file: 'runtime/guards/restart-queue.ts',
        find: 'this.line.put(ticket, since);',
        put: 'this.line.put(ticket, -since);',
      },
    ],
    says: 'went before it',
  },
  {
    rule: 'fair',
    gone: 'there is an order',
    edits: [
      {
        file: 'runtime/guards/restart-queue.ts',
        find: 'this.line.put(ticket, since);',
        put: 'this.line.put(ticket, 0);',
      },
    ],
    says: 'went before it',
  },
  {
    rule: 'fair',
    gone: 'room that was promised is given back',
    edits: [
      {
        file: 'runtime/guards/restart-queue.ts',
        find: 'leave(instance: Watched): void {\n    this.called.delete(instance);',
        put: 'leave(instance: Watched): void {',
      },
    ],
    forgive: ['liveness'],
    says: 'it has waited',
  },
  ...holdMutants(),
  {
    rule: 'hold',
    gone: 'a maintenance window opens when the wall clock says so',
    edits: [
      {
        file: 'runtime/guards/guards.ts',
        find: 'const shown = wall.now();',
        put: 'const shown = (void wall, clock.now());',
      },
    ],
    forgive: ['fair', 'liveness'],
    says: '(maintenance)',
  },
  {
    rule: 'hold',
    gone: 'own_network holds, and what it explains says nothing',
    edits: [
      { file: 'runtime/guards/guards.ts', find: "holds.push('own_network')", put: 'void 0' },
      { file: 'runtime/guards/guards.ts', find: "this.networkUp ? cause : 'own_network'", put: 'cause' },
      { file: 'runtime/guards/account-guard.ts', find: "holds.push('gateway_outage')", put: 'void 0' },
      FOUND_MEANWHILE,
    ],
    says: '(own_network)',
  },
];

/** One per hold that the world knows of by itself. */
function holdMutants(): readonly Mutant[] {
  const guards = 'runtime/guards/guards.ts';
  const account = 'runtime/guards/account-guard.ts';
  const finds: readonly (readonly [string, string, string, ...Edit[]])[] = [
    ['dry_run', guards, "holds.push('dry_run')"],
    ['startup', guards, "holds.push('startup')"],
    ['maintenance', guards, "holds.push('maintenance')"],
    ['gateway_outage', account, "holds.push('gateway_outage')", FOUND_MEANWHILE],
    ['storm', account, "holds.push('storm')"],
  ];
  return finds.map(([hold, file, find, ...more]) => ({
    rule: 'hold',
    gone: `${hold} holds`,
    edits: [{ file, find, put: 'void 0' }, ...more],
    forgive: ['fair'],
    says: `(${hold})`,
  }));
}
