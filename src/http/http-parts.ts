import type { HttpBindings } from '@hono/node-server';
import type { Hono } from 'hono';
import type { ReloadOutcome } from '../core/reload.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Fleet } from '../runtime/fleet.ts';

/** What the routes show, and who may see it. */
export interface HttpParts {
  readonly clock: Clock;
  readonly fleet: () => Fleet;
  /** What is later than it may be, in words; empty while the probe loop makes progress. */
  readonly late: () => readonly string[];
  /** Whether the first probes are out. */
  readonly ready: () => boolean;
  readonly metrics: {
    readonly contentType: string;
    readonly render: (signal: AbortSignal) => AsyncIterable<string>;
  };
  /** What readers of the API and the page must show; null: they are open. Looked at for each request. */
  readonly readToken: string | null;
  /** Reads the config again; never rejects. */
  readonly reload: () => Promise<ReloadOutcome>;
  /** Version of the product. */
  readonly version: string;
  /** Hears of errors that are bugs; the client only learns that there was one. */
  readonly onError: (error: unknown) => void;
}

/** Every request carries the request and response of Node.js it came with. */
export interface HttpEnv {
  Bindings: HttpBindings;
}

export type HttpApp = Hono<HttpEnv>;
