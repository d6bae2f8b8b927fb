import { cpSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { always, begins, drops, mutate, never, puts, returns, type Mutation } from '../mutation/mutation.ts';
import { LONG, volume } from '../volume.ts';
import type { GroupCore } from './group-run.ts';
import { replayGroup } from './group-scenario.ts';
import { worstGroup } from './random-groups.ts';

/** Each row takes one rule of a group out of a copy of the core; this transcript or these words must notice. */
const MUTANTS: readonly (readonly [rule: string, mutation: Mutation, found: RegExp])[] = [
  ['concurrency is limited', puts('freeRestarts', 'limits.concurrentRestarts', '99'), /06-/],
  [
    'restarts per minute are limited',
    puts('freeRestarts', 'limits.restartsPerMinute', '99'),
    /no room of the minute|08-/,
  ],
  ['older restarts no longer count', puts('freeRestarts', 'at <= now - MINUTE', 'at < 0'), /none waits while/],
  ['the minute wakes the group', returns('restartsFreeAt', 'null'), /08-/],
  ['what has ended gives its room', puts('restartEnded', 'inFlight - 1', 'inFlight'), /in flight are counted/],
  ['what is not made takes no place in the minute', puts('restartCancelled', 'index !== place', 'true'), /31-/],
  ['those of an earlier process count', returns('restartsRecalled', '{ inFlight, begun }'), /08-/],
  ['invited ones reserve their room', puts('groupHolds', 'invitations(state.queue)', '0'), /07-/],
  ['what is invited has its own room', returns('isInvited', 'false'), /02-/],
  ['invitations use room up', puts('room', 'invitations(queue)', '0'), /no more are invited|one canary is invited/],
  ['the oldest outage goes first', begins('queued', 'since = -since;'), /06-/],
  ['its place is of its outage', begins('queued', 'since = 0;'), /06-/],
  ['one that had a restart stands behind', puts('queueOrNot', 'history.at(-1)?.at', 'null'), /06-/],
  ['a place is kept', never('queued', 'ranks'), /each waits once/],
  ['one that is well leaves the queue', drops('queueOrNot', 'unqueued'), /06-/],
  ['one that left leaves the queue', drops('onLeft', 'unqueued'), /only the watched wait/],
  ['the disabled are not queued', puts('queueOrNot', 'transition.counted', 'true'), /only the watched wait/],
  ['only want of room queues', puts('queueOrNot', 'HELD_FOR_ROOM.has(hold)', 'true'), /12-|13-/],
  ['invited again only when room is gone', puts('queueOrNot', 'room(next, policy, now) <= 0', 'false'), /07-/],
  ['none is invited in an outage', puts('look', '!next.outage', 'true'), /none is invited/],
  ['a storm holds', drops('groupHolds', "'storm'"), /02-/],
  ['a storm is too many', returns('allowedSick', '1000'), /01-/],
  ['some may always be sick', puts('allowedSick', 'Math.max(share, alwaysAllow)', 'share'), /12-/],
  ['one canary at a time', puts('restartsAllowedBy', 'storm.canary === null', 'true'), /one canary|02-/],
  ['a restart under way is the canary', returns('withCanary', 'state'), /01-/],
  [
    'the one that began last is the canary',
    puts('withCanary', 'other.value - one.value', 'one.value - other.value'),
    /18-/,
  ],
  ['canaries pause', puts('restartsAllowedBy', 'now >= storm.notBefore', 'true'), /02-/],
  ['a canary that heals lets the others go', drops('stormAfterEffect', "if (shown === 'healed')"), /01-/],
  ['a canary is given up', always('stormAfterCount', 'now < storm.giveUpAt'), /03-/],
  [
    'a paced restart that fails brings canaries',
    puts('stormAfterEffect', "shown === 'healed' ? storm : canaries(storm.since, now + pause)", 'storm'),
    /04-/,
  ],
  ['there is a quiet time', puts('stormAfterCount', 'cooldown > 0', 'false'), /01-/],
  ['a storm ends the quiet time', drops('stormAfterCount', 'if (tooMany)'), /05-/],
  ['the quiet time holds', drops('restartsAllowedBy', 'return 0'), /01-/],
  ['the quiet time ends', never('stormAfterCount', 'storm.until'), /05-/],
  ['a rejected call is no canary', never('applyEvent', "'rejected'"), /02-/],
  ['who needs a human is no canary', never('applyEvent', "'needs_human'"), /02-/],
  ['a late healing counts', puts('applyEvent', "'given_up'", "'never'"), /19-/],
  ['harm ends the canaries', puts('applyEvent', "'harmed'", "'never'"), /20-/],
  ['harm holds', drops('groupHolds', "'harmful'"), /21-/],
  ['harm further apart may be chance', puts('isHarmful', 'last.at - at <= HARM_WINDOW', 'true'), /29-/],
  ['only a person ends it', never('lookAtHarm', 'next.harmful'), /21-|22-/],
  ['a release ends it', drops('groupStep', 'draft.next.harmful = false'), /21-/],
  ['harm is remembered', drops('onJoined', 'withHarm'), /22-/],
  ['the long dead leave the tally', returns('mourned', 'census'), /23-/],
  ['death is waited for', returns('nextDeathAt', 'Number.POSITIVE_INFINITY'), /23-/],
  ['only fresh ones make a storm', puts('isTooMany', 'fresh + more > freshAllowed', 'true'), /30-/],
  [
    'blindness of most is one incident',
    puts('lookAtTrouble', 'isShared(blind, watched, trouble.isBlind)', 'false'),
    /25-/,
  ],
  ['a refusal of most is one incident', returns('isShared', 'count > watched'), /25-|26-/],
  ['witnesses tell whether it is about all', never('onOddAnswer', 'isFirst'), /26-/],
  ['what is in front of the gateway counts', puts('lookAtOutage', 'next.odd.count.not_the_gateway', '0'), /27-/],
  ['instances refute the health route', drops('lookAtOutage', "'refuted'"), /28-/],
  ['a canary that leaves shows nothing', drops('onLeft', 'recordEffect'), /14-/],
  ['a restart that is not made shows nothing', drops('groupStep', 'recordEffect'), /15-/],
  ['a restart under way at a join may be the canary', never('onJoined', 'shownBy'), /14-/],
  ['a healthy one is no canary', always('applyEvent', 'isSick'), /16-/],
  ['a healthy one counts as it would be after', puts('isMadeWorseBy', 'isWell ? 1 : 0', '0'), /16-/],
  ['an explained storm is not announced', puts('lookAtStorm', 'next.outage || couldBeOutage', 'false'), /12-/],
  ['it is, when it comes to matter', drops('applyEvent', 'announceStorm'), /12-/],
  ['half is an outage', puts('gatewayLooksDown', '0.5', '0.4'), /12-/],
  ['it goes on until a quarter', puts('gatewayLooksDown', '0.25', '0.5'), /12-|10-/],
  ['a few cannot be counted', always('canBeCounted', 'FEWEST_TO_COUNT'), /11-/],
  ['FEWEST_TO_COUNT is three', returns('FEWEST_TO_COUNT', '4'), /11-/],
  [
    'the health route counts',
    puts('lookAtOutage', "looksDown || next.suspicion.confirmed || next.route === 'down'", 'looksDown'),
    /13-/,
  ],
  ['an outage holds', puts('groupHolds', 'state.outage', 'false'), /no restart in an outage/],
  ['a suspicion holds', returns('mayBeOutage', 'false'), /09-/],
  ['an answer since ends it', puts('isSuspected', 'answeredAt < probes.before', 'true'), /09-/],
  ['witnesses are probed', puts('suspicionAfterHold', 'undefined', 'null'), /09-/],
  ['but not those that fail', always('suspicionAfterHold', 'undefined'), /10-/],
  ['there are three witnesses', returns('WITNESSES', '1'), /09-/],
  ['each witness is another one', puts('withWitness', 'witness !== key', 'true'), /09-/],
  ['silent witnesses confirm it', returns('confirmedIfSilent', 'suspicion'), /10-/],
  ['an answer ends the confirmation', puts('suspicionAfterProbe', 'false', 'suspicion.confirmed'), /10-/],
  ['who waited is probed again', returns('withoutNeedToWait', '{ suspicion, probe: NOTHING_TO_PROBE }'), /09-/],
  ['our own network is no answer', returns('NO_EVIDENCE', 'new Set()'), /09-/],
  ['the tally follows', drops('onTransition', 'recount'), /the tally is/],
  ['the tally follows what is not made', drops('groupStep', 'recount'), /the tally is/],
  ['the tally forgets who left', drops('onLeft', 'recount'), /the tally is/],
  ['the disabled are not counted', puts('onTransition', 'transition.counted', 'true'), /the tally is/],
  ['nothing is changed in place', begins('groupStep', 'state.outage = state.outage;'), /read only/],
];

/** A sample is every third of them. */
const CHOSEN = MUTANTS.filter((_, index) => index % volume(3, 1) === 0);

const folder = join(import.meta.dirname, '.group-mutants');
const scenarios = join(import.meta.dirname, 'group-scenarios');

describe('the transcripts and the random groups notice that a rule of a group is gone', () => {
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each(CHOSEN)('%s', async (rule, mutation, found) => {
    const copy = join(folder, rule.replaceAll(' ', '-'));
    cpSync(join(import.meta.dirname, '../../src/core'), copy, { recursive: true });
    mutate(copy, mutation);
    const core = (await import(join(copy, 'group/group-step.ts'))) as GroupCore;
    const transcripts = readdirSync(scenarios).filter((name) => !isTold(name, core));
    const isFound = found.test(transcripts.join(' ')) || (!LONG && transcripts.length > 0);
    if (isFound) return;
    const breach = worstGroup(core, { runs: 500, seed: 1, shrinks: false });
    expect(breach).toMatch(found);
  });
});

function isTold(name: string, core: GroupCore): boolean {
  const written = readFileSync(join(scenarios, name), 'utf8');
  try {
    return replayGroup(written, core) === written;
  } catch {
    return false;
  }
}
