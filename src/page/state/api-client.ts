import type { Hold } from '../../core/instance/instance.ts';
import type { Right, Tokens } from './tokens.ts';

/** Prompts for a token; `wrong`: the last one was not accepted. Null: the user declined. */
export type AskToken = (right: Right, wrong: boolean) => Promise<string | null>;

/** The API's reason for a failed request; its message is that of the API, in English, or empty. */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem';
  readonly status: number;
  readonly held: readonly { readonly hold: Hold; readonly until: string | null }[];
  readonly skipped: string | null;

  /** @param body the problem document, or anything else */
  constructor(status: number, body: unknown) {
    const { detail, held, skipped } = (body ?? {}) as Readonly<Record<string, unknown>>;
    super(typeof detail === 'string' ? detail : '');
    this.status = status;
    // The page comes from the same program as the answer.
    this.held = Array.isArray(held) ? (held as ApiProblem['held']) : [];
    this.skipped = typeof skipped === 'string' ? skipped : null;
  }
}

/** The HTTP API of the watchdog that served this page. All paths are relative to the page. */
export class ApiClient {
  private readonly tokens: Tokens;
  private readonly promptToken: AskToken;
  private readonly prompts = new Map<Right, Promise<string | null>>();

  constructor(tokens: Tokens, askToken: AskToken) {
    this.tokens = tokens;
    this.promptToken = askToken;
  }

  /** Whether this browser keeps a token. */
  get hasToken(): boolean {
    return this.tokens.get('read') !== null;
  }

  forgetTokens(): void {
    for (const right of ['read', 'write'] as const) {
      const token = this.tokens.get(right);
      if (token !== null) this.tokens.forget(token);
    }
  }

  /** Rejects with ApiProblem, and with TypeError when there is no connection. */
  async get<T>(path: string): Promise<T> {
    return (await bodyOf(await this.send('read', path))) as T;
  }

  /** The answer as text, such as a CSV. Rejects as `get` does. */
  async text(path: string): Promise<string> {
    return await (await this.send('read', path)).text();
  }

  /** Rejects as `get` does. */
  async post<T>(path: string, body: object): Promise<T> {
    const headers = { 'content-type': 'application/json' };
    const init = { method: 'POST', headers, body: JSON.stringify(body) };
    return (await bodyOf(await this.send('write', path, init))) as T;
  }

  /** The text of a live stream as it comes; ends when `signal` aborts. Rejects as `get` does. */
  async *stream(path: string, signal: AbortSignal): AsyncGenerator<string, void> {
    const response = await this.send('read', path, { headers: { accept: 'text/event-stream' }, signal });
    if (response.body === null) throw new ApiProblem(response.status, null);
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      yield value;
    }
  }

  /** A good answer. */
  private async send(right: Right, path: string, init: RequestInit = {}): Promise<Response> {
    let shown = this.tokens.get(right);
    let prompted = false;
    for (;;) {
      const headers = new Headers(init.headers);
      if (shown !== null) headers.set('authorization', `Bearer ${shown}`);
      const response = await fetch(path, { ...init, headers, cache: 'no-store' });
      if (response.status !== 401) {
        if (prompted && shown !== null && response.status !== 429) this.tokens.keep(right, shown);
        if (!response.ok) throw new ApiProblem(response.status, await bodyOf(response));
        return response;
      }
      if (shown !== null) this.tokens.forget(shown);
      // Meanwhile another call may have got one.
      const known = this.tokens.get(right);
      prompted = known === null;
      const next = known ?? (await this.ask(right, shown !== null));
      if (next === null) throw new ApiProblem(401, await bodyOf(response));
      shown = next;
    }
  }

  /** Several calls at once show one prompt. */
  private ask(right: Right, wrong: boolean): Promise<string | null> {
    const before = this.prompts.get(right);
    if (before !== undefined) return before;
    const answer = this.promptToken(right, wrong).finally(() => this.prompts.delete(right));
    this.prompts.set(right, answer);
    return answer;
  }
}

async function bodyOf(response: Response): Promise<unknown> {
  return response.json().catch(() => null);
}
