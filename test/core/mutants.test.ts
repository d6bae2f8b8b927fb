import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { worstRun, type Core } from './random-runs.ts';

/**
 * A test is worth something only if it turns red when its rule is gone. Each row takes one rule out of a copy of the
 * core; the random nights must notice, and say the words.
 */
const MUTANTS: readonly { rule: string; file: string; find: string; put: string; says: RegExp }[] = [
  {
    rule: 'the cooldown holds',
    file: 'instance/holds.ts',
    find: "if (inCooldown(state, now)) own.push('cooldown');",
    put: '',
    says: /never inside a cooldown/,
  },
  {
    rule: 'a pause holds',
    file: 'instance/holds.ts',
    find: "if (isPaused(state, wall)) own.push('paused');",
    put: '',
    says: /paused it/,
  },
  {
    rule: 'a reset spares the restart that was just made',
    file: 'instance/operator-requests.ts',
    find: "if (state.phase === 'restarting' || state.phase === 'recovering') return unchanged(state);",
    put: '',
    says: /cooldown|budget|attempts|restarting means|recovering means/,
  },
  {
    rule: 'the cooldown grows',
    file: 'instance/backoff.ts',
    find: 'policy.cooldown * factor ** (attempt - 1)',
    put: 'policy.cooldown',
    says: /never inside a cooldown/,
  },
  {
    rule: 'the budget holds',
    file: 'instance/holds.ts',
    find: "own.push('budget');",
    put: ';',
    says: /never above the budget/,
  },
  {
    rule: 'the budget window is rolling',
    file: 'instance/budget.ts',
    find: 'const from = now - budget.per;',
    put: 'const from = now - budget.per / 2;',
    says: /never above the budget/,
  },
  {
    rule: 'what the fleet says holds',
    file: 'instance/holds.ts',
    find: 'own.length === 0 ? fleetHolds : [...own, ...fleetHolds]',
    put: 'own',
    says: /never a restart under a hold/,
  },
  {
    rule: 'needs_human is not sick',
    file: 'instance/decide.ts',
    find: 'onNeedsHuman(draft, probe, now);\n      break;',
    put: 'onUnhealthy(draft, probe, cause, policy, now);\n      break;',
    says: /only from an unhealthy probe/,
  },
  {
    rule: 'inconclusive moves nothing',
    file: 'instance/decide.ts',
    find: "if (verdict === 'inconclusive') return unchanged(state);",
    put: "if (verdict === 'inconclusive') { const d = draftOf(state, wall); onUnhealthy(d, probe, cause, policy, now); return finish(state, d); }",
    says: /only from an unhealthy probe/,
  },
  {
    rule: 'connecting is not sick',
    file: 'instance/decide.ts',
    find: 'onTransitional(draft, probe);\n      break;',
    put: 'onUnhealthy(draft, probe, cause, policy, now);\n      break;',
    says: /only from an unhealthy probe/,
  },
  {
    rule: 'the threshold must be reached',
    file: 'instance/decide.ts',
    find: 'draft.next.failures >= policy.probe.failureThreshold',
    put: 'draft.next.failures >= 1',
    says: /not below the failure threshold/,
  },
  {
    rule: 'an outage ends with successThreshold probes',
    file: 'instance/decide.ts',
    find: 'if (outage && next.successes < policy.probe.successThreshold) return;',
    put: '',
    says: /successThreshold/,
  },
  {
    rule: 'attempts reset on stability, not on success',
    file: 'instance/decide.ts',
    find: 'next.attempt > 0 && now - next.healthySince >= policy.restart.stableFor',
    put: 'next.attempt > 0',
    says: /stableFor/,
  },
  {
    rule: 'stability is uninterrupted',
    file: 'instance/decide.ts',
    find: 'next.healthySince ??= probe.startedAt;',
    put: 'next.healthySince ??= next.since;',
    says: /stableFor/,
  },
  {
    rule: 'the grace runs',
    file: 'instance/decide.ts',
    find: 'if (next.graceUntil !== null && probe.startedAt < next.graceUntil) return;\n      next.graceUntil = null;',
    put: 'next.graceUntil = null;',
    says: /never in the grace/,
  },
  {
    rule: 'no second restart in flight',
    file: 'instance/wanted-restart.ts',
    find: "state.phase === 'restarting' || (state.phase === 'recovering' && !force)",
    put: "state.phase === 'recovering' && !force",
    says: /in flight|during a restart/,
  },
  {
    rule: 'a probe that straddles the restart is ignored',
    file: 'instance/decide.ts',
    find: "if (state.phase === 'restarting') return unchanged(state);",
    put: '',
    says: /in flight|during a restart|exactly/,
  },
  {
    rule: 'a probe from before the restart tells nothing about after it',
    file: 'instance/decide.ts',
    find: "if (state.phase === 'recovering' && probe.startedAt < state.since) return unchanged(state);",
    put: '',
    says: /straddled the restart/,
  },
  {
    rule: 'the intent is saved before the call',
    file: 'instance/draft.ts',
    find: "actions.push({ type: 'save' });",
    put: "if (intent === null) actions.push({ type: 'save' });",
    says: /saves|saved first/,
  },
  {
    rule: 'an open intent is closed at start',
    file: 'instance/decide.ts',
    find: 'if (next.intent !== null) {',
    put: 'if (next.intent === undefined) {',
    says: /found in flight/,
  },
  {
    rule: 'a refusal stays',
    file: 'instance/decide.ts',
    find: 'if (next.refusal !== null) return;',
    put: '',
    says: /refuses restarts/,
  },
  {
    rule: 'a pause ends by the wall clock',
    file: 'instance/holds.ts',
    find: "if (isPaused(state, wall)) own.push('paused');",
    put: "if (isPaused(state, now)) own.push('paused');",
    says: /paused it/,
  },
  {
    rule: 'a planned restart waits where the clock was set back to before its time',
    file: 'instance/restarting.ts',
    find: 'wall < next.planned.dueAt',
    put: 'wall < 0',
    says: /before its time/,
  },
  {
    rule: 'a planned restart that was made is not made again when the clock comes back to its time',
    file: 'instance/wanted-restart.ts',
    find: "if (hadPlanned(state, planned.dueAt)) return 'repeated';",
    put: 'void hadPlanned;',
    says: /no planned restart twice/,
  },
  {
    rule: 'a planned restart expires',
    file: 'instance/restarting.ts',
    find: 'next.planned !== null && wall >= next.planned.expiresAt',
    put: 'next.planned !== null && wall < 0',
    says: /after its time/,
  },
  {
    rule: 'a request leaves needs_human alone',
    file: 'instance/wanted-restart.ts',
    find: "} else if (state.phase === 'needs_human' && !force) {",
    put: "} else if (state.phase === 'unknown' && force && now < 0) {",
    says: /needs_human is not restarted/,
  },
  {
    rule: 'holds are told once',
    file: 'instance/restarting.ts',
    find: 'holds.filter((name) => !next.holdsMet.includes(name))',
    put: 'holds',
    says: /once per due restart/,
  },
  {
    rule: 'exhausted re-arms by itself',
    file: 'instance/decide.ts',
    find: "case 'down':\n    case 'exhausted':\n    case 'restarting':\n      break;",
    put: "case 'exhausted':\n      return;\n    case 'down':\n    case 'restarting':\n      break;",
    says: /restarted within the bound/,
  },
  {
    rule: 'a down instance goes on being tried',
    file: 'instance/decide.ts',
    find: "case 'down':\n    case 'exhausted':\n    case 'restarting':\n      break;",
    put: "case 'down':\n    case 'exhausted':\n    case 'restarting':\n      return;",
    says: /restarted within the bound/,
  },
];

const folder = join(import.meta.dirname, '.mutants');

describe('the random nights notice when a rule is gone', () => {
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each(MUTANTS.map((mutant, index) => ({ ...mutant, index })))('$rule', async ({ index, file, find, put, says }) => {
    const copy = join(folder, String(index));
    mkdirSync(copy, { recursive: true });
    cpSync(join(import.meta.dirname, '../../src/core'), copy, { recursive: true });
    const source = readFileSync(join(copy, file), 'utf8');
    expect(source.split(find), `${file} must contain the rule exactly once`).toHaveLength(2);
    writeFileSync(join(copy, file), source.replace(find, put));
    const decide = (await import(join(copy, 'instance/decide.ts'))) as Pick<Core, 'decide' | 'judge'>;
    const { probeDelay } = (await import(join(copy, 'instance/cadence.ts'))) as Pick<Core, 'probeDelay'>;
    expect(worstRun({ decide: decide.decide, judge: decide.judge, probeDelay }, { runs: 10_000, seed: 1 })).toMatch(
      says,
    );
  });
});
