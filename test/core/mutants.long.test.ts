import { join } from 'node:path';
import { always, begins, calls, drops, never, puts, returns } from '../mutation/mutation.ts';
import { describeMutants, type Mutant } from './core-mutants.ts';
import { parseScenario, replay } from './scenario.ts';
import { worstRun, type Core } from './random-runs.ts';

/**
 * A test is worth something only if it turns red when its rule is gone. Each row takes one rule out of a copy of the
 * core: the transcripts must notice, and in the long run the one that is named, or the random runs with these words.
 */
const MUTANTS: readonly Mutant[] = [
  ['the cooldown holds', never('holdsOn', 'inCooldown'), /never inside a cooldown/],
  ['a pause holds', never('holdsOn', 'isPaused'), /paused it/],
  [
    'a reset spares the restart that was just made',
    drops('onReset', 'unchanged'),
    /cooldown|budget|attempts|restarting means|recovering means/,
  ],
  ['the cooldown grows', begins('cooldownAfter', 'attempt = 1;'), /never inside a cooldown/],
  [
    'a list is believed only where it confirms',
    always('onListed', 'isConfirmedByList'),
    /a list (brings|moves|ends|settles|restarts)|follow a probe/,
  ],
  [
    'a planned restart has evidence of its own',
    never('isConfirmedByList', 'awaitsProbe'),
    /a list restarts nothing|follow a probe/,
  ],
  [
    'a list does not end an outage',
    puts('isConfirmedByList', "state.phase === 'healthy' || state.phase === 'unknown'", "state.phase !== 'restarting'"),
    /a list moves|successThreshold/,
  ],
  [
    'a list ends no wait for a pairing',
    puts('isConfirmedByList', "state.pairing !== 'awaited'", 'true'),
    /a list ends no wait|follows a pairing/,
  ],
  ['the budget holds', drops('holdsOn', "'budget'"), /never above the budget/],
  [
    'the budget window is rolling',
    begins('spentWithin', 'budget = { ...budget, per: budget.per / 2 };'),
    /never above the budget/,
  ],
  ['the holds of the fleet hold', begins('holdsOn', 'fleetHolds = [];'), /never a restart under a hold/],
  [
    'needs_human is not sick',
    calls('onProbe', 'onNeedsHuman', 'onUnhealthy(draft, probe, cause)'),
    /only from an unhealthy probe/,
  ],
  [
    'inconclusive moves nothing',
    calls('onProbe', 'verdictOf', "verdictOf(cause).replace('inconclusive', 'unhealthy')"),
    /only from an unhealthy probe/,
  ],
  [
    'connecting is not sick',
    calls('onProbe', 'onTransitional', 'onUnhealthy(draft, probe, cause)'),
    /only from an unhealthy probe/,
  ],
  ['the threshold must be reached', always('suspectOrDown', 'failureThreshold'), /not below the failure threshold/],
  ['an outage ends with successThreshold probes', never('onHealthy', 'successThreshold'), /successThreshold/],
  ['attempts reset on stability, not on success', always('onHealthy', 'stableFor'), /stableFor/],
  [
    'stability is uninterrupted',
    puts('onHealthy', 'next.healthySince ??= probe.startedAt', 'next.healthySince ??= next.since'),
    /stableFor/,
  ],
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
  ['a refusal stays', never('staysWithHuman', 'refusal'), /19-/],
  [
    'no restart scans a code, or lifts a ban',
    puts('staysWithHuman', 'UNSCANNED.has(cause)', 'ENDED.has(cause)'),
    /58-|66-|nobody scans/,
  ],
  [
    'what tries to connect is not scanned yet',
    puts('onTransitional', "next.phase !== 'needs_human'", 'true'),
    /66-|nobody scans/,
  ],
  [
    'one good answer does not end what needs a human',
    puts('onHealthy', "isBack || next.phase !== 'needs_human'", 'true'),
    /66-|nobody scans/,
  ],
  [
    'a code outlives the trouble that came after it',
    puts('staysWithHuman', "pairing === 'awaited'", "trouble === 'pairing_required'"),
    /66-|nobody scans/,
  ],
  ['a code is named again after another trouble', never('nameUnscanned', 'isOver'), /66-/],
  ['silence does not end the need for a human', never('staysWithHuman', 'blamesGateway'), /11-|42-/],
  [
    'an unscanned code is no reason',
    returns('staysWithHuman', "refusal !== null || blamesGateway(cause) || trouble === 'conflict'"),
    /nobody scans/,
  ],
  ['one answer is not believed', never('onNeedsHuman', 'isFirst'), /35-/],
  ['what was taken over and has ended stays so', puts('staysWithHuman', "trouble === 'conflict'", 'false'), /64-/],
  ['a takeover is named once', returns('causeBehind', 'cause'), /64-/],
  ['a session is taken back once', returns('isBeyondRestart', 'false'), /41-/],
  ['a pairing is followed by a sync', returns('isPairing', 'false'), /39-/],
  ['an alert does not restart what is just paired', never('onRestartRequested', 'isPairing'), /65-/],
  [
    'a planned restart waits for a pairing',
    never('restartIfPlanned', 'isPairing'),
    /65-|planned restart in what follows/,
  ],
  [
    'a slow start is not begun again',
    returns('connectingPatience', 'policy.probe.connectingGrace'),
    /40-|not begun again/,
  ],
  ['what is back long after was not healed', always('lastCure', 'showsUntil'), /50-/],
  ['a forced restart of what needs a human does no harm', never('noteHarm', 'last.from'), /43-|not harmed/],
  ['a restart does not unpair what was unpaired', never('noteHarm', 'last.unpaired'), /60-|unpaired before/],
  ['not knowing must last', always('onInconclusive', 'blindAfter'), /46-|47-/],
  ['a refusal must come again', puts('refusalOf', 'next.refusals < (acceptedBefore ? 3 : 2)', 'false'), /19-/],
  ['once more where restarts were accepted', puts('refusalOf', 'acceptedBefore ? 3 : 2', '2'), /48-/],
  ['another refusal begins again', puts('refusalOf', 'kindOf(before) !== kindOf(last ?? ended)', 'false'), /62-/],
  ['a refusal must come after the wait', never('refusalOf', 'intent.startedAt < intent.cooldownBefore'), /63-/],
  ["a proxy's refusal is none", never('refusalOf', "typeof body !== 'object'"), /49-/],
  ['undelivered calls are free', never('endRestart', "outcome === 'unreachable'"), /17-/],
  ['undelivered calls are one in the history', begins('forgetUndelivered', 'return;'), /51-/],
  ['what was never found needs no time', puts('isStarting', "phase === 'unknown'", 'false'), /37-/],
  ['what was well once needs time', puts('isStarting', '!known', 'true'), /61-/],
  [
    'not found is given the time of a start',
    puts('isStarting', 'startedAt - troubleSince < timeToStart(policy)', 'false'),
    /36-/,
  ],
  ['harm is noticed', drops('onNeedsHuman', 'noteHarm'), /43-|44-/],
  ['another trouble is published', puts('callForHuman', "phase === 'needs_human'", 'false'), /10-/],
  ['many failures make it down', puts('suspectOrDown', 'failing(recent) >= failuresWithin.failures', 'false'), /45-/],
  ['a phase says only what is known', always('onInconclusive', "next.phase !== 'healthy'"), /46-/],
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
  ['only what is well is silent', always('onHealthy', 'wasUp'), /54-/],
  ['a silence begins once', puts('beginSilence', 'next.silence?.since !== null', 'false'), /55-|once per silence/],
  ['a sign of life ends it', drops('onActivity', 'endSilence'), /54-/],
  ['an older one does not', puts('onActivity', 'at <= since', 'false'), /54-/],
  ['a reset ends it', drops('onReset', 'endSilence'), /54-/],
  ['a restart is made sure of', always('onHealthy', 'wasSilent'), /55-/],
  ['silence restarts only where wanted', puts('awaitsRestart', 'activity.restart', 'true'), /only where wanted/],
  ['once per silence', puts('awaitsRestart', 'state.silence?.restartedAt === null', 'true'), /55-/],
  [
    'what is in trouble is not restarted for silence',
    puts('awaitsRestart', 'isSilent(state)', 'true'),
    /well otherwise|second probe/,
  ],
  ['the silence of most holds', puts('restartIfSilent', 'probe.quiet.isShared', 'false'), /56-/],
  ['all holds hold it', puts('restartIfSilent', 'holds.length === 0', 'true'), /56-/],
  ['any restart is the one of a silence', drops('startRestart', 'restartedAt'), /56-/],
  ['but not one that did not reach it', drops('refundUntil', 'restartedAt'), /55-/],
  ['what it waited for ends with it', never('endSilence', 'next.planned'), /56-/],
  ['silence is saved', puts('DURABLE', "'silence'", "'seed'"), /57-/],
  ['a silent one is judged so', never('judge', 'isSilent'), /a silent one is judged so/],
];

describeMutants<Core>('the transcripts and the random runs notice that a rule is gone', MUTANTS, {
  transcripts: 'scenarios',
  load: async (copy) => {
    const { decide } = (await import(join(copy, 'instance/decide.ts'))) as Pick<Core, 'decide'>;
    const { judge } = (await import(join(copy, 'instance/on-probe.ts'))) as Pick<Core, 'judge'>;
    const { probeDelay } = (await import(join(copy, 'instance/cadence.ts'))) as Pick<Core, 'probeDelay'>;
    return { decide, judge, probeDelay };
  },
  replay: (written, { decide }) => replay(parseScenario(written), decide),
  worst: (core) => worstRun(core, { runs: 10_000, seed: 1 }),
});
