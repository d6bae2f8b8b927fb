import type { Context } from 'hono';
import { echoMarkIn } from '../../core/silence/echo.ts';
import { SECOND } from '../../core/time.ts';
import type { AccountWebhooks, WebhookKind, WebhookResult } from '../../core/webhook.ts';
import type { Instance } from '../../runtime/fleet/instance.ts';
import { instanceById } from '../../runtime/fleet/instance-by-id.ts';
import type { HookCall } from '../access/hook-call.ts';
import type { HttpEnv, HttpParts } from '../http-parts.ts';
import { isFromPeer } from '../peers/from-peer.ts';
import { noAnswerOf, nobodyWatches, responseOf } from '../peers/passed-on.ts';
import { PeerError } from '../peers/peers.ts';
import { HttpProblem } from '../problem.ts';
import { answerIn, type HookAnswer, type HookAnswers } from './hook-answer.ts';
import { listedEvents, MOST_EVENTS, type HookEvent } from './listed-events.ts';
import { unmatchedWebhooks, type Mismatch } from './unmatched-webhooks.ts';
import { webhookText, webhookType } from './webhook-text.ts';

export type HookParts = Pick<HttpParts, 'clock' | 'fleet' | 'control' | 'peers' | 'hooks' | 'publish' | 'webhookEnded'>;

/** An account whose webhooks say of which instance they are, and what this one says. */
interface Named {
  readonly account: string;
  readonly id: string;
  readonly kind: WebhookKind;
}

const TOO_MANY = `The body is a list of more than ${MOST_EVENTS} events: send fewer at once.`;
const JSON_TYPE = 'application/json';

/** What is the same for all events of a body. */
interface Delivery {
  readonly readers: Readers;
  readonly contentType: string;
  /** The name of the event in the URL; null: there is none. */
  readonly event: string | null;
  readonly isPassedOn: boolean;
  /** Why the replicas of these accounts gave no answer: they are not called again. */
  readonly unanswered: Map<string, HttpProblem>;
}

/** Takes webhooks that come for whole accounts: the body says which instance they are about. */
export class AccountHook {
  readonly #parts: HookParts;
  readonly #noteUnmatched: ReturnType<typeof unmatchedWebhooks>;

  constructor(parts: HookParts) {
    this.#parts = parts;
    this.#noteUnmatched = unmatchedWebhooks(parts);
  }

  /**
   * Passes it on to the replica that watches its account, once, where that is another one. In a list of events, each is taken by
   * itself.
   *
   * @throws HttpProblem where the body says of no instance which it is
   */
  async take(
    c: Context<HttpEnv>,
    { accounts, event }: HookCall & { readonly isOf: 'accounts' },
  ): Promise<HookAnswer | HookAnswers | Response> {
    const readers = this.#readersFor(accounts, c.req.query('account'));
    const sent = c.req.header('content-type') ?? '';
    const text = await webhookText(c.req.raw.body, { type: sent, coding: c.req.header('content-encoding') });
    if (typeof text !== 'string') throw this.#mismatch('unreadable', readers, text.status, text.message);
    const contentType = webhookType(sent);
    const body = this.#parts.hooks.read(text, contentType);
    const isPassedOn = isFromPeer(c, this.#parts.peers);
    const delivery = { readers, contentType, event, isPassedOn, unanswered: new Map<string, HttpProblem>() };
    const list = listIn(body, readers);
    if (list === null) return await this.#takeOne({ body, text }, delivery);
    if (list.length > MOST_EVENTS) throw this.#mismatch('unreadable', readers, 413, TOO_MANY);
    return await this.#takeEach(listedEvents(list), { ...delivery, contentType: JSON_TYPE });
  }

  /**
   * @throws HttpProblem where none of them can be read, and where the replica of one gave no answer: what was done may be done
   * again, as it is no more than a probe and the time of a sign of life
   */
  async #takeEach(events: readonly HookEvent[], delivery: Delivery): Promise<HookAnswers> {
    const results: HookAnswers['results'] = [];
    const refused: HttpProblem[] = [];
    for (const event of events) {
      try {
        const answer = await this.#takeOne(event, delivery);
        results.push(answer instanceof Response ? await answerIn(answer) : answer);
      } catch (error) {
        if (!(error instanceof HttpProblem)) throw error;
        refused.push(error);
        results.push({ instance: null, result: 'unreadable', probe: null, problem: error.message });
      }
    }
    const unanswered = refused.find(({ response }) => response.status === 503);
    const reason = refused.length === events.length ? refused[0] : unanswered;
    if (reason !== undefined) throw reason;
    return { results };
  }

