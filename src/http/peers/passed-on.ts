import { HttpProblem } from '../problem.ts';
import { PeerError, type Peer, type PeerAnswer } from './peers.ts';

/** What the API answers with. A browser would run the scripts of anything else. */
const CONTENT_TYPES = /^(?:application\/(?:problem\+)?json|text\/csv)(?:;|$)/i;

/**
 * The answer of another replica, for the client.
 *
 * @throws PeerError when it is none of a replica: something else may answer where that says that it does
 */
export function responseOf({ status, contentType, body }: PeerAnswer): Response {
  const isAnswer = (status >= 200 && status < 300 && ![204, 205].includes(status)) || (status >= 400 && status < 600);
  if (!isAnswer || !CONTENT_TYPES.test(contentType)) throw new PeerError('what it answers is not of a replica', true);
  return new Response(body, { status, headers: { 'content-type': contentType } });
}

/** The answer for a client whose request was passed on in vain. @param doubt what else is to be said; empty: nothing */
export function noAnswerOf({ replica }: Peer, { message }: PeerError, doubt = ''): HttpProblem {
  return new HttpProblem(503, `The replica ${replica} watches it, and gave no answer: ${message}.${doubt}`);
}

/** The answer while an account changes its owner. */
export function nobodyWatches(account: string): HttpProblem {
  const detail = `No replica is known to watch the account ${account} now; try again in a few seconds.`;
  return new HttpProblem(503, detail, { 'retry-after': '5' });
}
