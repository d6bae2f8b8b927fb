import { OUTCOMES, type Outcome } from '../../src/core/instance/instance.ts';
import { SECOND } from '../../src/core/time.ts';
import { isCause } from '../../src/core/verdict.ts';
import { testGuard } from '../fleet/policy.ts';
import { GroupRun, inWords, type GroupCore } from './group-run.ts';

/**
 * A scenario of a group is a text of lines:
 *   # words for the reader
 *   policy percent=40 always=1 cooldown=60 concurrent=9 minute=9 harmed=2 dead=3600    (the defaults; seconds)
 *   threshold 3                                 how many failing probes in a row make a restart due; otherwise 1
 *   t= 0 a-j join | leave                      one instance (`a`), several (`abc`), or a range of them
 *   t= 9 a disconnected [from=5]               a probe's cause, and when it began
 *   t= 9 a quiet | alive                       a healthy probe, and no sign of life for too long | a sign of life
 *   t= 9 a restart accepted                    how its call ended | cancelled: it was not made
 *   t= 9 a request [force] | plan
 *   t= 9 * look | route down | recall 3        the group looks at itself; an earlier process began 3 restarts now
 *   t= 9 * restored                            another process finds what was saved
 *   t= 9 a exhausted                           its budget is spent in vain
 *   t= 9 * release                             a person releases the account
 *   t= 9 * policy minute=3                     from now on
 * What follows `->` is written by the replay: where each instance stands and what holds it, and the effects.
 */
export function replayGroup(text: string, core: GroupCore): string {
  const group = new GroupRun(core, policyOf([]));
  const lines = text
    .trimEnd()
    .split('\n')
    .map((line) => {
      if (line.startsWith('policy')) group.policy = policyOf(line.split(/\s+/).slice(1));
      if (line.startsWith('threshold')) group.threshold = Number(line.split(' ')[1]);
      const match = /^t= *(\d+) (\S+) ([^>]*?)(?: *->.*)?$/.exec(line);
      if (match === null) return line;
      const [, at = '', who = '', said = ''] = match;
      group.now = Number(at) * SECOND;
      const results = keysOf(who).map((key) => tell(group, key, said.trim().split(/\s+/)));
      return `${`t=${at.padStart(4)} ${who.padEnd(4)} ${said.trim()}`.padEnd(32)} -> ${results.join(' | ')}`.trimEnd();
    });
  return lines.join('\n') + '\n';
}

function policyOf(words: readonly string[]): GroupRun['policy'] {
  const set = new Map(words.map((word) => word.split('=') as [string, string]));
  const read = (name: string, otherwise: number): number => Number(set.get(name) ?? otherwise);
  return {
    ...testGuard(),
    maxUnhealthy: { type: 'percent', percent: read('percent', 40) },
    alwaysAllow: read('always', 1),
    stormCooldown: read('cooldown', 60) * SECOND,
    concurrentRestarts: read('concurrent', 9),
    restartsPerMinute: read('minute', 9),
    maxHarmed: read('harmed', 2),
    deadAfter: read('dead', 3600) * SECOND,
  };
}

function keysOf(who: string): readonly string[] {
  const range = /^(.)-(.)$/.exec(who);
  if (range === null) return who.match(/./g) ?? [];
  const [first = 0, last = 0] = [range[1], range[2]].map((letter) => letter?.charCodeAt(0));
  return Array.from({ length: last - first + 1 }, (_, index) => String.fromCharCode(first + index));
}

function tell(group: GroupRun, key: string, words: readonly string[]): string {
  act(group, key, words);
  const effects = inWords(group.effects.splice(0));
  if (key === '*') return effects;
  const { phase, holds } = group.member(key).state;
  const held = holds.length === 0 ? '' : ` (${holds.join(' ')})`;
  return `${phase}${held}${effects === '' ? '' : `; ${effects}`}`;
}

/** Lets the observation happen that a line speaks of. */
export function act(group: GroupRun, key: string, words: readonly string[]): void {
  const [first = '', second = ''] = words;
  if (isCause(first)) {
    group.probe(key, first, second === '' ? group.now : Number(second.replace('from=', '')) * SECOND);
    return;
  }
  switch (first) {
    case 'join':
    case 'leave':
    case 'plan':
      group[first](key);
      return;
    case 'quiet':
      group.probe(key, 'connected', group.now, { since: 0, isShared: false });
      return;
    case 'alive':
      group.heard(key);
      return;
    case 'restart':
      if (second === 'cancelled') group.cancel(key);
      else if (isOutcome(second)) group.end(key, second);
      else throw new Error(`unknown outcome: ${second}`);
      return;
    case 'request':
      group.request(key, second === 'force');
      return;
    case 'look':
      group.step({ type: 'looked' });
      return;
    case 'route':
      group.step({ type: 'health_route', down: second === 'down' });
      return;
    case 'restored':
      group.restore();
      return;
    case 'exhausted':
      group.exhaust(key);
      return;
    case 'release':
      group.release();
      return;
    case 'recall':
      group.step({ type: 'restarts_recalled', count: Number(second) });
      return;
    case 'policy':
      group.policy = policyOf(words.slice(1));
      group.step({ type: 'looked' });
      return;
    default:
      throw new Error(`unknown observation: ${first}`);
  }
}

function isOutcome(word: string): word is Outcome {
  return (OUTCOMES as readonly string[]).includes(word);
}
