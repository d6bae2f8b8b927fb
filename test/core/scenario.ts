import { decide } from '../../src/core/instance/decide.ts';
import type { InstanceEvent } from '../../src/core/event.ts';
import {
  HOLDS,
  newInstance,
  OUTCOMES,
  type Hold,
  type InstanceState,
  type Outcome,
} from '../../src/core/instance/instance.ts';
import type { Observation } from '../../src/core/instance/observation.ts';
import { SECOND, type EpochMs } from '../../src/core/time.ts';
import { isCause, verdictOf, type NeedsHumanCause } from '../../src/core/verdict.ts';
import { testPolicy, type PolicyOverrides } from '../fleet/policy.ts';
import { restartEnded } from './observations.ts';

/**
 * A scenario is a text of lines:
 *   # words for the reader
 *   policy cooldown=60 factor=2 …            (seconds; see `overrides`)
 *   t= 30 disconnected [storm]               a probe's cause, and what holds restarts at that moment
 *   t= 30 disconnected asked                 the same, out of turn
 *   t= 30 connected quiet=9 [shared]         no sign of life since then, for too long; `shared`: of others neither
 *   t= 30 alive [at=9]                       a sign of life, now or then
 *   t= 31 restart accepted | rejected 404 restart_unsupported | rejected 429 retry=60; `obeyed`: restarts of the account
 *                                           were accepted before; `text`: the answer is no JSON
 *   t= 40 request api [force]
 *   t= 50 planned expires=3600 [at=40] [missed]   how long it may wait from its time on the wall, which is now or `at`
 *   t= 51 clock -3600                       the wall clock is set by seconds; the times of the lines are those of the clock that
 *                                           only goes on, but ends of pauses are times on the wall
 *   t= 52 pause 3600 | unpause | ack 3600 | forget   somebody takes care of it; seconds, or no end
 *   t= 55 afresh                            the gateway's outage is over
 *   t= 60 killed                             the process dies and a new one finds what was saved
 * What follows `->` is written by the replay: the phase, what changed, and the events in parentheses.
 */
export type ScenarioLine =
  { readonly text: string } | { readonly text: string; readonly at: number; readonly words: string[] };

export interface Scenario {
  readonly overrides: PolicyOverrides;
  readonly lines: readonly ScenarioLine[];
}

export function parseScenario(text: string): Scenario {
  let overrides: PolicyOverrides = {};
  const lines = text
    .trimEnd()
    .split('\n')
    .map((line): ScenarioLine => {
      if (line.startsWith('policy')) overrides = parsePolicy(line);
      const match = /^t= *(\d+) ([^>]*?)(?: *->.*)?$/.exec(line);
      if (match === null) return { text: line };
      const said = (match[2] ?? '').trim();
      return { text: `t=${String(match[1]).padStart(5)} ${said}`, at: Number(match[1]), words: said.split(/\s+/) };
    });
  return { overrides, lines };
}

function parsePolicy(line: string): PolicyOverrides {
  const pairs = line
    .split(/\s+/)
    .slice(1)
    .map((pair) => pair.split('=') as [string, string]);
  const {
    failures = 10,
    probes = 20,
    ...set
  } = Object.fromEntries(
    pairs.map(([key, value]) => [key, value === 'true' ? true : value === 'false' ? false : Number(value)]),
  );
  return { ...set, failuresWithin: [Number(failures), Number(probes)] };
}

/** @param step what decides; the mutation test hands in broken ones */
export function replay(scenario: Scenario, step = decide): string {
  const policy = testPolicy(scenario.overrides);
  let state = newInstance(0, 0);
  let saved: InstanceState = state;
  let ahead = 0;
  const replayed = scenario.lines.map((line) => {
    if (!('at' in line)) return line.text;
    const now = line.at * SECOND;
    if (line.words[0] === 'clock') {
      ahead += Number(line.words[1]) * SECOND;
      return line.text;
    }
    const wall = now + ahead;
    if (line.words[0] === 'killed') state = JSON.parse(JSON.stringify(saved)) as InstanceState;
    const { state: next, actions } = step(state, parseObservation(line.words, now, wall), policy, now, wall);
    const events = actions.flatMap((action) => (action.type === 'publish' ? [action.event] : []));
    if (actions.some((action) => action.type === 'save')) saved = next;
    const result = describeStep(state, next, events, now);
    state = next;
    return `${line.text.padEnd(40)} -> ${result}`.trimEnd();
  });
  return replayed.join('\n') + '\n';
}

