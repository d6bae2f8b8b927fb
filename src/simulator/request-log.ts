import { headersOf } from './raw-headers.ts';
import type { EpochMs } from './instance/behaviour.ts';
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
