import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { always, begins, calls, drops, mutate, never, puts, returns, type Mutation } from '../mutation/mutation.ts';
import { worstRun, type Core } from './random-runs.ts';

/**
 * A test is worth something only if it turns red when its rule is gone. Each row takes one rule out of a copy of the
 * core; the random runs must notice, and say the words.
 */
const MUTANTS: readonly (readonly [rule: string, mutation: Mutation, says: RegExp])[] = [
  ['the cooldown holds', never('holdsOn', 'inCooldown'), /never inside a cooldown/],
  ['a pause holds', never('holdsOn', 'isPaused'), /paused it/],
  [
    'a reset spares the restart that was just made',
    drops('onReset', 'unchanged'),
    /cooldown|budget|attempts|restarting means|recovering means/,
  ],
  ['the cooldown grows', begins('cooldownAfter', 'attempt = 1;'), /never inside a cooldown/],
  ['the budget holds', drops('holdsOn', "'budget'"), /never above the budget/],
  [
    'the budget window is rolling',
    begins('spentWithin', 'budget = { ...budget, per: budget.per / 2 };'),
    /never above the budget/,
  ],
  ['the holds of the fleet hold', begins('holdsOn', 'fleetHolds = [];'), /never a restart under a hold/],
  [
    'needs_human is not sick',
    calls('onProbe', 'onNeedsHuman', 'onUnhealthy(draft, probe, cause, policy, now)'),
    /only from an unhealthy probe/,
  ],
  [
    'inconclusive moves nothing',
    calls('onProbe', 'verdictOf', "verdictOf(cause).replace('inconclusive', 'unhealthy')"),
    /only from an unhealthy probe/,
  ],
  [
    'connecting is not sick',
    calls('onProbe', 'onTransitional', 'onUnhealthy(draft, probe, cause, policy, now)'),
    /only from an unhealthy probe/,
  ],
  ['the threshold must be reached', always('suspectOrDown', 'failureThreshold'), /not below the failure threshold/],
  ['an outage ends with successThreshold probes', never('onHealthy', 'successThreshold'), /successThreshold/],
  ['attempts reset on stability, not on success', always('onHealthy', 'stableFor'), /stableFor/],
  ['stability is uninterrupted', puts('onHealthy', 'probe.startedAt', 'next.since'), /stableFor/],
  ['the grace runs', never('onUnhealthy', 'startedAt < next.graceUntil'), /never in the grace/],
  ['no second restart in flight', never('onRestartRequested', "'restarting'"), /in flight|during a restart/],
  [
    'a probe during the restart call is ignored',
    never('onProbe', "'restarting'"),
    /in flight|during a restart|exactly/,
  ],
  [
    'a probe from before the restart says nothing about after it',
    never('onProbe', 'startedAt < state.since'),
    /straddled the restart/,
  ],
  [
    'the intent is saved before the call',
    puts('finish', "actions.push({ type: 'save' })", "intent === null && actions.push({ type: 'save' })"),
    /saves|saved first/,
  ],
  ['an open intent is closed at start', never('onResumed', 'intent'), /found in flight/],
  ['a refusal stays', never('onUnhealthy', 'refusal'), /refuses restarts/],
  ['a pause ends by the wall clock', begins('holdsOn', 'wall = now;'), /paused it/],
  [
    'a planned restart waits where the clock was set back to before its time',
    never('restartIfPlanned', 'dueAt'),
    /before its time/,
  ],
  [
    'a planned restart is not made again when the clock comes back to its time',
    returns('hadPlanned', 'false'),
    /no planned restart twice/,
  ],
  ['a planned restart expires', never('dropExpired', 'expiresAt'), /after its time/],
  ['a request leaves needs_human alone', never('onRestartRequested', "'needs_human'"), /needs_human is not restarted/],
  ['a hold is reported once', never('hold', 'holdsMet.includes'), /once per due restart/],
  [
    'exhausted re-arms by itself',
    begins('onUnhealthy', "if (draft.next.phase === 'exhausted') return;"),
    /restarted within the bound/,
  ],
  [
    'an instance that is down is tried again',
    begins('onUnhealthy', "if (draft.next.phase === 'down') return;"),
    /restarted within the bound/,
  ],
];

const folder = join(import.meta.dirname, '.mutants');

describe('the random runs notice that a rule is gone', () => {
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each(MUTANTS)('%s', async (rule, mutation, says) => {
    const copy = join(folder, rule.replaceAll(' ', '-'));
    cpSync(join(import.meta.dirname, '../../src/core'), copy, { recursive: true });
    mutate(copy, mutation);
    const { decide, judge } = (await import(join(copy, 'instance/decide.ts'))) as Pick<Core, 'decide' | 'judge'>;
    const { probeDelay } = (await import(join(copy, 'instance/cadence.ts'))) as Pick<Core, 'probeDelay'>;
    expect(worstRun({ decide, judge, probeDelay }, { runs: 10_000, seed: 1 })).toMatch(says);
  });
});