function parseObservation(words: readonly string[], now: EpochMs, wall: EpochMs): Observation {
  const [first = '', second = ''] = words;
  const option = (name: string): number | undefined => {
    const found = words.find((word) => word.startsWith(`${name}=`));
    return found === undefined ? undefined : Number(found.slice(name.length + 1)) * SECOND;
  };
  const quietSince = option('quiet');
  const holds = HOLDS.filter((hold): hold is Hold => words.some((word) => word.replace(/[[\],]/g, '') === hold));
  if (isCause(first))
    return {
      type: 'probe',
      cause: first,
      detail: null,
      startedAt: now,
      outOfTurn: words.includes('asked'),
      holds,
      blindAfter: 300 * SECOND,
      quiet: quietSince === undefined ? null : { since: quietSince, isShared: words.includes('shared') },
    };
  switch (first) {
    case 'alive':
      return { type: 'activity', at: option('at') ?? now };
    case 'killed':
      return { type: 'resumed' };
    case 'pause':
      return {
        type: 'pause_requested',
        reason: 'a reason',
        by: 'api',
        until: second === '' ? null : wall + Number(second) * SECOND,
      };
    case 'ack':
      return {
        type: 'acknowledge_requested',
        reason: null,
        by: 'api',
        until: second === '' ? null : wall + Number(second) * SECOND,
      };
    case 'unpause':
      return { type: 'unpause_requested', by: 'api' };
    case 'forget':
      return { type: 'reset_requested', by: 'api' };
    case 'afresh':
      return { type: 'suspicion_cleared' };
    case 'planned': {
      const dueAt = option('at') ?? wall;
      const missed = words.includes('missed');
      return { type: 'restart_planned', dueAt, expiresAt: dueAt + (option('expires') ?? 0), missed };
    }
    case 'request':
      if (second !== 'api' && second !== 'alert' && second !== 'cli') throw new Error(`unknown trigger: ${second}`);
      return {
        type: 'restart_requested',
        trigger: second,
        requestedBy: null,
        force: words.includes('force'),
        disabled: false,
        holds,
      };
    case 'restart': {
      const httpStatus = words[2] === undefined ? null : Number(words[2]);
      const refusal = words.find((word) => isCause(word) && verdictOf(word) === 'needs_human') as
        NeedsHumanCause | undefined;
      if (!(OUTCOMES as readonly string[]).includes(second)) throw new Error(`unknown outcome: ${second}`);
      return restartEnded({
        outcome: second as Outcome,
        httpStatus,
        body: words.includes('text') ? '404 page not found' : {},
        acceptedBefore: words.includes('obeyed'),
        refusal: refusal ?? null,
        rateLimited: httpStatus === 429,
        retryAfter: option('retry') ?? null,
      });
    }
    default:
      throw new Error(`unknown observation: ${words.join(' ')}`);
  }
}

function describeStep(
  before: InstanceState,
  after: InstanceState,
  events: readonly InstanceEvent[],
  now: EpochMs,
): string {
  const parts: string[] = [after.phase.padEnd(11)];
  const seconds = (at: EpochMs | null): string => (at === null ? 'none' : String(at / SECOND));
  if (after.failures !== before.failures) parts.push(`failures=${after.failures}`);
  if (after.attempt !== before.attempt) parts.push(`attempt=${after.attempt}`);
  if (after.cooldownUntil !== before.cooldownUntil) parts.push(`cooldown=${seconds(after.cooldownUntil)}`);
  if (after.graceUntil !== before.graceUntil) parts.push(`grace=${seconds(after.graceUntil)}`);
  if (after.spent.length !== before.spent.length) parts.push(`spent=${after.spent.length}`);
  if (after.history.length < before.history.length) parts.push(`history=${after.history.length}`);
  if (after.acknowledged !== null) parts.push('acknowledged');
  if (after.holds.length > 0) parts.push(`held=${after.holds.join(',')}`);
  const words = events.map((event) => describeEvent(event, now)).filter((word) => word !== '');
  if (words.length > 0) parts.push(`(${words.join(', ')})`);
  return parts.join(' ').trimEnd();
}

function describeEvent(event: InstanceEvent, now: EpochMs): string {
  switch (event.type) {
    case 'phase_changed':
      return '';
    case 'restart_held':
      return `held:${event.hold}${event.until === null ? '' : ` until ${event.until / SECOND}`}`;
    case 'restart_skipped':
      return `skipped:${event.why}`;
    case 'restart_started':
      return `RESTART ${event.intent.trigger}${event.intent.startedAt === now ? '' : '!'}`;
    case 'restart_finished':
      return event.refusal === null ? event.outcome : `${event.outcome} for good`;
    case 'healed':
      return `healed after ${event.secondsToHeal}s`;
    case 'recovered':
      return `recovered after ${event.downSeconds}s`;
    case 'restart_harmed':
      return `HARMED by ${event.trigger}`;
    case 'cause_changed':
      return `now ${event.cause}`;
    case 'answers_missing':
      return `blind since ${event.since / SECOND}`;
    case 'silence_began':
      return `SILENT since ${event.since / SECOND}`;
    case 'silence_ended':
      return `no longer silent: ${event.why}`;
    case 'not_healed':
    case 'escalated':
    case 'stable':
    case 'paused':
    case 'unpaused':
    case 'acknowledged':
    case 'reset':
      return event.type;
  }
}
