import { z } from '@hono/zod-openapi';
import { request } from 'undici';
import type { Problem } from '../../core/problem.ts';
import type { ReloadCounts } from '../../core/reload.ts';
import { MINUTE, SECOND, type DurationMs } from '../../core/time.ts';
import { EventView, InstanceView, list, RestartRecordView, StatusView, view } from '../../http/views/schemas.ts';
import { textUpTo } from '../../network/text-up-to.ts';
import { shortened } from '../../redaction/clean-text.ts';
import { Masks } from '../../redaction/masks.ts';
import { maskNamedValues } from '../../redaction/named-values.ts';
import { redactText } from '../../redaction/outside-text.ts';
import { deadline, type Clock } from '../../time/clock.ts';
import { CommandError, type Terminal } from '../terminal.ts';
import { isBuiltAs } from './answer-shape.ts';

export const DEFAULT_URL = 'http://127.0.0.1:9847';

/** An answer may take this long; a restart call gets its own time in addition. */
const TIMEOUT: DurationMs = 15 * SECOND;
const PROBE_TIMEOUT: DurationMs = MINUTE;
/** A large config takes a while to read. */
const RELOAD_TIMEOUT: DurationMs = 2 * MINUTE;
/** A page of instances takes some hundred KiB; a longer answer does not come from a watchdog. */
const LONGEST_ANSWER = 64 * 1024 * 1024;

/** A live stream is never silent for so long. */
const LONGEST_SILENCE: DurationMs = MINUTE;

const NO_WATCHDOG = 'its answer is not that of a watchdog of this version';

/** A million instances; a list that goes on is not one of a watchdog. */
const MOST_PAGES = 1_000;

const Page = view({ instances: list(InstanceView), nextCursor: z.string().nullable() });
const Restarted = view({ restart: RestartRecordView });
const NotMade = view({
  held: list(view({ hold: z.string(), until: z.string().nullable() })).optional(),
  skipped: z.string().nullish(),
});
const Acted = view({ instance: InstanceView });
const Probed = view({ instance: InstanceView, remedy: z.string().nullish() });
const Reloaded = view({
  ...{ added: z.int(), removed: z.int(), changed: z.int(), changedAccounts: z.int() },
  waitingForRestart: list(z.string()),
});
const Released = view({ released: z.int() });

/** What the other side says about a failure is cut at this length. */
const LONGEST_REASON = 1_000;

/** What held a restart or made it pointless, as the API says it. */
export interface WhyNotMade {
  readonly held: readonly { readonly hold: string; readonly until: string | null }[];
  readonly skipped: string | null;
}

/** How reading the config again ended. */
export type ReloadAnswer =
  | ({ readonly ok: true } & ReloadCounts)
  | { readonly ok: false; readonly detail: string; readonly problems: readonly Problem[] };

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

/** Calls a running daemon as any other client of its API does. */
export class DaemonClient {
  private readonly clock: Clock;
  private readonly url: string;
  private readonly token: string | null;
  private readonly masks: Masks;
  private readonly stop: AbortSignal;
  /** What its answers lack, where several replicas share the accounts. */
  readonly lack = { replicas: new Set<string>(), accounts: new Set<string>() };

  constructor({ clock, stop }: Pick<Terminal, 'clock' | 'stop'>, url: string, token: string | null) {
    this.clock = clock;
    this.stop = stop;
    this.url = url.replace(/\/+$/, '');
    this.token = token;
    const secrets = token === null ? [] : [token];
    this.masks = new Masks(() => secrets);
  }

  /** @throws CommandError */
  async status(): Promise<StatusView> {
    return this.#good(StatusView, await this.call('GET', '/api/v1/status'));
  }

  /** All instances, page by page. @throws CommandError */
  async instances(): Promise<readonly InstanceView[]> {
    const all: InstanceView[] = [];
    const seen = new Set<string>();
    for (let query = ''; ;) {
      const page = this.#good(Page, await this.call('GET', `/api/v1/instances?limit=1000${query}`));
      all.push(...page.instances);
      const cursor = page.nextCursor;
      if (cursor === null) return all;
      if (seen.has(cursor) || seen.size === MOST_PAGES) throw this.#unreachable(new Error(NO_WATCHDOG));
      seen.add(cursor);
      query = `&cursor=${encodeURIComponent(cursor)}`;
    }
  }

