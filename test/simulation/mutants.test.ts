import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type * as LaneModule from '../../src/runtime/lane.ts';
import type * as GateModule from '../../src/runtime/restart-gate.ts';
import type * as WatchModule from '../../src/runtime/watch.ts';
import { RULES, type Rule } from './books.ts';
import { simulate, type Product } from './day.ts';

interface Edit {
  readonly file: string;
  readonly find: string;
  readonly put: string;
}

interface Mutant {
  readonly rule: Rule;
  readonly gone: string;
  readonly edits: readonly Edit[];
  /** Other rules that break as well, and sooner. */
  readonly forgive?: readonly Rule[];
  /** A part of what the breach says. */
  readonly says?: string;
}

const NO_COOLDOWN: Edit = {
  file: 'core/holds.ts',
  find: "if (inCooldown(state, now)) own.push('cooldown');",
  put: '',
};

/** Each row takes one rule out of a copy of core and runtime; the simulated days must notice, and say which. */
const MUTANTS: readonly Mutant[] = [
  { rule: 'cooldown', gone: 'the cooldown holds', edits: [NO_COOLDOWN] },
  {
    rule: 'cooldown',
    gone: 'a call found open at start counts as made',
    edits: [
      {
        file: 'core/decide.ts',
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
        file: 'runtime/tick.ts',
        find: 'const saved = await this.save(watched, before, state, actions);',
        put: 'if (restart) this.callRestart(watched);\n    const saved = await this.save(watched, before, state, actions);',
      },
      { file: 'runtime/tick.ts', find: 'if (restart) this.callRestart(watched);\n    for (', put: 'for (' },
    ],
    forgive: ['sound', 'single', 'concurrency', 'rate'],
  },
  {
    rule: 'budget',
    gone: 'the budget holds',
    edits: [{ file: 'core/holds.ts', find: "own.push('budget');", put: ';' }],
  },
  {
    rule: 'evidence',
    gone: 'inconclusive is not sick',
    edits: [
      {
        file: 'core/decide.ts',
        find: "if (verdict === 'inconclusive') return unchanged(state);",
        put: "if (verdict === 'inconclusive') { const d = draftOf(state); onUnhealthy(d, probe, cause, policy, now); return finish(state, d); }",
      },
    ],
  },
  {
    rule: 'evidence',
    gone: 'needs_human is not sick',
    edits: [
      {
        file: 'core/decide.ts',
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
        file: 'runtime/tick.ts',
        find: "stalled ? 'stalled' : guards.seen(result.cause)",
        put: 'guards.seen(result.cause)',
      },
    ],
    says: 'stalled',
  },
  {
    rule: 'threshold',
    gone: 'the threshold must be reached',
    edits: [
      {
        file: 'core/decide.ts',
        find: 'draft.next.failures >= policy.probe.failureThreshold',
        put: 'draft.next.failures >= 1',
      },
    ],
  },
  {
    rule: 'refusal',
    gone: 'a refusal stays',
    edits: [{ file: 'core/decide.ts', find: 'if (next.refusal !== null) return;', put: '' }],
  },
  {
    rule: 'configured',
    gone: 'who is disabled is left alone',
    edits: [
      { file: 'runtime/scheduler.ts', find: '=> definition.enabled && !probing', put: '=> !probing' },
      {
        file: 'runtime/scheduler.ts',
        find: 'return definition.enabled && !removed;',
        put: 'return definition.name !== "" && !removed;',
      },
      { file: 'runtime/tick.ts', find: '|| !watched.definition.enabled ||', put: '||' },
    ],
  },
  {
    rule: 'single',
    gone: 'nothing is decided while a call is in flight',
    edits: [
      NO_COOLDOWN,
      { file: 'core/decide.ts', find: "if (state.phase === 'restarting') return unchanged(state);", put: '' },
      {
        file: 'runtime/scheduler.ts',
        find: "if (watched.state.phase === 'restarting') {",
        put: 'if (this.queue.size < 0) {',
      },
      {
        file: 'runtime/scheduler.ts',
        find: "!this.running || watched.state.phase === 'restarting'",
        put: '!this.running',
      },
    ],
    forgive: ['cooldown', 'budget', 'sound'],
  },
  {
    rule: 'concurrency',
    gone: 'so many in flight and no more',
    edits: [
      { file: 'runtime/restart-gate.ts', find: 'concurrentRestarts - this.inFlight', put: 'concurrentRestarts + 100' },
    ],
  },
  {
    rule: 'rate',
    gone: 'so many per minute and no more',
    edits: [
      {
        file: 'runtime/restart-gate.ts',
        find: 'restartsPerMinute - this.begun.length',
        put: 'restartsPerMinute + 100',
      },
    ],
  },
  ...holdMutants(),
  {
    rule: 'hold',
    gone: 'own_network holds, and what it explains says nothing',
    edits: [
      { file: 'runtime/guards.ts', find: "holds.push('own_network')", put: 'void 0' },
      { file: 'runtime/guards.ts', find: "this.networkUp ? cause : 'own_network'", put: 'cause' },
      { file: 'runtime/account-guard.ts', find: "holds.push('gateway_outage')", put: 'void 0' },
    ],
    says: '(own_network)',
  },
  {
    rule: 'liveness',
    gone: 'the exhausted go on being tried',
    edits: [
      {
        file: 'core/decide.ts',
        find: "case 'down':\n    case 'exhausted':\n    case 'restarting':\n      break;",
        put: "case 'exhausted':\n      return;\n    case 'down':\n    case 'restarting':\n      break;",
      },
    ],
  },
  {
    rule: 'cured',
    gone: 'an outage ends',
    edits: [
      {
        file: 'core/decide.ts',
        find: 'if (outage && next.successes < policy.probe.successThreshold) return;',
        put: 'if (outage) return;',
      },
    ],
    forgive: ['liveness', 'threshold'],
  },
  {
    rule: 'sound',
    gone: 'every save follows on the one before',
    edits: [{ file: 'runtime/tick.ts', find: 'revision: before.revision + 1', put: 'revision: before.revision + 2' }],
  },
];

