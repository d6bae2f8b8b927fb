import { ANSWERS, jsonAnswer, type AnswerBook, type Delivery, type Whole } from './instance/answers.ts';
import type { ProbeAnswer, RestartAnswer } from './instance/behaviour.ts';
import { readerOf, valuesIn, type SentMessage } from './sent-message.ts';
import { headersOf } from './raw-headers.ts';

/** A gateway as data, as far as the simulator plays it: what `gateways/*.yaml` say, read by somebody else. */
export interface GatewayShape {
  readonly headers: Readonly<Record<string, string>>;
  readonly basic: readonly string[] | null;
  readonly probe: RequestShape;
  readonly detail: { readonly request: RequestShape } | null;
  readonly health: { readonly request: RequestShape } | null;
  readonly list: { readonly request: RequestShape; readonly items: string; readonly partial: boolean } | null;
  readonly send: (RequestShape & { readonly body?: unknown; readonly toSelf: boolean }) | null;
  readonly remedies: readonly { readonly on: readonly string[]; readonly steps: readonly RequestShape[] }[];
  readonly examples: Readonly<Record<string, { readonly status: number; readonly body: unknown }>>;
}

interface RequestShape {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** What a request is to a gateway of this kind. */
export type DialectTarget =
  | { readonly kind: 'probe' | 'restart' | 'unauthorized'; readonly phoneNumberId: string }
  /** Answered at once, without an effect. */
  | { readonly kind: 'said'; readonly phoneNumberId: string | null; readonly answer: Whole }
  | { readonly kind: 'health' }
  | { readonly kind: 'list' }
  /** A message is to be sent; where nothing but its body names the instance, the id is null. */
  | { readonly kind: 'send'; readonly phoneNumberId: string | null }
  | { readonly kind: 'other' };

interface Route {
  readonly method: string;
  readonly valuesIn: ReturnType<typeof readerOf>;
  /** Holds the token; undefined: none does. */
  readonly header: readonly [name: string, template: string] | undefined;
  readonly what:
    'probe' | 'detail' | 'health' | 'list' | 'send' | { readonly remedy: number; readonly isLast: boolean };
}

/** Which example shows what an instance does; what has none keeps the general answer. */
const SITUATIONS: Readonly<Partial<Record<string, string>>> = {
  connected: 'healthy',
  disconnected: 'lost',
  connecting: 'connecting',
  qr: 'pairing',
  banned: 'banned',
  unauthorized: 'wrongToken',
  not_found: 'unknown',
  accepted: 'accepted',
  denied: 'refused',
};

/** What a gateway that has no answer of its own for something says in its place. */
const INSTEAD: Readonly<Record<string, readonly string[]>> = {
  banned: ['pairing', 'lost'],
  pairing: ['lost'],
  connecting: ['lost'],
};

/** How one kind of gateway is spoken to, and what it answers: the routes and examples of its description. */
export class Dialect {
  readonly answers: AnswerBook;
  readonly #shape: GatewayShape;
  readonly #token: string;
  readonly #routes: readonly Route[];

