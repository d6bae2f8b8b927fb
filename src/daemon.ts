import { randomBytes, randomUUID } from 'node:crypto';
import { configuredHooks } from './assembly/account-hooks.ts';
import { closeAccounts } from './assembly/accounts.ts';
import { logAdvice } from './assembly/advice.ts';
import { Discovery } from './assembly/discovery.ts';
import { LiveConfig } from './assembly/live-config.ts';
import { historyOf } from './assembly/past.ts';
import { notifierOf } from './assembly/service-manager.ts';
import { fateOfStates, openStore, openStoreOrUnavailable, searchForState } from './assembly/state.ts';
import { ownershipOf, Replica } from './assembly/replica.ts';
import { forgetSeries } from './assembly/forget-series.ts';
import { noticeParts, watching } from './assembly/notices.ts';
import { watchdogParts } from './assembly/watch-parts.ts';
import { ConfigError } from './config/problems.ts';
import type { Shares } from './core/shares.ts';
import { setSharedTime } from './cluster/set-shared-time.ts';
import type { Config } from './config/config.ts';
import { isLoopbackHost } from './config/values/addresses.ts';
import type { ReloadOutcome, ReloadReason } from './core/reload.ts';
import type { Language } from './language/language.ts';
import { startHttpServer } from './http/server.ts';
import { httpTransport } from './notify/delivery/http-transport.ts';
import { transportOver } from './notify/delivery/transports.ts';
import { Notifier } from './notify/notifier.ts';
import { sendHeartbeats } from './process/heartbeat.ts';
import { Lifecycle } from './process/lifecycle.ts';
import { Reloader } from './process/reloader.ts';
import type { ServiceManager } from './process/service-manager-notifier.ts';
import type { Instance } from './runtime/fleet/instance.ts';
import type { Reloaded } from './runtime/reconcile/apply-reload.ts';
import { Watchdog } from './runtime/watchdog.ts';
import { UnavailableStore } from './store/unavailable-store.ts';
import type { EventBus } from './telemetry/event-bus.ts';
import type { LogDestination } from './telemetry/log/log.ts';
import { logFirstRound } from './telemetry/first-round.ts';
import { startTelemetry } from './telemetry/telemetry.ts';
import type { Clock } from './time/clock.ts';
import { sharedTime } from './time/shared-time.ts';
import { WallClock } from './time/wall-clock.ts';

export interface DaemonOptions {
  readonly config: Config;
  /** Reads the config again, for reloads; rejects with a ConfigError. Without it the config stays as it is. */
  readonly load?: (signal: AbortSignal) => Promise<Config>;
  readonly clock: Clock;
  readonly version: string;
  /** The process that started this one and wants notifications; null: there is none. */
  readonly serviceManager?: ServiceManager | null;
  /** That of messages where the config names none; default: English. */
  readonly language?: Language;
  /** Where log lines go; default: standard output. */
  readonly logTo?: LogDestination;
}

/** A running watchdog. */
export interface Daemon {
  /** Where it answers HTTP. */
  readonly url: string;
  readonly watchdog: Watchdog;
  readonly events: EventBus;
  /** Reads the config again and goes on with it, if it is good. Never rejects. */
  reload(reason: ReloadReason): Promise<ReloadOutcome>;
  /** Stops probing, lets restart calls in flight end, saves, and lets go of everything. */
  stop(): Promise<void>;
}

/**
 * Assembles the whole product, from top to bottom. Each resource registers its closer at once, so a start that fails
 * half-way leaves nothing open.
 *
 * @throws StoreError when the state cannot be opened; Error when the address cannot be listened on
 */
export async function startDaemon(options: DaemonOptions): Promise<Daemon> {
  const lifecycle = new Lifecycle(options.clock);
  try {
    return await assemble(options, lifecycle);
  } catch (error) {
    await lifecycle.close();
    throw error;
  }
}

