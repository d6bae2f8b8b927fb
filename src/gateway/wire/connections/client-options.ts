import { MINUTE, type DurationMs } from '../../../core/time.ts';

/** How long an unused connection is kept, unless the gateway's `Keep-Alive: timeout=…` is shorter. */
const KEEP_ALIVE: DurationMs = MINUTE;

/** Common to all connections. Undici's own deadlines are off: every exchange has one. */
export const CLIENT_OPTIONS = {
  pipelining: 1,
  keepAliveTimeout: KEEP_ALIVE,
  headersTimeout: 0,
  bodyTimeout: 0,
  maxHeaderSize: 16 * 1024,
} as const;