  /** @param token that of the account; where not every path names the instance, each has `token-id` of its own */
  constructor(shape: GatewayShape, token: string) {
    this.#shape = shape;
    this.#token = token;
    const { probe, detail, health, list, send, remedies } = shape;
    const steps = remedies.flatMap(({ steps: calls }, remedy) =>
      calls.map((call, index) => this.#route(call, { remedy, isLast: index === calls.length - 1 })),
    );
    this.#routes = [
      this.#route(probe, 'probe'),
      ...(detail === null ? [] : [this.#route(detail.request, 'detail')]),
      ...(health === null ? [] : [this.#route(health.request, 'health')]),
      ...(list === null ? [] : [this.#route(list.request, 'list')]),
      ...(send === null ? [] : [this.#route(send, 'send')]),
      ...steps,
    ];
    this.answers = {
      probe: (answer, id) => this.#own(answer, id) ?? ANSWERS.probe(answer, id),
      restart: (answer, id, line) => this.#own(answer, id) ?? ANSWERS.restart(answer, id, line),
    };
  }

  /** The answer of the gateway's own health route. */
  get health(): Delivery {
    return this.#example('health', '') ?? jsonAnswer(200, { status: 'ok' });
  }

  /** Whether each instance has a token of its own, because not every path names it. */
  get hasOwnTokens(): boolean {
    const { probe, remedies } = this.#shape;
    return [probe, ...remedies.flatMap(({ steps }) => steps)].some(
      ({ path }) => !/\{(?:id|phoneNumberId)\}/u.test(path),
    );
  }

  /** The token with which the gateway is asked about an instance. */
  tokenOf(phoneNumberId: string): string {
    return this.hasOwnTokens ? `${this.#token}-${phoneNumberId}` : this.#token;
  }

  /**
   * What a request is. A call of a remedy that is not meant for the state of the instance is refused.
   *
   * @param stateOf what the instance answers to probes now; null: there is none
   */
  target(
    method: string,
    path: string,
    rawHeaders: readonly string[],
    stateOf: (phoneNumberId: string) => ProbeAnswer | null,
  ): DialectTarget {
    const headers = headersOf(rawHeaders);
    const found = this.#routes
      .filter((route) => route.method === method)
      .flatMap((route) => {
        const inPath = route.valuesIn(path);
        return inPath === null ? [] : [{ route, inPath }];
      });
    const [first] = found;
    if (first === undefined) return { kind: 'other' };
    if (first.route.what === 'health') return { kind: 'health' };
    const { id = null, token = tokenIn(first.route, headers) } = decoded(first.inPath);
    if (first.route.what === 'list') {
      // Where each instance has a token of its own, another one is shown for the list.
      const isWrong = !this.hasOwnTokens && token !== null && token !== this.#token;
      return isWrong ? this.#says('wrongToken', '') : { kind: 'list' };
    }
    if (first.route.what === 'send') return this.#sendTarget(token, id, headers);
    const phoneNumberId = id ?? this.#ownerOf(token) ?? '';
    if (token !== null && token !== this.tokenOf(phoneNumberId)) return { kind: 'unauthorized', phoneNumberId };
    if (first.route.what === 'probe') return { kind: 'probe', phoneNumberId };
    // Nothing more is known of it than what the first question showed.
    if (first.route.what === 'detail') return { kind: 'said', phoneNumberId, answer: jsonAnswer(200, []) };
    const meant = this.#remedyFor(stateOf(phoneNumberId), phoneNumberId);
    const call = found
      .map(({ route: { what } }) => what)
      .find((what) => typeof what === 'object' && what.remedy === meant);
    if (typeof call !== 'object') return this.#says('refused', phoneNumberId);
    return call.isLast ? { kind: 'restart', phoneNumberId } : this.#says('accepted', phoneNumberId);
  }

  /** The instance that a token of its own names; null: it is none. */
  #ownerOf(token: string | null): string | null {
    return token?.startsWith(`${this.#token}-`) === true ? token.slice(this.#token.length + 1) : null;
  }

  #sendTarget(token: string | null, inPath: string | null, headers: Readonly<Record<string, string>>): DialectTarget {
    const own = this.#ownerOf(token);
    // Some name the instance in a header.
    const named = Object.entries(this.#shape.send?.headers ?? {}).find(([, template]) => template === '{id}')?.[0];
    const inHeader = named === undefined ? null : (headers[named.toLowerCase()] ?? null);
    const phoneNumberId = inPath ?? inHeader ?? own;
    const isRight = token === null || token === this.#token || own !== null;
    return isRight ? { kind: 'send', phoneNumberId } : { kind: 'unauthorized', phoneNumberId: phoneNumberId ?? '' };
  }

  /** What a request to send a message says. */
  sent(phoneNumberId: string | null, body: unknown): SentMessage {
    const { id = '', to = '', text = '' } = valuesIn(this.#shape.send?.body, body);
    return { phoneNumberId: phoneNumberId ?? id, to, text };
  }

  /**
   * The body of the webhook of a message; null: there is none, or nothing is known of it.
   *
   * @param arrives whether the one that gets it is an instance, too
   */
  webhookOf({ phoneNumberId, to, text }: SentMessage, arrives: boolean): string | null {
    const { message } = this.#shape.examples;
    const isOwn = !arrives || to === phoneNumberId;
    if (message === undefined || (isOwn && this.#shape.send?.toSelf !== true)) return null;
    return JSON.stringify(filled(message.body, isOwn ? phoneNumberId : to))
      .replaceAll('{from}', phoneNumberId)
      .replaceAll('{text}', text);
  }

  #says(situation: string, phoneNumberId: string): DialectTarget {
    const answer = this.#example(situation, phoneNumberId) ?? jsonAnswer(200, {});
    return { kind: 'said', phoneNumberId, answer };
  }

  /** The first remedy of which a word stands in the answer to a probe, or that needs none. */
  #remedyFor(state: ProbeAnswer | null, phoneNumberId: string): number {
    const { examples, remedies } = this.#shape;
    const body = typeof state === 'string' ? examples[SITUATIONS[state] ?? '']?.body : undefined;
    const texts = new Set(textsIn(filled(body, phoneNumberId)).map((text) => text.toLowerCase()));
    return remedies.findIndex(({ on }) => on.length === 0 || on.some((word) => texts.has(word.toLowerCase())));
  }

  #own(answer: ProbeAnswer | RestartAnswer, phoneNumberId: string): Whole | null {
    return typeof answer === 'string' ? this.#example(SITUATIONS[answer], phoneNumberId) : null;
  }

  #example(situation: string | undefined, phoneNumberId: string): Whole | null {
    const { examples } = this.#shape;
    const played = [situation, ...(INSTEAD[situation ?? ''] ?? [])].find(
      (each) => each !== undefined && Object.hasOwn(examples, each),
    );
    const example = played === undefined ? undefined : examples[played];
    return example === undefined ? null : jsonAnswer(example.status, filled(example.body, phoneNumberId));
  }

  /**
   * The answer that names these instances, made of the items of its example: the first one is of a healthy instance, the
   * second one, if there is one, of a lost one.
   *
   * @param instances what each answers to probes now
   */
  listed(instances: ReadonlyMap<string, ProbeAnswer>): Delivery {
    const { list, examples } = this.#shape;
    const { status = 200, body = [] } = examples['list'] ?? {};
    const items = [...instances].flatMap(([id, probe]) => {
      const [well, lost = well] = itemsIn(body, list?.items ?? '');
      if (list?.partial === true && probe !== 'connected') return [];
      return [filled(probe === 'connected' ? well : lost, id, this.tokenOf(id))];
    });
    return jsonAnswer(status, withItems(body, list?.items ?? '', items));
  }

  #route({ method, path, headers }: RequestShape, what: Route['what']): Route {
    const { basic } = this.#shape;
    const login: [string, string][] = basic === null ? [] : [['Authorization', `Basic ${basic.join(':')}`]];
    const own = Object.entries({ ...this.#shape.headers, ...headers });
    return {
      method: method === 'auto' ? 'POST' : method,
      valuesIn: readerOf(path.replaceAll('{phoneNumberId}', '{id}'), '([^/?&]+)'),
      header: [...login, ...own].find(([, template]) => template.includes('{token}')),
      what,
    };
  }
}

/** The token that stands in the headers, or an empty text where it should stand and does not; null: it stands in none. */
function tokenIn({ header }: Route, sent: Readonly<Record<string, string>>): string | null {
  if (header === undefined) return null;
  const [name, template] = header;
  const said = sent[name.toLowerCase()] ?? '';
  const value = template.startsWith('Basic ') ? `Basic ${atob(said.slice('Basic '.length))}` : said;
  return readerOf(template)(value)?.['token'] ?? '';
}

function decoded(values: Readonly<Record<string, string>>): Partial<Record<string, string>> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, decodeURIComponent(value)]));
}

function filled(body: unknown, phoneNumberId: string, token = ''): unknown {
  if (typeof body === 'string') return body.replaceAll('{id}', phoneNumberId).replaceAll('{token}', token);
  if (typeof body !== 'object' || body === null) return body;
  if (Array.isArray(body)) return body.map((item) => filled(item, phoneNumberId, token));
  return Object.fromEntries(Object.entries(body).map(([key, value]) => [key, filled(value, phoneNumberId, token)]));
}

/** The list at a place of a body, which is one key, or empty where the body is the list. */
function itemsIn(body: unknown, place: string): readonly unknown[] {
  const items = place === '' ? body : (body as Readonly<Record<string, unknown>>)[place];
  return Array.isArray(items) ? items : [];
}

function withItems(body: unknown, place: string, items: readonly unknown[]): unknown {
  return place === '' ? items : { ...(body as object), [place]: items };
}

function textsIn(body: unknown): string[] {
  if (typeof body === 'string') return [body];
  return typeof body === 'object' && body !== null ? Object.values(body).flatMap(textsIn) : [];
}
