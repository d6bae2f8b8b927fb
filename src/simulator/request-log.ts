import { headersOf } from './raw-headers.ts';
import type { RecordedRequest } from './simulator.ts';

/** What is kept of a request. Headers are parsed only when they are read, because parsing would cost each request. */
export interface RawRequest extends Omit<RecordedRequest, 'headers'> {
  /** Names and values in turn, as they came. */
  readonly rawHeaders: readonly string[];
}

/** The request as listeners and the log show it. */
export function recordedRequest({ rawHeaders, ...request }: RawRequest): RecordedRequest {
  return { ...request, headers: headersOf(rawHeaders) };
}
