import type { EpochMs } from './behaviour.ts';
import type { RecordedRequest, RequestKind } from './simulator.ts';

/** What is kept of a request. Headers are parsed only when they are read, because parsing would cost each request. */
export interface RawRequest {
  at: EpochMs;
  kind: RequestKind;
  phoneNumberId: string | null;
  method: string;
  path: string;
  /** Names and values in turn, as they came. */
  rawHeaders: readonly string[];
}

/** The newest requests, at most `limit` of them. */
export class RequestLog {
  readonly #ring: RawRequest[] = [];
  readonly #limit: number;
  #next = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  add(request: RawRequest): void {
    if (this.#limit === 0) return;
    this.#ring[this.#next] = request;
    this.#next = (this.#next + 1) % this.#limit;
  }

  /** Oldest first. */
  entries(): readonly RecordedRequest[] {
    const oldest = this.#ring.length < this.#limit ? 0 : this.#next;
    return [...this.#ring.slice(oldest), ...this.#ring.slice(0, oldest)].map(recordedRequest);
  }
}

/** The request as listeners and the log show it. */
export function recordedRequest({ rawHeaders, ...request }: RawRequest): RecordedRequest {
  return { ...request, headers: headersOf(rawHeaders) };
}

/** Headers by name in lower case; repeated ones joined with `, `. */
export function headersOf(rawHeaders: readonly string[]): Record<string, string> {
  const headers = new Map<string, string>();
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] ?? '').toLowerCase();
    const value = rawHeaders[index + 1] ?? '';
    const earlier = headers.get(name);
    headers.set(name, earlier === undefined ? value : `${earlier}, ${value}`);
  }
  return Object.fromEntries(headers);
}

/** Whether the raw headers carry `expected` as their one authorization. */
export function isAuthorizedBy(rawHeaders: readonly string[], expected: string): boolean {
  let found: string | undefined;
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = rawHeaders[index];
    if (name?.length !== AUTHORIZATION.length || name.toLowerCase() !== AUTHORIZATION) continue;
    if (found !== undefined) return false;
    found = rawHeaders[index + 1];
  }
  return found === expected;
}

const AUTHORIZATION = 'authorization';
