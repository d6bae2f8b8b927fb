import type { HttpBindings } from '@hono/node-server';
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Publish } from '../core/event.ts';
import type { Problem } from '../core/problem.ts';
import type { ReloadOutcome } from '../core/reload.ts';
import type { EpochMs } from '../core/time.ts';
import type { AccountWebhooks, WebhookResult } from '../core/webhook.ts';
import type { Masks } from '../redaction/masks.ts';
import type { Times } from '../time/wall-clock.ts';
import type { Fleet } from '../runtime/fleet/fleet.ts';
import type { Guards } from '../runtime/guards/guards.ts';
import type { WatchControl } from '../runtime/watch-control.ts';
import type { GroupKey } from '../history/group-history.ts';
import type { History } from '../history/history.ts';
import type { Language } from '../language/language.ts';
import type { EventBus } from '../telemetry/event-bus.ts';
import type { Peers } from './peers/peers.ts';
import type { RecentEvents } from '../telemetry/recent-events.ts';

/** The tokens and what they allow; null: there is no such token. */
export interface Tokens {
  /** For everything. */
  readonly token: string | null;
  /** For alerts, which restart instances. */
  readonly hookToken: string | null;
  /** For the hooks of all gateways, which only cause probes and report signs of life. */
  readonly gatewayHookToken: string | null;
  readonly readToken: string | null;
  /** For the metrics only. */
  readonly metricsToken: string | null;
}

/** Who may do what. */
export interface AccessSettings extends Tokens {
  /** Names under which clients without a token may reach the watchdog. */
  readonly hosts: readonly string[];
  /** Addresses and networks of proxies that say where a call comes from. */
  readonly trustedProxies: readonly string[];
}

/** What is known of the configuration in use. */
export interface ConfigStatus {
  readonly lastReloadSuccessful: boolean;
  readonly lastSuccessAt: EpochMs;
  /** Why the last attempt to read it again failed; empty when it did not. */
  readonly problems: readonly Problem[];
  readonly waitingForRestart: readonly string[];
  readonly dryRun: boolean;
}

/** What the page for everybody shows. */
export interface PublicSettings {
  /** What it shows apart. */
  readonly groupBy: GroupKey;
  /** Whether names and phone numbers of instances are left out. */
  readonly hideNumbers: boolean;
}

/** What the config says about the hooks of gateways: of all its accounts, whichever replica watches them. Read for each request. */
export interface AccountHooks {
  /** The accounts that have this token for the hooks of their gateway. Takes as long for any text. */
  accountsOf(token: string): readonly string[];
  /** Whether any account has such a token. */
  hasTokens(): boolean;
  /** The body of a webhook: JSON, whatever it is declared as, or the fields of a form; undefined: it cannot be read. */
  read(text: string, contentType: string): unknown;
  /** What the webhooks of an account's gateway say, by account; those whose gateway does not describe them are missing. */
  readers(): ReadonlyMap<string, AccountWebhooks>;
}

/** What the routes show and do, and which tokens allow it. */
export interface HttpParts extends Times {
  readonly fleet: () => Fleet;
  /** What can be requested of the watchdog from outside. */
  readonly control: Pick<WatchControl, keyof WatchControl>;
  readonly guards: () => Pick<Guards, 'networkUp' | 'openMaintenance' | 'maintenanceAhead'>;
  readonly bus: Pick<EventBus, 'subscribe'>;
  readonly publish: Publish;
  readonly recent: RecentEvents;
  /** What was. */
  readonly history: Pick<History, 'of' | 'everyIncident' | 'lasting' | 'timezone'>;
  /** The page for everybody, and the language it is in; null: there is none, or that of the reader. */
  readonly publicPage: () => {
    readonly public: (PublicSettings & { readonly token: string | null }) | null;
    readonly lang: Language | null;
  };
  /** For whatever came from outside, and is shown. */
  readonly masks: Masks;
  readonly config: () => ConfigStatus;
  /** Whether the state outlives the process, and why not where that is not meant. */
  readonly store: { readonly durable: boolean; readonly trouble?: Error | null };
  /** Another one whenever all that a client knows of the fleet may be out of date: after each restart and reload. */
  readonly generation: () => string;
  /** What is later than it may be, in words; empty while the probe loop makes progress. */
  readonly late: () => readonly string[];
  /** Whether the first probes are out. */
  readonly ready: () => boolean;
  readonly metrics: {
    readonly contentType: string;
    readonly render: (signal: AbortSignal) => AsyncIterable<string>;
    /** An event did not get through to a reader of the live stream. */
    readonly eventDropped: (sink: string) => void;
  };
  /** Counts what became of a webhook of a gateway. `account` null: it is not known which one it was for. */
  readonly webhookEnded: (account: string | null, result: WebhookResult) => void;
  /** Read for each request. */
  readonly access: () => AccessSettings;
  /** The hooks of the accounts' gateways. */
  readonly hooks: AccountHooks;
  /** The other replicas; null: this process shares its accounts with nobody. */
  readonly peers: Peers | null;
  /** Whether only this machine reaches the server. */
  readonly onLoopback: boolean;
  /** Reads the config again; `force`: also what would take most of the fleet away. Never rejects. */
  readonly reload: (force: boolean) => Promise<ReloadOutcome>;
  /** Version of the product. */
  readonly version: string;
  /** Receives errors that are bugs; the client only learns that there was one. */
  readonly onError: (error: unknown) => void;
}

/** Every request carries the request and response of Node.js it came with. */
export interface HttpEnv {
  Bindings: HttpBindings;
}

export type HttpApp = OpenAPIHono<HttpEnv>;