async function assemble(options: DaemonOptions, lifecycle: Lifecycle): Promise<Daemon> {
  const { config: first, load, version, language = 'en', logTo = null, serviceManager = null } = options;
  const isShared = first.state.database !== null;
  // Set before anything counts by it.
  const shared = isShared ? sharedTime(options.clock) : null;
  const clock = shared ?? options.clock;
  const wall = new WallClock(clock);
  const processId = randomUUID();

  const store = await openStoreOrUnavailable(first, clock);
  lifecycle.onClose('state', () => store.close());
  if (shared !== null) await setSharedTime(shared, ownershipOf(store));
  const live = new LiveConfig(first, clock, processId, isShared ? new Set() : null);
  lifecycle.onClose('gateways', () => closeAccounts(live.accounts));

  const { log, events, metrics, recent, flushLog } = startTelemetry({
    clock,
    version,
    log: first.log,
    logTo,
    masks: live.masks,
    ownRemedy: (account, cause) => live.current.accounts.get(account)?.profile.remedyTexts[cause],
    perInstance: () => live.current.metrics.perInstance,
    fleet: () => watchdog.fleet,
    guards: () => watchdog.guards,
    shares: isShared ? () => replica?.coordinator.shares ?? NO_SHARES : undefined,
  });

  const { publish } = events;
  const replica = isShared
    ? new Replica({
        ...{ clock, publish, live, onShared },
        watchdog: () => watchdog,
        onError: (error) => log.error({ err: error }, 'sharing the accounts failed'),
      })
    : null;
  lifecycle.onClose('leases', () => replica?.coordinator.end());
  lifecycle.onClose('replicas', () => replica?.peers.close());
  const mayRestart = (account: string): boolean => replica?.coordinator.mayRestart(account) ?? true;
  const { accounts } = live;
  const parts = watchdogParts(live.watched, {
    ...{ clock, wall, store, accounts, publish, mayRestart },
    onBeat: (late) => metrics.loopDelayed(late),
    newMark: () => randomBytes(8).toString('hex'),
    onEcho: (account, outcome) => metrics.echoEnded(account, outcome),
  });
  const watchdog = await Watchdog.load(parts);

  const history = historyOf({ clock, wall, bus: events, recent, live, store, watchdog, log });
  lifecycle.onClose('history', () => history.stop());
  history.start();

  const webhooks = httpTransport();
  lifecycle.onClose('webhooks', () => webhooks.close());
  const notifier = new Notifier({
    clock,
    wall,
    bus: events,
    ...noticeParts({ clock, wall, fleet: () => watchdog.fleet, guards: () => watchdog.guards }),
    style: () => ({ language: live.current.lang ?? language, pageUrl: live.current.page.url }),
    processId,
    transport: transportOver(webhooks),
    masks: live.masks,
    log,
    onDropped: (count) => metrics.eventDropped('notify', count),
  });
  notifier.configure(first.notify, watching(watchdog.fleet, watchdog.fleet.instances.values()));
  lifecycle.onClose('notifications', () => notifier.close());
  const discovery = new Discovery({
    ...{ clock, publish, live, watchdog },
    onFound: onShared,
    onError: (error) => log.error({ err: error }, 'following the list of a gateway failed; start the watchdog again'),
  });
  // Accounts come with it; their gateways are searched when all has started.
  let isStarted = false;
  await replica?.join(store);

  const manager = serviceManager && notifierOf(serviceManager, { clock, watchdog, log });
  const reloader = new Reloader({
    clock,
    config: first,
    load: load ?? (() => Promise.resolve(first)),
    async apply(next, force) {
      const reloaded = await (replica?.reload(next, force) ?? live.swap(next, watchdog, force));
      log.level = next.log.level;
      forgetSeries(metrics, watchdog, reloaded);
      notifier.configure(next.notify, watching(watchdog.fleet, reloaded.newcomers));
      discovery.follow();
      return reloaded;
    },
    onReloading: (reloading) => (reloading ? manager?.reloading() : manager?.ready()),
    onEnd(outcome, reason, error) {
      publish({ at: clock.now(), ...live.reloadEnded(outcome, reason) });
      if (error !== null && !(error instanceof ConfigError)) log.error({ err: error }, 'reading the config failed');
    },
  });
  const server = await startHttpServer({
    listen: first.listen,
    parts: {
      clock,
      wall,
      fleet: () => watchdog.fleet,
      metrics,
      version,
      access: () => live.current.api,
      peers: replica?.peers ?? null,
      webhookEnded: (account, result) => metrics.webhookEnded(account, result),
      hooks: configuredHooks(() => live.current),
      onLoopback: isLoopbackHost(first.listen.host),
      control: watchdog.control,
      guards: () => watchdog.guards,
      bus: events,
      publish,
      recent,
      history,
      publicPage: () => ({ public: live.current.page.public, lang: live.current.lang }),
      masks: live.masks,
      config: () => live.status,
      generation: () => live.generation,
      store,
      reload(force) {
        // Somebody takes the responsibility for what gateways list as well.
        if (force) discovery.believe();
        return reloader.request('api', force);
      },
      late: () => watchdog.late(),
      ready: () => watchdog.ready(),
      onError: (error) => log.error({ err: error }, 'answering an HTTP request failed'),
    },
  });
  lifecycle.onClose('http', () => server.close());

  lifecycle.onClose('watchdog', () => watchdog.stop());
  lifecycle.onClose('shares', () => replica?.coordinator.settle());
  const late = (): readonly string[] => watchdog.late();
  if (first.heartbeat !== null) {
    const { url, method, proxy, every } = first.heartbeat;
    const heartbeat = { url, method, proxy, headers: {}, body: '' };
    const call = async (signal: AbortSignal): Promise<number> => (await webhooks.send(heartbeat, signal)).status;
    const onEnd = (received: boolean): void => metrics.heartbeatEnded(received);
    lifecycle.onClose('heartbeat', sendHeartbeats({ clock, every, call, late, log, onEnd }));
  }
  lifecycle.onClose('service manager', () => manager?.ended());
  if (load !== undefined) await reloader.start();
  lifecycle.onClose('reload', () => reloader.close());
  lifecycle.onClose('discovery', () => discovery.stop());
  const instances = (): Iterable<Instance> => watchdog.fleet.instances.values();
  lifecycle.onClose('first round', logFirstRound({ clock, bus: events, instances, log }));
  // Last, and nothing is awaited after it: the caller receives the very first probe.
  watchdog.start();
  replica?.coordinator.start();
  isStarted = true;
  discovery.follow();
  const { size } = watchdog.fleet.instances;
  log.info(
    { event: 'started', version, url: server.url, accounts: live.accounts.length, instances: size },
    `watching ${size} instances; metrics and API at ${server.url}`,
  );
  logAdvice(first, log);
  manager?.ready();
  if (store instanceof UnavailableStore) {
    const stopSearch = searchForState(store, {
      clock,
      publish,
      open: () => openStore(first, clock),
      restore: (states, real) => replica?.found(real) ?? watchdog.restoreState(states),
      onError: (error) => log.error({ err: error }, 'looking for the state failed; start the watchdog again'),
    });
    lifecycle.onClose('search for the state', stopSearch);
  } else if (!store.durable) {
    log.warn({ event: 'not_durable' }, 'state.path is :memory:, so cooldowns and budgets end with this process');
  }

  function onShared(reloaded: Reloaded): void {
    forgetSeries(metrics, watchdog, reloaded);
    notifier.configure(live.current.notify, watching(watchdog.fleet, reloaded.newcomers));
    history.adopt();
    if (isStarted) discovery.follow();
  }

  return {
    url: server.url,
    watchdog,
    events,
    reload: (reason) => reloader.request(reason),
    async stop() {
      manager?.stopping();
      log.info({ event: 'stopping' }, 'stopping: no more probes, restart calls in flight get up to 10 s');
      try {
        await lifecycle.close();
        const { level, words } = fateOfStates(store, watchdog.fleet.instances.values());
        log[level]({ event: 'stopped' }, `stopped; ${words}`);
      } catch (error) {
        log.error({ event: 'stopped', err: error }, 'stopped, but not everything was closed cleanly');
        throw error;
      } finally {
        await flushLog();
      }
    },
  };
}

const NO_SHARES: Shares = { owned: [], replicas: 1, leftFor: null, takeovers: 0 };
