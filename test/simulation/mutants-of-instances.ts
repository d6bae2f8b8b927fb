import type { Mutation, TextEdit } from '../mutation/mutation.ts';
import type { Rule } from './rules.ts';

export type Edit = Mutation | TextEdit;

export interface Mutant {
  readonly rule: Rule;
  readonly gone: string;
  readonly edits: readonly Edit[];
  /** Other rules that break as well, and sooner. */
  readonly forgive?: readonly Rule[];
  /** A part of what the breach says. */
  readonly says?: string;
}

const NO_COOLDOWN: Edit = {
  file: 'core/instance/holds.ts',
  find: "if (inCooldown(state, now)) own.push('cooldown');",
  put: '',
};

const DECIDED_WITHOUT_WALL: Edit = {
  file: 'runtime/reconcile/reconciler.ts',
  find: 'instance.policy, clock.now(), wall.now())',
  put: 'instance.policy, clock.now(), (void wall, clock.now()))',
};

/** What holds for each instance by itself. */
export const INSTANCE_MUTANTS: readonly Mutant[] = [
  { rule: 'cooldown', gone: 'the cooldown holds', edits: [NO_COOLDOWN] },
  {
    rule: 'cooldown',
    gone: 'a call found open at start counts as made',
    edits: [
      {
        file: 'core/instance/decide.ts',
        find: 'rateLimited: false,\n  retryAfter: null,\n} as const',
        put: 'rateLimited: true,\n  retryAfter: null,\n} as const',
      },
    ],
    forgive: ['budget'],
  },
  {
    rule: 'cooldown',
    gone: 'no call before its record is saved',
    edits: [
      {
        file: 'runtime/reconcile/reconciler.ts',
        find: 'const saved = await this.saving.save(instance, before, state, actions);',
        put: 'if (restarts(decision)) this.callRestart(instance);\n    const saved = await this.saving.save(instance, before, state, actions);',
      },
      {
        file: 'runtime/reconcile/reconciler.ts',
        find: '    this.callRestart(instance);\n    this.tell(',
        put: '    this.tell(',
      },
    ],
    forgive: ['sound', 'single', 'concurrency', 'rate'],
  },
  {
    rule: 'budget',
    gone: 'the budget holds',
    edits: [{ file: 'core/instance/holds.ts', find: "own.push('budget');", put: ';' }],
  },
  {
    rule: 'evidence',
    gone: 'inconclusive is not sick',
    edits: [
      {
        file: 'core/instance/decide.ts',
        find: "if (verdict === 'inconclusive') return unchanged(state);",
        put: "if (verdict === 'inconclusive') { const d = draftOf(state, wall); onUnhealthy(d, probe, cause, policy, now); return finish(state, d); }",
      },
    ],
  },
  {
    rule: 'evidence',
    gone: 'needs_human is not sick',
    edits: [
      {
        file: 'core/instance/decide.ts',
        find: 'onNeedsHuman(draft, probe, now);\n      break;',
        put: 'onUnhealthy(draft, probe, cause, policy, now);\n      break;',
      },
    ],
  },
  {
    rule: 'evidence',
    gone: 'what was asked before a stall says nothing',
    edits: [
      {
        file: 'runtime/reconcile/reconciler.ts',
        find: "stalled ? 'stalled' : guards.seen(result.cause)",
        put: 'guards.seen(result.cause)',
      },
    ],
    forgive: ['threshold'],
    says: 'stalled',
  },
  {
    rule: 'threshold',
    gone: 'the threshold must be reached',
    edits: [
      {
        file: 'core/instance/decide.ts',
        find: 'draft.next.failures >= policy.probe.failureThreshold',
        put: 'draft.next.failures >= 1',
      },
    ],
  },
  {
    rule: 'refusal',
    gone: 'a refusal stays',
    edits: [{ file: 'core/instance/decide.ts', find: 'if (next.refusal !== null) return;', put: '' }],
  },
  {
    rule: 'human',
    gone: 'no request restarts what needs a human',
    edits: [
      {
        file: 'core/instance/wanted-restart.ts',
        find: "} else if (state.phase === 'needs_human' && !force) {",
        put: "} else if (state.phase === 'needs_human' && state.revision < 0) {",
      },
    ],
  },
  {
    rule: 'single',
    gone: 'nothing is decided while a call is in flight',
    edits: [
      NO_COOLDOWN,
      { file: 'core/instance/decide.ts', find: "if (state.phase === 'restarting') return unchanged(state);", put: '' },
      {
        file: 'runtime/schedule/scheduler.ts',
        find: "if (instance.state.phase === 'restarting') {",
        put: 'if (this.queue.size < 0) {',
      },
      {
        file: 'runtime/schedule/scheduler.ts',
        find: "!this.running || instance.state.phase === 'restarting'",
        put: '!this.running',
      },
    ],
    forgive: ['cooldown', 'budget', 'sound'],
  },
  {
    rule: 'single',
    gone: 'force does not restart what is being restarted',
    edits: [
      {
        file: 'core/instance/wanted-restart.ts',
        find: "state.phase === 'restarting' || (state.phase === 'recovering' && !force)",
        put: "(state.phase === 'restarting' || state.phase === 'recovering') && !force",
      },
    ],
  },
  {
    rule: 'paused',
    gone: 'a pause holds',
    edits: [{ file: 'core/instance/holds.ts', find: "if (isPaused(state, wall)) own.push('paused');", put: '' }],
  },
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
      {
        file: 'runtime/watchdog.ts',
        find: 'wall,\n      calendar,\n      plan: (instance, firing',
        put: 'wall: new WallClock({ ...clock, now: () => clock.now(), wall: () => clock.now() }),\n      calendar,\n      plan: (instance, firing',
      },
    ],
    forgive: ['paused', 'planned', 'threshold', 'liveness'],
    says: 'connected',
  },
  {
    rule: 'planned',
    gone: 'a planned restart that was made is not made again when the clock comes back to its time',
    edits: [
      {
        file: 'core/instance/wanted-restart.ts',
        find: "if (hadPlanned(state, planned.dueAt)) return 'repeated';",
        put: 'void hadPlanned;',
      },
    ],
    says: 'it had this one',
  },
  {
    rule: 'planned',
    gone: 'what the clock passes over is not made up for',
    edits: [
      {
        file: 'runtime/schedule/planned-restarts.ts',
        find: 'const missed = wall.now() - dueAt > ON_TIME;',
        put: 'const missed = wall.now() < 0;',
      },
    ],
    says: 'set past it',
  },
  {
    rule: 'liveness',
    gone: 'the exhausted go on being tried',
    edits: [
      {
        file: 'core/instance/decide.ts',
        find: "case 'down':\n    case 'exhausted':\n    case 'restarting':\n      break;",
        put: "case 'exhausted':\n      return;\n    case 'down':\n    case 'restarting':\n      break;",
      },
    ],
    forgive: ['fair'],
  },
  {
    rule: 'cured',
    gone: 'an outage ends',
    edits: [
      {
        file: 'core/instance/decide.ts',
        find: 'if (outage && next.successes < policy.probe.successThreshold) return;',
        put: 'if (outage) return;',
      },
    ],
    forgive: ['liveness', 'threshold'],
  },
  {
    rule: 'sound',
    gone: 'every save follows on the one before',
    edits: [
      {
        file: 'runtime/reconcile/saving.ts',
        find: 'revision: before.revision + 1',
        put: 'revision: before.revision + 2',
      },
    ],
  },
];