  async #takeOne({ body, text }: HookEvent, delivery: Delivery): Promise<HookAnswer | Response> {
    const { readers, event } = delivery;
    const named = [...readers].flatMap(([account, reader]): Named[] => {
      const kind = reader.kindOf(body, event);
      return reader.idsIn(body).map((id) => ({ account, id, kind }));
    });
    const mark = echoMarkIn(text);
    // That it is being sent is no echo.
    if (mark !== null && !named.some(({ kind }) => kind === 'sent')) this.#parts.control.echoed(mark);
    const one = this.#oneOf(named, readers);
    if (one === null) {
      this.#count('unknown_instance', readers);
      this.#noteUnmatched('unknown_instance', readers);
      return UNKNOWN;
    }
    const { fleet } = this.#parts;
    if (!fleet().accounts.has(one.account)) {
      // Another replica took this one for the owner, which it is not yet, or no longer.
      if (delivery.isPassedOn) throw nobodyWatches(one.account);
      return await this.#passOn(one.account, text, delivery);
    }
    const instance = instanceById(fleet(), one.account, one.id);
    const answer = instance === undefined ? UNKNOWN : this.#answerFor(instance, one.kind);
    if (instance === undefined) this.#noteUnmatched('unknown_instance', readers);
    this.#parts.webhookEnded(one.account, answer.result);
    return answer;
  }

  /** A state word in it is no verdict: it only leads to a probe, which finds out. */
  #answerFor(instance: Instance, kind: WebhookKind): HookAnswer {
    const { control, clock } = this.#parts;
    const { name, definition, policy, state } = instance;
    if (!definition.enabled) return { instance: name, result: 'disabled', probe: null };
    if (kind === 'message' && policy.activity.silentAfter !== null) control.heard(instance);
    // A message through an instance that is not well may mean that it is back.
    const toProbe = kind === 'connection' || (kind === 'message' && state.phase !== 'healthy');
    const probe = toProbe ? (control.hint(instance) <= clock.now() ? 'now' : 'later') : null;
    const result = kind === 'message' ? 'message' : kind === 'connection' ? 'probe' : 'ignored';
    return { instance: name, result, probe };
  }

  /** @throws HttpProblem where no account is left of which webhooks can be read */
  #readersFor(accounts: readonly string[] | null, wanted: string | undefined): Readers {
    const all = this.#parts.hooks.readers();
    const isMeant = (name: string): boolean =>
      (accounts === null || accounts.includes(name)) && (wanted === undefined || wanted === name);
    const readers = new Map([...all].filter(([name]) => isMeant(name)));
    if (readers.size > 0) return readers;
    const whose = accounts === null ? 'none of the accounts' : accounts.join(', ');
    const detail = `The gateway of ${wanted ?? whose} does not say how its webhooks are read: call /api/v1/hooks/gateway/{name} with the name of the instance, or describe them as webhook in gateways of the configuration.`;
    throw new HttpProblem(400, detail);
  }

  /**
   * The one whose instance it is; null: none watches it. What another replica watches may be more than the config names.
   *
   * @throws HttpProblem where the body names no instance, or several accounts have one of this id
   */
  #oneOf(named: readonly Named[], readers: Readers): Named | null {
    if (named.length === 0) {
      const quoted = [...readers.values()].flatMap(({ idAt }) => idAt.map((place) => `"${place}"`));
      const places = [...new Set(quoted)].join(' or ');
      const accounts = [...readers.keys()].join(', ');
      const detail = `The body names no instance at ${places}, where webhooks of ${accounts} do. Send JSON, with the webhook of this gateway.`;
      throw this.#mismatch('unreadable', readers, 400, detail);
    }
    const { fleet, peers } = this.#parts;
    const isWatched = ({ account, id }: Named): boolean =>
      instanceById(fleet(), account, id) !== undefined || peers?.hasInstance(account, id) === true;
    const watched = firstOfEach(named.filter(isWatched));
    if (watched.length > 1) {
      const these = watched.map(({ account }) => account).join(' and ');
      const detail = `The accounts ${these} both have an instance of this id: add ?account= with the name of the account, or use accounts.<name>.hookToken.`;
      throw this.#mismatch('ambiguous', readers, 409, detail);
    }
    const all = firstOfEach(named);
    const [one] = watched.length > 0 ? watched : all.filter(({ account }) => !fleet().accounts.has(account));
    return one !== undefined && (watched.length > 0 || all.length === 1) ? one : null;
  }

  #mismatch(why: Mismatch, readers: Readers, status: 400 | 409 | 413 | 415, detail: string): HttpProblem {
    this.#count('unreadable', readers);
    this.#noteUnmatched(why, readers);
    return new HttpProblem(status, detail);
  }

  #count(result: WebhookResult, readers: Readers): void {
    const [only, ...others] = readers.keys();
    this.#parts.webhookEnded(others.length === 0 ? (only ?? null) : null, result);
  }

  /** The other one reads it again, so that nothing of it has to be believed twice. */
  async #passOn(account: string, text: string, { contentType, event, unanswered }: Delivery): Promise<Response> {
    const { peers } = this.#parts;
    const before = unanswered.get(account);
    if (before !== undefined) throw before;
    const owner = peers?.ownerOf(account) ?? null;
    if (peers === null || owner === null || owner === 'self') throw nobodyWatches(account);
    const query = new URLSearchParams({ account, ...(event === null ? {} : { event }) });
    const path = `/api/v1/hooks/gateway?${query.toString()}`;
    const headers = { 'content-type': contentType };
    try {
      return responseOf(await peers.call(owner, { method: 'POST', path, headers, body: text, timeout: 10 * SECOND }));
    } catch (error) {
      if (!(error instanceof PeerError)) throw error;
      const problem = noAnswerOf(owner, error);
      unanswered.set(account, problem);
      throw problem;
    }
  }
}

/** The events of a body that is a list; null: it is one event, as far as anybody reads it. */
function listIn(body: unknown, readers: Readers): readonly unknown[] | null {
  if (!Array.isArray(body) || body.length === 0) return null;
  const isOne = [...readers.values()].some(({ idsIn }) => idsIn(body).length > 0);
  return isOne ? null : (body as readonly unknown[]);
}

/** Of each account the surest. */
function firstOfEach(named: readonly Named[]): Named[] {
  return named.filter(({ account }, index) => named.findIndex((other) => other.account === account) === index);
}

const UNKNOWN: HookAnswer = { instance: null, result: 'unknown_instance', probe: null };

type Readers = ReadonlyMap<string, AccountWebhooks>;
