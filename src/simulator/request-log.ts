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

/** The request as listeners and the log show it. */
export function recordedRequest({ rawHeaders, ...request }: RawRequest): RecordedRequest {
  return { ...request, headers: headersOf(rawHeaders) };
}

/** Headers by name in lower case; repeated ones joined with `, `. */
export function headersOf(rawHeaders: readonly string[]): Record<string, string> {
  const headers = new Headers();
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    headers.append(rawHeaders[index] ?? '', rawHeaders[index + 1] ?? '');
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
