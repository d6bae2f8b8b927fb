import type { EpochMs } from '../../core/time.ts';
import { verdictOf } from '../../core/verdict.ts';
import type { ListResult, ProbeResult, RestartResult } from '../gateway.ts';
import { compileList } from '../lists/list.ts';
import type { Profile } from '../profiles/profile.ts';
import { compileRemedies } from '../profiles/remedies.ts';
import type { Masks } from '../../redaction/masks.ts';
import { compileActivity } from './activity.ts';
import { parseBody, type Answer } from './answer.ts';
import { compileRules } from './conditions.ts';
import { byFinding, ProbeRules, type ProbeOptions } from './probe-rules.ts';
import { RestartRules } from './restart-rules.ts';
import { compileBodyReader } from './texts/body-reader.ts';
import { Phrasing } from './texts/phrasing.ts';

export interface ClassifierOptions extends ProbeOptions {
  /** What is never shown, wherever the gateway repeats it. */
  readonly masks: Masks;
}

/**
 * Turns a gateway's answer into its meaning. No answer makes it throw. It remembers one thing: whether answers have
 * named a state. A gateway that names states names them always, so an answer without one then says nothing.
 */
export interface Classifier {
  probe(answer: Answer): ProbeResult;
  /** As if an answer had named a state: a former process found an instance connected. */
  readonly expectStates: () => void;
  /** What the answer to the second question adds to the first; null: nothing. */
  detail(answer: Answer): ProbeResult | null;
  restart(answer: Answer): RestartResult;
  /** What instances an answer to the question for all of them names. */
  list(answer: Answer): ListResult;
}

/** Prepares the profile's tables once. */
export function compileClassifier(profile: Profile, options: ClassifierOptions): Classifier {
  const { statePath, stateWords, masks } = options;
  const reader = compileBodyReader(statePath);
  const phrase = new Phrasing(masks, reader);
  const probe = new ProbeRules(profile, options, reader, phrase);
  const detail = compileRules(profile.detail?.rules ?? [], stateWords);
  const restart = new RestartRules(profile, reader, phrase, masks);
  const finish = compileFinish(profile);
  const lastIn = compileActivity(profile);
  return {
    probe: (answer) => withActivity(finish(probe.classify(answer)), lastIn(answer)),
    expectStates: () => probe.expectStates(),
    detail(answer) {
      const body = parseBody(answer);
      const found = body.json ? detail(answer.status, body.value) : null;
      return found === null ? null : finish(byFinding(found, answer, body, phrase));
    },
    restart: (answer) => restart.classify(answer),
    list: compileList(profile, stateWords, (answer) => probe.classify(answer)),
  };
}

function withActivity(result: ProbeResult, lastActivityAt: EpochMs | null): ProbeResult {
  return lastActivityAt === null ? result : { ...result, lastActivityAt };
}

/** Leaves out the word where nothing is chosen by it, and says where only a known instance has a remedy. */
function compileFinish({ remedies, detail }: Profile): (result: ProbeResult) => ProbeResult {
  const byWord = detail !== null || remedies.some(({ on }) => on.length > 0);
  const choice = compileRemedies(remedies);
  const mayBeNew = remedies.some(({ knownOnly }) => knownOnly);
  return (found) => {
    const verdict = verdictOf(found.cause);
    if (verdict === 'healthy') return found;
    const { word, ...plain } = found;
    const shown = byWord && word !== undefined ? found : plain;
    if (!mayBeNew || verdict !== 'unhealthy' || word === undefined) return shown;
    return choice(word)?.knownOnly === true ? { ...shown, knownOnly: true } : shown;
  };
}