  /** What a route for reading answers; parameters without a value are left out. @throws CommandError */
  async read<Schema extends z.ZodType>(
    schema: Schema,
    path: string,
    query: Readonly<Record<string, string | number | undefined>>,
  ): Promise<z.output<Schema>> {
    return this.#good(schema, await this.call('GET', pathWith(path, query)));
  }

  /**
   * Calls `onEvent` with each event of the live stream until it breaks off, or the program is stopped.
   *
   * @param onOpen called when it is open: what happens from then on comes by it
   * @throws CommandError where it does not open, or breaks off
   */
  async follow(
    query: Readonly<Record<string, string | undefined>>,
    onOpen: () => Promise<void>,
    onEvent: (event: EventView) => void,
  ): Promise<void> {
    const path = pathWith('/api/v1/events', query);
    try {
      const { statusCode, body } = await this.#request('GET', path, this.stop, 'text/event-stream');
      if (statusCode !== 200) this.#refused({ status: statusCode, body: await this.#read(statusCode, body) });
      await onOpen();
      let rest = '';
      body.setEncoding('utf8');
      for await (const text of body) {
        const messages = (rest + String(text)).split('\n\n');
        rest = messages.pop() ?? '';
        if (rest.length > LONGEST_ANSWER) throw new Error('its answer is too long for a watchdog');
        for (const message of messages) {
          const data = /^event: event$/m.test(message) ? /^data: (.*)$/m.exec(message)?.[1] : undefined;
          if (data !== undefined) onEvent(this.#built(EventView, this.masks.data(record(JSON.parse(data)))));
        }
      }
      throw new Error('the live stream has ended');
    } catch (error) {
      if (this.stop.aborted) return;
      throw error instanceof CommandError ? error : this.#unreachable(error);
    }
  }

  /** The record of the call, or why it was not made. @param timeout how long the gateway may take @throws CommandError */
  async restart(
    name: string,
    body: { readonly force: boolean; readonly requestedBy: string | undefined },
    timeout: DurationMs,
  ): Promise<RestartRecordView | WhyNotMade> {
    const path = `/api/v1/instances/${encodeURIComponent(name)}/restart`;
    const answer = await this.call('POST', path, { ...body, trigger: 'cli', wait: true }, timeout);
    if (answer.status !== 409) return this.#good(Restarted, answer).restart;
    const { held, skipped } = this.#built(NotMade, answer.body);
    return { held: held ?? [], skipped: skipped ?? null };
  }

  /** Has the daemon do something with an instance, and answers with the instance. @throws CommandError */
  async act(
    name: string,
    action: 'pause' | 'resume' | 'reset' | 'ack',
    body: Readonly<Record<string, unknown>>,
  ): Promise<InstanceView> {
    const path = `/api/v1/instances/${encodeURIComponent(name)}/${action}`;
    return this.#good(Acted, await this.call('POST', path, body)).instance;
  }

  /** Has the daemon probe an instance now, and answers with it and with what a person can do about that. @throws CommandError */
  async probe(name: string): Promise<{ readonly instance: InstanceView; readonly remedy: string | null }> {
    const path = `/api/v1/instances/${encodeURIComponent(name)}/probe`;
    const { instance, remedy } = this.#good(Probed, await this.call('POST', path, undefined, PROBE_TIMEOUT));
    return { instance, remedy: remedy ?? null };
  }

  /** @param force also when that takes most of the fleet away @throws CommandError */
  async reload(force: boolean): Promise<ReloadAnswer> {
    const answer = await this.call('POST', `/-/reload${force ? '?force=true' : ''}`, undefined, RELOAD_TIMEOUT);
    const { status, body } = answer;
    if (status === 400 && Array.isArray(body['problems'])) {
      return { ok: false, detail: String(body['detail']), problems: body['problems'] as Problem[] };
    }
    return { ok: true, ...this.#good(Reloaded, answer) };
  }

  /** Lets restarts of an account go on. @returns how many that did harm no longer count @throws CommandError */
  async release(account: string, requestedBy: string | undefined): Promise<number> {
    const path = `/api/v1/accounts/${encodeURIComponent(account)}/release`;
    return this.#good(Released, await this.call('POST', path, { requestedBy })).released;
  }

  private async call(method: 'GET' | 'POST', path: string, body?: object, extra: DurationMs = 0): Promise<Answer> {
    const limit = deadline(this.clock, this.stop, TIMEOUT + extra);
    try {
      const response = await this.#request(method, path, limit.signal, 'application/json', body);
      const found = await this.#read(response.statusCode, response.body);
      for (const part of listed(found['missing'])) this.lack.replicas.add(String(record(part)['replica']));
      for (const account of listed(found['changing'])) this.lack.accounts.add(String(account));
      return { status: response.statusCode, body: found };
    } catch (error) {
      throw this.#unreachable(error);
    } finally {
      limit.dispose();
    }
  }

  #request(method: 'GET' | 'POST', path: string, signal: AbortSignal, accept: string, body?: object) {
    return request(this.url + path, {
      method,
      signal,
      headers: {
        accept,
        ...(this.token !== null && { authorization: `Bearer ${this.token}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      body: body === undefined ? null : JSON.stringify(body),
      bodyTimeout: LONGEST_SILENCE,
    });
  }

  /** Whatever answers there may be anything, and a terminal shows what it says. */
  async #read(status: number, body: AsyncIterable<Uint8Array>): Promise<Answer['body']> {
    const text = await textUpTo(LONGEST_ANSWER, body);
    if (text === null) throw new Error('its answer is too long for a watchdog');
    // A token must not follow a redirect.
    if (status >= 300 && status < 400) throw new Error(`it redirects to another address (HTTP ${status})`);
    return this.masks.data(record(parsed(status, text)));
  }

  /** What a good answer says. @throws CommandError for any other */
  #good<Schema extends z.ZodType>(schema: Schema, answer: Answer): z.output<Schema> {
    if (answer.status >= 300) this.#refused(answer);
    return this.#built(schema, answer.body);
  }

  #built<Schema extends z.ZodType>(schema: Schema, answer: unknown): z.output<Schema> {
    if (!isBuiltAs(schema, answer)) throw this.#unreachable(new Error(NO_WATCHDOG));
    // As it came, because a daemon of another version may say more.
    return answer as z.output<Schema>;
  }

  #refused({ status, body: { detail } }: Answer): never {
    if (typeof detail !== 'string') throw this.#unreachable(new Error(`HTTP ${status}`));
    const remedy = status === 401 ? ' Give the token with --token-file, or in WATCHDOG_TOKEN.' : '';
    throw new CommandError(`the watchdog answers ${status}: ${shortened(detail, LONGEST_REASON)}${remedy}`);
  }

  #unreachable(error: unknown): UnreachableError {
    const why = error instanceof Error ? error.message : String(error);
    return new UnreachableError(
      `no watchdog answers at ${maskNamedValues(this.url)}: ${redactText(why, this.masks, LONGEST_REASON)}. Is it running? Give its address with --url.`,
      { cause: error },
    );
  }
}

/** The daemon is not there, or no longer: it may come back. */
export class UnreachableError extends CommandError {}

/** A path with parameters; those without a value are left out. */
function pathWith(path: string, query: Readonly<Record<string, string | number | undefined>>): string {
  const given = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) if (value !== undefined) given.set(key, String(value));
  return given.size === 0 ? path : `${path}?${given.toString()}`;
}

/** What an answer says in JSON. Whatever else it says is of something in between, and its status says most of it. */
function parsed(status: number, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(status < 300 ? NO_WATCHDOG : `HTTP ${status}`, { cause: error });
  }
}

function listed(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function record(value: unknown): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new Error(NO_WATCHDOG);
}
