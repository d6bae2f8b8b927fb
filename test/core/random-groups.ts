import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import type { GroupPolicy, GroupState, Transition } from '../../src/core/group/group.ts';
import { entriesOf, valueOf } from '../../src/core/group/sorted-map.ts';
import { isSick } from '../../src/core/group/tally.ts';
import { MINUTE, SECOND, type DurationMs, type EpochMs } from '../../src/core/time.ts';
import { GroupRun, type GroupCore, type Member } from './group-run.ts';
import { act } from './group-scenario.ts';

const KEYS = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'] as const;
const FAILS_LIKE_GATEWAY: readonly unknown[] = ['timeout', 'server_error', 'refused'];

/** In the words of the transcripts; what stands here twice happens more often. */
const OBSERVATIONS = [
  ...['connected', 'connected', 'connected', 'disconnected', 'disconnected', 'disconnected', 'disconnected'],
  ...['timeout', 'server_error', 'refused', 'connecting', 'pairing_required', 'own_network'],
  ...['restart accepted', 'restart accepted', 'restart rejected', 'restart unknown', 'restart cancelled'],
  ...['join', 'join', 'leave', 'plan', 'request', 'request force', 'route down', 'route up'],
];

const step = fc.record({
  key: fc.constantFrom(...KEYS),
  wait: fc.constantFrom(0, 0, 0, 1, 5, 30, 61).map((seconds) => seconds * SECOND),
  said: fc.constantFrom(...OBSERVATIONS),
});

const policy = fc.record({
  maxHarmed: fc.constantFrom(1, 2),
  deadAfter: fc.constantFrom(60 * SECOND, 600 * SECOND),

  maxUnhealthy: fc.constantFrom(10, 40, 100).map((percent) => ({ type: 'percent' as const, percent })),
  alwaysAllow: fc.constantFrom(1, 3),
  stormCooldown: fc.constantFrom(0, 60 * SECOND),
  concurrentRestarts: fc.integer({ min: 1, max: 4 }),
  restartsPerMinute: fc.integer({ min: 1, max: 6 }),
});

/** Lets random things happen to random groups, and reports the first rule that breaks, shrunk; null when none does. */
export function worstGroup(core: GroupCore, options: { runs: number; seed: number; shrinks?: boolean }): string | null {
  const steps = fc.array(step, { maxLength: 80, size: 'max' });
  const property = fc.property(policy, steps, (chosen, all) => {
    const run = new RandomGroup(core, chosen);
    for (const each of all) run.live(each);
  });
  const result = fc.check(property, {
    numRuns: options.runs,
    seed: options.seed,
    endOnFailure: options.shrinks === false,
  });
  return result.failed ? `${String(result.errorInstance)} ${fc.stringify(result.counterexample)}` : null;
}

/** Keeps its own record of restarts, apart from the state under test, and holds every step against it. */
class RandomGroup {
  private readonly group: GroupRun;
  private readonly policy: GroupPolicy;
  private ended: EpochMs[] = [];

  constructor(core: GroupCore, chosen: GroupPolicy) {
    this.policy = chosen;
    const step = carefully(core.groupStep);
    const groupStep: typeof step = (state, observation, limits, now) => {
      const result = step(state, observation, limits, now);
      if (observation.type === 'transition') this.checkStart(state, observation);
      if (observation.type === 'restart_ended') this.ended.push(now);
      this.checkInvited(state, result.state);
      return result;
    };
    this.group = new GroupRun({ ...core, groupStep }, chosen);
    for (const key of KEYS) this.group.join(key);
  }

  live({ key, wait, said }: { key: string; wait: DurationMs; said: string }): void {
    const { group } = this;
    const until = group.now + wait;
    while (group.state.wakeAt !== null && group.state.wakeAt <= until) {
      group.now = Math.max(group.now, group.state.wakeAt);
      group.step({ type: 'looked' });
      this.checkCounts();
    }
    group.now = until;
    act(group, key, said.split(' '));
    group.effects.length = 0;
    this.checkCounts();
  }