/** One per hold that the world knows of by itself. */
function holdMutants(): readonly Mutant[] {
  const guards = 'runtime/guards.ts';
  const account = 'runtime/account-guard.ts';
  const finds: readonly (readonly [string, string, string])[] = [
    ['dry_run', guards, "holds.push('dry_run')"],
    ['startup', guards, "holds.push('startup')"],
    ['maintenance', guards, "holds.push('maintenance')"],
    ['gateway_outage', account, "holds.push('gateway_outage')"],
    ['storm', account, "holds.push('storm')"],
  ];
  return finds.map(([hold, file, find]) => ({
    rule: 'hold',
    gone: `${hold} holds`,
    edits: [{ file, find, put: 'void 0' }],
    says: `(${hold})`,
  }));
}

const folder = join(import.meta.dirname, '.mutants');
const source = join(import.meta.dirname, '../../src');
const MOST_SEEDS = 60;

describe('the simulated days notice when a rule is gone', () => {
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('has a mutant for every rule', () => {
    expect(new Set(MUTANTS.map(({ rule }) => rule))).toEqual(new Set(Object.keys(RULES)));
  });

  it.each(MUTANTS.map((mutant, index) => ({ ...mutant, index })))(
    '$gone',
    { timeout: 120_000 },
    async ({ index, rule, edits, forgive = [], says = '' }) => {
      const product = await broken(join(folder, String(index)), edits);
      let failure: string | null = null;
      for (let seed = 1; failure === null && seed <= MOST_SEEDS; seed += 1) {
        ({ failure } = await simulate(product, { seed, days: 1, instances: 30, forgive }));
      }
      const firstLine = failure?.split('\n')[0] ?? 'no rule broke';
      expect(firstLine).toContain(RULES[rule]);
      expect(firstLine).toContain(says);
    },
  );
});

/** The product with some of its source changed. */
async function broken(copy: string, edits: readonly Edit[]): Promise<Product> {
  mkdirSync(copy, { recursive: true });
  for (const part of ['core', 'runtime', 'store/store.ts', 'gateway/gateway.ts']) {
    cpSync(join(source, part), join(copy, part), { recursive: true, filter: (path) => !path.endsWith('.test.ts') });
  }
  for (const { file, find, put } of edits) {
    const text = readFileSync(join(copy, file), 'utf8');
    expect(text.split(find), `${file} must contain the rule exactly once: ${find}`).toHaveLength(2);
    writeFileSync(join(copy, file), text.replace(find, put));
  }
  const { Watch } = (await import(join(copy, 'runtime/watch.ts'))) as typeof WatchModule;
  const { Lane } = (await import(join(copy, 'runtime/lane.ts'))) as typeof LaneModule;
  const { RestartGate } = (await import(join(copy, 'runtime/restart-gate.ts'))) as typeof GateModule;
  return { Watch, Lane, RestartGate };
}
