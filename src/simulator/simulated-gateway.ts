import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../time/clock.ts';
import {
  ANSWERS,
  cannotAnswer,
  jsonAnswer,
  MALFORMED_PATH,
  NOT_FOUND,
  UNAUTHORIZED,
  type AnswerBook,
  type Delivery,
} from './instance/answers.ts';
import {
  behaviourOf,
  type Behaviour,
  type CustomAnswer,
  type DurationMs,
  type EpochMs,
  type Preset,
  type ProbeAnswer,
} from './instance/behaviour.ts';
import { deliver } from './instance/delivery.ts';
import type { Dialect } from './dialect.ts';
import { jsonOf } from './sent-message.ts';
import { isAuthorizedBy } from './raw-headers.ts';
import { recordedRequest, type RawRequest } from './request-log.ts';
import { probePath, requestTarget, type RequestTarget } from './request-target.ts';
import { SimulatedInstance } from './instance/simulated-instance.ts';
import {
  phoneNumberIdAt,
  UnknownInstanceError,
  type InstanceCounts,
  type RecordedRequest,
  type RequestTotals,
  type SimulatorOptions,
} from './simulator.ts';

const HEALTHY = jsonAnswer(200, { status: 'ok' });
const UNHEALTHY = jsonAnswer(503, { status: 'error' });

/** The simulated SmileAPI without its socket: the instances, their behaviour, and the requests it received. */
export class SimulatedGateway {
  readonly #clock: Clock;
  readonly #username: string | null;
  readonly #authorization: string | null;
  readonly #dialect: Dialect | null;
  readonly #answers: AnswerBook;
  readonly #logLimit: number;
  readonly #instances = new Map<string, SimulatedInstance>();
  /** The newest requests, oldest first. */
  readonly #log: RawRequest[] = [];
  /** Parsed probe paths: they are requested repeatedly, so each is parsed once. */
  readonly #probeTargets = new Map<string, RequestTarget>();
  readonly #listeners = new Set<(request: RecordedRequest) => void>();
  readonly #totals = { total: 0, probes: 0, restarts: 0, health: 0, lists: 0, unauthorized: 0, unmatched: 0, sent: 0 };
  readonly #webhook: string | null;
  /** Instances that answer probes as ever, and through which no message comes. */
  readonly deaf = new Set<string>();
  #healthy = true;
  #list: Delivery | null = null;

  constructor(options: SimulatorOptions) {
    this.#clock = options.clock;
    this.#dialect = options.dialect ?? null;
    this.#webhook = options.webhook ?? null;
    this.#username = this.#dialect === null ? options.username : null;
    this.#authorization = this.#dialect !== null || options.token === null ? null : `Bearer ${options.token}`;
    this.#answers = this.#dialect?.answers ?? ANSWERS;
    this.#logLimit = options.logLimit ?? 1_000;
    for (const [phoneNumberId, what] of initialInstances(options.instances)) this.set(phoneNumberId, what);
  }

