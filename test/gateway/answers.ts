import type { Answer } from '../../src/gateway/answers/answer.ts';
import { compileClassifier, type Classifier, type ClassifierOptions } from '../../src/gateway/answers/classify.ts';
import type { ProbeResult, RestartResult } from '../../src/gateway/gateway.ts';
import { Masks } from '../../src/redaction/masks.ts';
import type { Profile } from '../../src/gateway/profiles/profile.ts';
import { builtInGateway } from '../../src/config/gateways/built-in.ts';

/** The profile of a gateway that comes with the program. */
export function builtIn(name: string): Profile {
  const found = builtInGateway(name);
  if (found === null) throw new Error(`there is no built-in gateway ${name}`);
  return found.profile;
}

export const TOKEN = 'tok-3f9a/1';
const MASKS = new Masks(() => [TOKEN]);

export function compile(options: Partial<ClassifierOptions> = {}, profile = builtIn('smileapi')): Classifier {
  return compileClassifier(profile, {
    statePath: null,
    stateWords: {},
    masks: MASKS,
    ...options,
  });
}

/** An answer; anything but a text or bytes is sent as JSON. */
export function answer(body: unknown, { status = 200, ...rest }: Partial<Answer> = {}): Answer {
  const isRaw = typeof body === 'string' || Buffer.isBuffer(body);
  return {
    status,
    contentType: 'application/json',
    retryAfter: null,
    truncated: false,
    body: isRaw ? body : JSON.stringify(body),
    ...rest,
  };
}

/** The meaning of the first answer of an account. */
export function probe(body: unknown, rest?: Partial<Answer>): ProbeResult {
  return compile().probe(answer(body, rest));
}

export function restart(body: unknown, rest?: Partial<Answer>): RestartResult {
  return compile().restart(answer(body, rest));
}
