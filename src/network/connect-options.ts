import type { LookupFunction } from 'node:net';
import { SECOND, type DurationMs } from '../core/time.ts';
import { processNames } from './process-names.ts';

/** Node.js gives each of several addresses 250 ms, and tries none again; a lost first packet alone costs a second. */
const ATTEMPT: DurationMs = 2 * SECOND;

/** For `net.connect`, and for undici's agents, whose connections have no deadline of their own but that of their call. */
export const CONNECT_OPTIONS = {
  lookup: (...parts: Parameters<LookupFunction>): void => processNames.lookup(...parts),
  autoSelectFamily: true,
  autoSelectFamilyAttemptTimeout: ATTEMPT,
  timeout: 60 * SECOND,
} as const;