  phoneNumberIds(): readonly string[] {
    return [...this.#instances.keys()];
  }

  /** Sets the behaviour of one instance; an unknown id becomes a new instance. Counts are kept. */
  set(phoneNumberId: string, what: Preset | Behaviour): void {
    const now = this.#clock.now();
    const behaviour = behaviourOf(what);
    const instance = this.#instances.get(phoneNumberId);
    if (instance === undefined) {
      this.#instances.set(phoneNumberId, new SimulatedInstance(phoneNumberId, behaviour, now, this.#answers));
      if (this.#username === null) return;
      const path = probePath(this.#username, phoneNumberId);
      this.#probeTargets.set(path, { kind: 'probe', username: this.#username, phoneNumberId });
    } else {
      instance.become(behaviour, now);
    }
  }

  /** Sets the behaviour of every instance. */
  setAll(what: Preset | Behaviour): void {
    const now = this.#clock.now();
    const behaviour = behaviourOf(what);
    for (const instance of this.#instances.values()) instance.become(behaviour, now);
  }

  /** Whether the gateway's own health route answers 200 (from the start) or 503. */
  setHealthy(healthy: boolean): void {
    this.#healthy = healthy;
  }

  /** Lets the instance be gone: the gateway neither lists it nor knows it. */
  remove(phoneNumberId: string): void {
    this.#instances.delete(phoneNumberId);
  }

  /** What the gateway answers to the question for all instances; null: all that it has. */
  setList(answer: CustomAnswer | 'hanging' | null): void {
    this.#list = answer === null ? null : answer === 'hanging' ? { manner: 'never' } : this.#answers.probe(answer, '');
  }

  /** What the instance does now. Throws UnknownInstanceError. */
  behaviour(phoneNumberId: string): Behaviour {
    return this.#instance(phoneNumberId).behaviour(this.#clock.now());
  }

  /** Throws UnknownInstanceError. */
  counts(phoneNumberId: string): InstanceCounts {
    return this.#instance(phoneNumberId).counts();
  }

  requests(): RequestTotals {
    return { ...this.#totals };
  }

  /** The newest requests, oldest first, at most `logLimit`. */
  log(): readonly RecordedRequest[] {
    return this.#log.map(recordedRequest);
  }

  /** Calls the listener for every request once it is counted and before it is answered. The result unsubscribes. */
  onRequest(listener: (request: RecordedRequest) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Answers one request, as `node:http` passes it. */
  handle(request: IncomingMessage, response: ServerResponse): void {
    const { method = 'GET', url: path = '/', rawHeaders } = request;
    if (this.#dialect !== null) {
      this.#handleInDialect(this.#dialect, request, response);
      return;
    }
    const known = method === 'GET' ? this.#probeTargets.get(path) : undefined;
    const target = known ?? requestTarget(method, path);
    const phoneNumberId = 'phoneNumberId' in target ? target.phoneNumberId : null;
    const raw = this.#noted({ at: this.#clock.now(), kind: target.kind, phoneNumberId, method, path, rawHeaders });
    if (target.kind === 'health') this.#answer(raw, 'health', this.#healthy ? HEALTHY : UNHEALTHY, response);
    else if (target.kind === 'other') {
      const answer = target.problem === 'malformed' ? MALFORMED_PATH : cannotAnswer(raw);
      this.#answer(raw, 'unmatched', answer, response);
    } else if (!this.#admits(target.username, rawHeaders)) {
      this.#answer(raw, 'unauthorized', UNAUTHORIZED, response);
    } else {
      const instance = this.#instances.get(target.phoneNumberId);
      if (instance === undefined) this.#answer(raw, 'unmatched', NOT_FOUND, response);
      else this.#handleInstance(instance, target.kind, raw, response);
    }
  }

  #noted(raw: RawRequest): RawRequest {
    this.#totals.total += 1;
    this.#log.push(raw);
    if (this.#log.length > this.#logLimit) this.#log.shift();
    return raw;
  }

  #handleInDialect(dialect: Dialect, request: IncomingMessage, response: ServerResponse): void {
    const { method = 'GET', url: path = '/', rawHeaders } = request;
    const now = this.#clock.now();
    const target = dialect.target(
      method,
      path,
      rawHeaders,
      (id) => this.#instances.get(id)?.behaviour(now).probe ?? null,
    );
    const kind =
      target.kind === 'probe' || target.kind === 'restart' || target.kind === 'health' ? target.kind : 'other';
    const phoneNumberId = 'phoneNumberId' in target ? target.phoneNumberId : null;
    const raw = this.#noted({ at: now, kind, phoneNumberId, method, path, rawHeaders });
    const instance = phoneNumberId === null ? undefined : this.#instances.get(phoneNumberId);
    if (target.kind === 'health') this.#answer(raw, 'health', this.#healthy ? dialect.health : UNHEALTHY, response);
    else if (target.kind === 'list') {
      this.#answer(raw, 'lists', this.#list ?? dialect.listed(this.#states(now)), response);
    } else if (target.kind === 'send') void this.#sendMessage(dialect, target.phoneNumberId, request, response, raw);
    else if (target.kind === 'said') this.#answer(raw, null, target.answer, response);
    else if (target.kind === 'other') this.#answer(raw, 'unmatched', cannotAnswer(raw), response);
    else if (target.kind === 'unauthorized') {
      this.#answer(raw, 'unauthorized', dialect.answers.probe('unauthorized', target.phoneNumberId), response);
    } else if (instance === undefined) {
      this.#answer(raw, 'unmatched', dialect.answers.probe('not_found', target.phoneNumberId), response);
    } else this.#handleInstance(instance, target.kind, raw, response);
  }

  /** Accepts it, and calls the webhook, as far as the instance is connected and not deaf. */
  async #sendMessage(
    dialect: Dialect,
    phoneNumberId: string | null,
    request: IncomingMessage,
    response: ServerResponse,
    raw: RawRequest,
  ): Promise<void> {
    const message = dialect.sent(phoneNumberId, await jsonOf(request, response));
    const instance = this.#instances.get(message.phoneNumberId);
    if (instance === undefined) {
      this.#answer(raw, 'unmatched', NOT_FOUND, response);
      return;
    }
    this.#totals.sent += 1;
    this.#answer(raw, null, jsonAnswer(201, {}), response);
    const isHeard = [message.phoneNumberId, message.to].every((id) => {
      const isConnected = (this.#instances.get(id)?.behaviour(raw.at).probe ?? 'connected') === 'connected';
      return isConnected && !this.deaf.has(id);
    });
    const body = isHeard ? dialect.webhookOf(message, this.#instances.has(message.to)) : null;
    if (this.#webhook === null || body === null) return;
    const headers = { 'content-type': 'application/json' };
    // Nobody there is no trouble of the gateway.
    await fetch(this.#webhook, { method: 'POST', headers, body }).catch(() => undefined);
  }

  #states(now: EpochMs): ReadonlyMap<string, ProbeAnswer> {
    return new Map([...this.#instances].map(([id, instance]) => [id, instance.behaviour(now).probe]));
  }

  /** @param counted among which requests it counts; null: among all alone */
  #answer(
    raw: RawRequest,
    counted: keyof RequestTotals | null,
    delivery: Delivery,
    response: ServerResponse,
    latency: DurationMs = 0,
  ): void {
    if (counted !== null) this.#totals[counted] += 1;
    if (this.#listeners.size > 0) {
      const request = recordedRequest(raw);
      for (const listener of this.#listeners) listener(request);
    }
    deliver(delivery, response, this.#clock, latency);
  }

  #handleInstance(
    instance: SimulatedInstance,
    kind: 'probe' | 'restart',
    raw: RawRequest,
    response: ServerResponse,
  ): void {
    const { delivery, latency } =
      kind === 'probe' ? instance.probe(raw.at, raw.rawHeaders) : instance.restart(raw.at, raw.rawHeaders, raw);
    this.#answer(raw, `${kind}s`, delivery, response, latency);
  }

  #admits(username: string, rawHeaders: readonly string[]): boolean {
    if (this.#username !== null && username !== this.#username) return false;
    return this.#authorization === null || isAuthorizedBy(rawHeaders, this.#authorization);
  }

  #instance(phoneNumberId: string): SimulatedInstance {
    const instance = this.#instances.get(phoneNumberId);
    if (instance === undefined) throw new UnknownInstanceError(phoneNumberId);
    return instance;
  }
}

function initialInstances(instances: SimulatorOptions['instances']): [string, Preset | Behaviour][] {
  if (typeof instances !== 'number') return Object.entries(instances);
  return Array.from({ length: instances }, (_, index) => [phoneNumberIdAt(index), 'connected']);
}
