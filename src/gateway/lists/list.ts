import { createHash } from 'node:crypto';
import { verdictOf, type Cause } from '../../core/verdict.ts';
import { MOST_LISTED, type ListedInstance, type ListResult, type ProbeResult } from '../gateway.ts';
import type { Profile } from '../profiles/profile.ts';
import { normalizeWord } from '../profiles/words.ts';
import { parseBody, type Answer } from '../answers/answer.ts';
import { compileRules } from '../answers/conditions.ts';
import { keysOf, valueAt } from '../answers/places.ts';
import { isSuccess } from '../answers/status.ts';
import { idOf, LONGEST_ID } from '../answers/webhook.ts';
import { meaningsOf } from '../answers/state-reading.ts';
import { leadsOn, onlyPageAs, pagesOf } from './pages.ts';

/** At most this many bytes of a list are read: some gateways write two kilobytes about each instance. */
export const LIST_LIMIT = 8 * 1024 * 1024;

/** Also what cannot be seen: two names that look alike must be the same. */
const HIDDEN = /[\p{Control}\p{Cf}\p{Surrogate}\p{Zl}\p{Zp}\u{a0}]/u;
const LONGEST_TOKEN = 4_096;

/**
 * Prepares the reading of lists. Whatever the gateway writes there is bounded in number and length; what is no instance
 * is counted. An id that stands there twice is taken once, and nothing is believed of its state.
 *
 * @param failed what an answer means that brings no list
 */
export function compileList(
  { list, state }: Pick<Profile, 'list' | 'state'>,
  stateWords: Readonly<Record<string, Cause>>,
  failed: (answer: Answer) => ProbeResult,
): (answer: Answer) => ListResult {
  if (list === null) return () => noList('unknown_state', 'the gateway has no list of its instances');
  const rules = compileRules(list.rules, stateWords);
  const words = meaningsOf(state.words, stateWords);
  const [itemsAt, idAt] = [keysOf(list.items), keysOf(list.id)];
  const stateAt = list.state === null ? null : keysOf(list.state);
  const tokenAt = list.token === null ? null : keysOf(list.token);
  // Most items have one of a few words, as they are.
  const causeOfWord = (word: string): Cause | null =>
    words.get(word) ?? words.get(normalizeWord(word.slice(0, LONGEST_ID))) ?? null;
  const causeOf = (item: unknown): Cause | null => {
    const word = stateAt === null ? undefined : valueAt(item, stateAt);
    return rules(200, item)?.cause ?? (typeof word === 'string' ? causeOfWord(word) : null);
  };
  const read = (answer: Answer): ListResult => {
    const body = parseBody(answer);
    const items = body.json && isSuccess(answer.status) ? valueAt(body.value, itemsAt) : undefined;
    if (!Array.isArray(items) || !body.json) return withoutList(answer, failed, list.items);
    const pages = pagesOf(list, body.value, items.length);
    if (typeof pages === 'string') return noList('unknown_state', pages);
    const found = new Map<string, ListedInstance>();
    let unusable = 0;
    for (const item of items as unknown[]) {
      const id = idIn(valueAt(item, idAt));
      if (id === null || (found.size >= MOST_LISTED && !found.has(id))) unusable += 1;
      else if (found.has(id)) found.set(id, { id, token: found.get(id)?.token ?? null, cause: null });
      else
        found.set(id, { id, token: tokenAt === null ? null : tokenIn(valueAt(item, tokenAt)), cause: causeOf(item) });
    }
    return { type: 'listed', instances: [...found.values()], unusable, ...(pages > 1 && { pages }) };
  };
  let last: { readonly digest: string; readonly result: ListResult } | null = null;
  return (answer) => {
    if (answer.truncated) return noList('unreadable', `the list is longer than ${LIST_LIMIT / 1024 / 1024} MiB`);
    if (isSuccess(answer.status) && leadsOn(list, answer.link))
      return noList('unknown_state', onlyPageAs('header Link'));
    // As long as nothing changes, most gateways say the same, byte for byte; to read that takes several times as long as to see it.
    const digest = createHash('sha256').update(answer.body).digest('base64');
    if (last?.digest === digest && isSuccess(answer.status) && answer.undecoded === undefined) return last.result;
    const result = read(answer);
    last = result.type === 'listed' ? { digest, result } : null;
    return result;
  };
}

/** A success without a list says nothing about instances, whatever it reads like. */
function withoutList(answer: Answer, failed: (answer: Answer) => ProbeResult, place: string): ListResult {
  const { cause, detail, retryAfter } = failed(answer);
  const where = place === '' ? 'is no list' : `holds no list at ${place}`;
  if (isSuccess(answer.status) && (cause === 'unknown_state' || verdictOf(cause) === 'healthy'))
    return noList('unknown_state', `the answer ${where}`);
  return { type: 'failed', cause, detail, retryAfter };
}

function noList(cause: Cause, detail: string): ListResult {
  return { type: 'failed', cause, detail, retryAfter: null };
}

/** The id of an instance, if it can be one that is requested; null: it cannot. */
function idIn(value: unknown): string | null {
  const text = idOf(value);
  // Nearly all are numbers or plain names.
  if (text === null || /^[\w-]+$/.test(text)) return text;
  return text === '.' || text === '..' || text.trim() !== text || HIDDEN.test(text) ? null : text;
}

/** A token that a header can carry; null: there is none. */
function tokenIn(value: unknown): string | null {
  return typeof value === 'string' && value.length <= LONGEST_TOKEN && /^[\x21-\x7e]+$/.test(value) ? value : null;
}