  private checkStart(before: GroupState, { key, after: { intent }, events }: Transition): void {
    if (intent === null || !events.some(({ type }) => type === 'restart_started')) return;
    if (intent.trigger === 'api') return;
    const promised = invitedIn(before).filter((other) => other !== key).length;
    if (this.inFlight() + promised > this.policy.concurrentRestarts) fail('a restart takes no room beyond the limit');
    if (this.ofMinute() + promised > this.policy.restartsPerMinute) fail('a restart takes no room of the minute');
    if (before.outage) fail('no restart in an outage');
  }

  private checkCounts(): void {
    const { state, members } = this.group;
    const isDead = ({ key }: Member): boolean => valueOf(state.census.dead, key) !== undefined;
    const all = [...members.values()].filter(({ enabled }) => enabled);
    const watched = all.filter((member) => !isDead(member));
    if (all.some((member) => isDead(member) && !isSick(member.state))) fail('only the sick are dead');
    const sick = watched.map((each) => each.state).filter(isSick);
    const unreachable = sick.filter((each) => FAILS_LIKE_GATEWAY.includes(each.cause));
    const unanswered = unreachable.filter((each) => each.cause !== 'server_error');
    const counts = [watched, sick, unreachable, unanswered].map(({ length }) => length);
    const { tally } = state.census;
    const kept = [tally.watched, tally.sick, tally.unreachable, tally.unanswered];
    if (!isDeepStrictEqual(kept, counts)) fail('the tally is what a count of all gives');
    if (state.restarts.inFlight !== this.inFlight()) fail('the restarts in flight are counted');
    const waiting = [...entriesOf(state.queue.waiting)].map(({ key }) => key);
    const queued = [...waiting, ...invitedIn(state)];
    if (new Set(queued).size < queued.length) fail('each waits once');
    if (queued.some((key) => !members.get(key)?.enabled)) fail('only the watched wait');
    const { storm, outage } = state;
    const isFree = !outage && (storm.storm.mode === 'calm' || storm.storm.mode === 'paced');
    if (isFree && waiting.length > 0 && this.free() > invitedIn(state).length) fail('none waits while there is room');
  }

  private checkInvited(before: GroupState, { queue, storm: { storm }, outage }: GroupState): void {
    const earlier = invitedIn(before);
    const invited = invitedIn({ queue });
    const fresh = invited.filter((key) => !earlier.includes(key)).length;
    if (fresh === 0) return;
    if (outage) fail('none is invited in an outage');
    if (storm.mode === 'quiet') fail('none is invited in the quiet time');
    if (storm.mode === 'canary' && fresh > 1) fail('one canary is invited at a time');
    if (invited.length > this.free()) fail('no more are invited than there is room for');
  }

  private free(): number {
    const { concurrentRestarts, restartsPerMinute } = this.policy;
    return Math.min(concurrentRestarts - this.inFlight(), restartsPerMinute - this.ofMinute());
  }

  private inFlight(): number {
    return [...this.group.members.values()].filter(({ state }) => state.phase === 'restarting').length;
  }

  /** What was not made takes no room of the minute. */
  private ofMinute(): number {
    return this.inFlight() + this.ended.filter((at) => at > this.group.now - MINUTE).length;
  }
}

function invitedIn({ queue }: Pick<GroupState, 'queue'>): readonly string[] {
  return [...entriesOf(queue.invited)].map(({ key }) => key);
}

/** The same step, which must change nothing that it is given, and answer the same again. */
function carefully(groupStep: GroupCore['groupStep']): GroupCore['groupStep'] {
  return (state, observation, limits, now) => {
    for (const input of [state, observation, limits]) freeze(input);
    const result = groupStep(state, observation, limits, now);
    if (!isDeepStrictEqual(groupStep(state, observation, limits, now), result)) fail('the same step is taken twice');
    return result;
  };
}

function freeze(value: unknown): void {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return;
  Object.freeze(value);
  for (const part of Object.values(value)) freeze(part);
}

function fail(rule: string): never {
  throw new Error(rule);
}
