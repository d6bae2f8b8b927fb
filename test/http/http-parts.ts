import { Readable } from 'node:stream';
import { EventBus } from '../../src/telemetry/event-bus.ts';
import { parseWebhook } from '../../src/gateway/answers/webhook.ts';
import { NO_PAST } from '../../src/history/instance-history.ts';
import { Masks } from '../../src/redaction/masks.ts';
import type { AccessSettings, HttpParts } from '../../src/http/http-parts.ts';
import { systemClock } from '../../src/time/clock.ts';
import { WallClock } from '../../src/time/wall-clock.ts';
import { RecentEvents } from '../../src/telemetry/recent-events.ts';
import type { SmallFleet } from '../fleet/small-fleet.ts';

/** No token is set, and nobody is trusted. */
export const NO_TOKENS: AccessSettings = {
  token: null,
  hookToken: null,
  gatewayHookToken: null,
  readToken: null,
  metricsToken: null,
  hosts: [],
  trustedProxies: [],
};

async function* noIncidents(): AsyncGenerator<never> {
  yield* await Promise.resolve([]);
}

/** What a fleet is for the routes. */
export function partsOf({ clock, wall, watch, events }: SmallFleet) {
  return {
    ...{ clock, wall, control: watch.control },
    fleet: () => watch.fleet,
    guards: () => watch.guards,
    publish: (event) => void events.push(event),
  } satisfies Partial<HttpParts>;
}

/** All that the routes are made of, with nobody behind it. */
export function httpParts(parts: Partial<HttpParts> = {}): HttpParts {
  const bus = new EventBus(() => undefined);
  const notAskedFor = (): never => {
    throw new Error('not asked for');
  };
  const clock = parts.clock ?? systemClock();
  const masks = parts.masks ?? new Masks(() => []);
  return {
    clock,
    wall: new WallClock(clock),
    fleet: () => ({ accounts: new Map(), instances: new Map() }),
    control: {
      requestRestart: notAskedFor,
      probeNow: notAskedFor,
      hint: notAskedFor,
      heard: notAskedFor,
      echoed: notAskedFor,
      pause: notAskedFor,
      unpause: notAskedFor,
      acknowledge: notAskedFor,
      reset: notAskedFor,
      release: notAskedFor,
      releaseToo: notAskedFor,
    },
    guards: () => ({
      networkUp: true,
      openMaintenance: () => [],
      maintenanceAhead: () => [],
    }),
    bus,
    publish: bus.publish,
    recent: new RecentEvents(bus, masks),
    history: {
      of: (instances) => Promise.resolve(instances.map(() => NO_PAST)),
      everyIncident: noIncidents,
      lasting: () => [],
      timezone: 'UTC',
    },
    publicPage: () => ({ public: null, lang: null }),
    masks,
    config: () => ({
      lastReloadSuccessful: true,
      lastSuccessAt: 0,
      problems: [],
      waitingForRestart: [],
      dryRun: false,
    }),
    store: { durable: true },
    generation: () => 'process-0',
    late: () => [],
    ready: () => true,
    metrics: { contentType: 'text/plain', render: () => Readable.from([]), eventDropped: notAskedFor },
    access: () => NO_TOKENS,
    peers: null,
    webhookEnded: () => undefined,
    hooks: { accountsOf: () => [], hasTokens: () => false, read: parseWebhook, readers: () => new Map() },
    onLoopback: false,
    reload: () => Promise.reject(new Error('not asked for')),
    version: '1.2.3',
    onError: (error) => {
      throw error;
    },
    ...parts,
  };
}
