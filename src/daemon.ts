import { verdictOf } from './core/verdict.ts';
import type { AccountConfig, Config } from './config/config.ts';
import { httpGateway } from './gateway/http-gateway.ts';
import { builtInProfiles } from './gateway/profiles.ts';
import { startHttpServer } from './http/server.ts';
import type { Clock } from './runtime/clock.ts';
import type { Account, Fleet } from './runtime/fleet.ts';
import { Lane } from './runtime/lane.ts';
import { Lifecycle } from './runtime/lifecycle.ts';
import { RestartGate } from './runtime/restart-gate.ts';
import { Watch, type WatchParts } from './runtime/watch.ts';
import { openLevelStore } from './store/level.ts';
import { memoryStore } from './store/memory.ts';
import type { StateStore } from './store/store.ts';
import { EventBus } from './telemetry/event-bus.ts';
import { createLogger, logEvents, type LogDestination } from './telemetry/log.ts';
import { Metrics } from './telemetry/metrics.ts';

export interface DaemonOptions {
  readonly config: Config;
  readonly clock: Clock;
  readonly version: string;
  /** Where log lines go; default: standard output. */
  readonly logTo?: LogDestination;
}

/** A running watchdog. */
export interface Daemon {
  /** Where it answers HTTP. */
  readonly url: string;
  readonly watch: Watch;
  readonly events: EventBus;
  /** Stops probing, lets restart calls in flight end, saves, and lets go of everything. */
  stop(): Promise<void>;
}

/**
 * Puts the whole product together. It reads straight down, because splitting it would only thread all of it through
 * other functions; what is opened registers its closer at once, so a start that fails half-way leaves nothing open.
 *
 * @throws StoreError when the state cannot be opened; Error when the address cannot be listened on
 */
export async function startDaemon({ config, clock, version, logTo }: DaemonOptions): Promise<Daemon> {
  const lifecycle = new Lifecycle(clock);
  let watch: Watch;
  const secrets = secretsOf(config);
  const log = createLogger({
    ...config.log,
    secrets: () => secrets,
    onDropped: () => {
      metrics.eventDropped('log');
    },
    ...(logTo && { destination: logTo }),
  });
  const events = new EventBus((error) => {
    log.error({ err: error }, 'a listener of events failed; the others heard the event');
  });
  const fleet = (): Fleet => watch.fleet;
  const metrics = new Metrics({ clock, events, fleet, version, perInstance: config.metrics.perInstance });
  metrics.configLoaded();
  logEvents(events, log);
  try {
    const store = await openStore(config.state.path);
    lifecycle.onClose('state', () => store.close());

    const accounts = openAccounts(config, clock);
    lifecycle.onClose('gateways', () => closeAccounts(accounts));

    watch = await Watch.load(watchParts(config, { clock, store, accounts, publish: events.publish }));
    const server = await startHttpServer({
      listen: config.listen,
      parts: {
        clock,
        fleet,
        metrics,
        version,
        readToken: config.api.readToken,
        late: () => watch.late(),
        ready: () => watch.ready(),
        onError: (error) => {
          log.error({ err: error }, 'answering an HTTP request failed');
        },
      },
    });
    lifecycle.onClose('http', () => server.close());

    watch.start();
    lifecycle.onClose('watch', () => watch.stop());
    log.info(
      { event: 'started', version, url: server.url, accounts: accounts.length, instances: watch.fleet.instances.size },
      `watching ${watch.fleet.instances.size} instances; metrics and API at ${server.url}`,
    );
    if (!store.durable)
      log.warn({ event: 'not_durable' }, 'state.path is :memory:, so cooldowns and budgets end with this process');

    return {
      url: server.url,
      watch,
      events,
      async stop() {
        log.info({ event: 'stopping' }, 'stopping: no more probes, restart calls in flight get up to 10 s');
        await lifecycle.close();
        log.info({ event: 'stopped' }, 'stopped; every state is saved');
      },
    };
  } catch (error) {
    await lifecycle.close();
    throw error;
  }
}

/** @throws StoreError */
export async function openStore(path: string): Promise<StateStore> {
  return path === ':memory:' ? memoryStore() : await openLevelStore({ path });
}

/** The ways to all gateways; `closeAccounts` when done. */
export function openAccounts(config: Config, clock: Clock): readonly Account[] {
  return [...config.accounts.values()].map((account) => openAccount(account, clock));
}

export async function closeAccounts(accounts: readonly Account[]): Promise<void> {
  await Promise.all(accounts.map(({ gateway }) => gateway.close()));
}

/** What a watch over the configured fleet is made of. */
export function watchParts(
  config: Config,
  parts: Pick<WatchParts, 'clock' | 'store' | 'accounts' | 'publish'>,
): WatchParts {
  const instances = config.instances.map(({ account, ...definition }) => ({ account, definition }));
  return { ...parts, instances, dryRun: config.dryRun };
}

/** Everything that must never be printed. */
export function secretsOf({ accounts, api }: Config): readonly string[] {
  const tokens = [...accounts.values()].map(({ token }) => token);
  return [...tokens, api.token, api.hookToken, api.readToken].filter((secret) => secret !== null);
}

function openAccount(account: AccountConfig, clock: Clock): Account {
  const { name, limits, tls } = account;
  const profile = builtInProfiles.get(account.gateway);
  if (profile === undefined) throw new Error(`accounts.${name}: no built-in gateway is called ${account.gateway}`);
  const words = [...account.stateWords].map(([word, cause]) => [word, `${verdictOf(cause)}/${cause}`]);
  const gateway = httpGateway({
    profile,
    baseUrl: account.baseUrl,
    username: account.username,
    token: account.token,
    restartMethod: account.restartMethod,
    statePath: account.statePath,
    stateWords: Object.fromEntries(words) as Record<string, string>,
    concurrency: limits.concurrency,
    ca: tls.ca,
    insecureSkipVerify: tls.insecureSkipVerify,
    clock,
  });
  return {
    name,
    gatewayName: profile.name,
    gateway,
    lane: new Lane(clock, limits),
    restarts: new RestartGate(clock, limits),
    requestsPerSecond: limits.requestsPerSecond,
  };
}
