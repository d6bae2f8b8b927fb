import { randomUUID } from 'node:crypto';
import { accountsFor, closeAccounts, openAccounts } from './assembly/accounts.ts';
import { searchForState, openStore, openStoreOrUnavailable } from './assembly/state.ts';
import { fleetParts, watchdogParts } from './assembly/watch-parts.ts';
import type { ConfigEvent } from './core/event.ts';
import { PHASES, type Phase } from './core/instance/instance.ts';
import type { ReloadOutcome, ReloadReason } from './core/reload.ts';
import type { DurationMs, EpochMs } from './core/time.ts';
import type { Config } from './config/config.ts';
import { ConfigError } from './config/problems.ts';
import { reach } from './gateway/wire/reach.ts';
import type { ConfigStatus } from './http/http-parts.ts';
import { startHttpServer } from './http/server.ts';
import { httpTransport } from './notify/http-transport.ts';
import type { InstanceSnapshot, Watching } from './notify/incidents.ts';
import { Notifier } from './notify/notifier.ts';
import { urlSecrets } from './notify/url-secrets.ts';
import { Reloader } from './process/reloader.ts';
import type { Clock } from './time/clock.ts';
import { Heartbeat } from './process/heartbeat.ts';
import type { Fleet, Instance } from './runtime/fleet/fleet.ts';
import { Lifecycle } from './process/lifecycle.ts';
import type { Reloaded } from './runtime/reconcile/apply-reload.ts';
import { ServiceNotes, type ServiceManager } from './process/service-notes.ts';
import { Watchdog } from './runtime/watchdog.ts';
import { UnavailableStore } from './store/unavailable-store.ts';
import { EventBus } from './telemetry/event-bus.ts';
import { createLogger, logEvents, type LogDestination } from './telemetry/log/log.ts';
import { Metrics } from './telemetry/metrics/metrics.ts';
import { RecentEvents } from './telemetry/recent-events.ts';
import { secretMask } from './telemetry/log/secret-mask.ts';

const NOTIFY_REMEDY =
  'systemd is not told that this process is ready or alive. Install the package systemd, or set Type=exec and no WatchdogSec in the unit.';

export interface DaemonOptions {
  readonly config: Config;
  /** Reads the config again, for reloads; rejects with a ConfigError. Without it the config stays as it is. */
  readonly load?: (signal: AbortSignal) => Promise<Config>;
  readonly clock: Clock;
  readonly version: string;
  /** Who started this process and wants to hear how it is; null: nobody does. */
  readonly serviceManager?: ServiceManager | null;
  /** Where log lines go; default: standard output. */
  readonly logTo?: LogDestination;
}

/** A running watchdog. */
export interface Daemon {
  /** Where it answers HTTP. */
  readonly url: string;
  readonly watch: Watchdog;
  readonly events: EventBus;
  /** Reads the config again and goes on with it, if it is good. Never rejects. */
  reload(reason: ReloadReason): Promise<ReloadOutcome>;
  /** Stops probing, lets restart calls in flight end, saves, and lets go of everything. */
  stop(): Promise<void>;
}

/**
 * Puts the whole product together. It reads straight down, because splitting it would only thread all of it through
 * other functions; what is opened registers its closer at once, so a start that fails half-way leaves nothing open.
 *
 * @throws StoreError when the state cannot be opened; Error when the address cannot be listened on
 */
export async function startDaemon(options: DaemonOptions): Promise<Daemon> {
  const { config: first, load, clock, version, logTo, serviceManager = null } = options;
  const lifecycle = new Lifecycle(clock);
  let config = first;
  let watch: Watchdog;
  let notes: ServiceNotes | null = null;
  let secrets = secretsOf(config);
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
  const metrics = new Metrics({
    clock,
    events,
    fleet,
    guards: () => watch.guards,
    version,
    get perInstance() {
      return config.metrics.perInstance;
    },
  });
  metrics.configLoaded();
  logEvents(events, log);
  const recent = new RecentEvents(events);
  const processId = randomUUID();
  let lastReload: Omit<ConfigStatus, 'dryRun'> = {
    lastReloadSuccessful: true,
    lastSuccessAt: clock.now(),
    problems: [],
    waitingForRestart: [],
    version: 0,
  };
  try {
    const store = await openStoreOrUnavailable(config.state.path);
    lifecycle.onClose('state', () => store.close());

    let accounts = openAccounts(config, clock);
    lifecycle.onClose('gateways', () => closeAccounts(accounts));

    const onBeat = (late: DurationMs): void => {
      metrics.loopDelayed(late);
    };
    watch = await Watchdog.load(watchdogParts(config, { clock, store, accounts, publish: events.publish, onBeat }));
    const webhooks = httpTransport();
    lifecycle.onClose('webhooks', () => webhooks.close());
    const notifier = new Notifier({
      clock,
      bus: events,
      processId,
      transport: webhooks.send,
      mask: secretMask(() => secrets),
      log,
      onDropped: (count) => {
        metrics.eventDropped('notify', count);
      },
    });
    notifier.configure(config.notify, watching(watch.fleet, watch.fleet.instances.values()));
    lifecycle.onClose('notifications', () => notifier.close());
    const reloader = new Reloader({
      clock,
      config,
      load: load ?? (() => Promise.resolve(first)),
      async apply(next) {
        const swap = await watch.prepareReload(fleetParts(next, accountsFor(next, config, watch.fleet, clock)));
        const reloaded = swap();
        accounts = [...watch.fleet.accounts.values()];
        // An answer that is still under way may hold what was secret until now, and some keys wait for a restart.
        secrets = [...secretsOf(next), ...secretsOf(config), ...secretsOf(first)];
        // The fleet has its instances, and shares with this config only those that changed.
        config = { ...next, instances: [] };
        log.level = next.log.level;
        forgetSeries(metrics, fleet, reloaded);
        notifier.configure(next.notify, watching(watch.fleet, reloaded.newcomers));
        return reloaded;
      },
      onReloading(reloading) {
        if (reloading) notes?.reloading();
        else notes?.ready();
      },
      onEnd(outcome, reason, error) {
        if (outcome.ok) metrics.configLoaded();
        else metrics.configRejected();
        lastReload = reloadStatus(lastReload, outcome, clock.now());
        events.publish({ at: clock.now(), ...reloadEvent(outcome, reason) });
        if (error !== null && !(error instanceof ConfigError)) log.error({ err: error }, 'reading the config failed');
      },
    });
    const server = await startHttpServer({
      listen: config.listen,
      parts: {
        clock,
        fleet,
        metrics,
        version,
        tokens: () => config.api,
        control: watch,
        guards: () => watch.guards,
        bus: events,
        publish: events.publish,
        recent,
        config: () => ({ ...lastReload, dryRun: config.dryRun }),
        store,
        processId,
        reload: () => reloader.request('api'),
        late: () => watch.late(),
        ready: () => watch.ready(),
        onError: (error) => {
          log.error({ err: error }, 'answering an HTTP request failed');
        },
      },
    });
    lifecycle.onClose('http', () => server.close());

    lifecycle.onClose('watch', () => watch.stop());
    if (config.heartbeat !== null) {
      const life = new Heartbeat({ clock, ...config.heartbeat, reach, late: () => watch.late() });
      life.start();
      lifecycle.onClose('heartbeat', () => {
        life.stop();
      });
    }
    if (serviceManager !== null) {
      notes = new ServiceNotes({
        clock,
        manager: serviceManager,
        late: () => watch.late(),
        status: () => statusLine(fleet()),
        onTrouble: (error) => {
          log.warn({ event: 'notify_failed', reason: String(error) }, `${String(error)}; ${NOTIFY_REMEDY}`);
        },
      });
    }
    lifecycle.onClose('service manager', () => notes?.ended());
    if (load !== undefined) await reloader.start();
    lifecycle.onClose('reload', () => reloader.close());
    // Last, and nothing is waited for after it: whoever has started the daemon can hear of its very first probe.
    watch.start();
    log.info(
      { event: 'started', version, url: server.url, accounts: accounts.length, instances: watch.fleet.instances.size },
      `watching ${watch.fleet.instances.size} instances; metrics and API at ${server.url}`,
    );
    notes?.ready();
    if (store instanceof UnavailableStore) {
      const search = searchForState(store, {
        clock,
        publish: events.publish,
        open: () => openStore(first.state.path),
        takeUp: (states) => watch.restoreState(states),
        onError: (error) => {
          log.error({ err: error }, 'looking for the state failed; start the watchdog again');
        },
      });
      lifecycle.onClose('search of the state', search.stop);
    } else if (!store.durable) {
      log.warn({ event: 'not_durable' }, 'state.path is :memory:, so cooldowns and budgets end with this process');
    }

    return {
      url: server.url,
      watch,
      events,
      reload: (reason) => reloader.request(reason),
      async stop() {
        notes?.stopping();
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

/** How the fleet stands, for a service manager. */
function statusLine({ instances }: Fleet): string {
  const counts = new Map<Phase, number>();
  for (const { state, definition } of instances.values()) {
    if (definition.enabled) counts.set(state.phase, (counts.get(state.phase) ?? 0) + 1);
  }
  const phases = PHASES.flatMap((phase) => (counts.has(phase) ? [`${counts.get(phase) ?? 0} ${phase}`] : []));
  return `watching ${instances.size} instances: ${phases.join(', ')}`;
}

/** Series of who is watched no more; those that a last call of theirs brings back leave after it. */
function forgetSeries(metrics: Metrics, fleet: () => Fleet, { forgotten, forgottenAccounts, settled }: Reloaded): void {
  for (const { name, account } of forgotten) metrics.forget(name, account);
  for (const account of forgottenAccounts) metrics.forgetAccount(account);
  void settled.then(() => {
    for (const { name, account } of forgotten) {
      if (fleet().instances.get(name)?.account.name !== account) metrics.forget(name, account);
    }
    for (const account of forgottenAccounts) if (!fleet().accounts.has(account)) metrics.forgetAccount(account);
  });
}

function reloadStatus(
  before: Omit<ConfigStatus, 'dryRun'>,
  outcome: ReloadOutcome,
  now: EpochMs,
): Omit<ConfigStatus, 'dryRun'> {
  if (!outcome.ok) return { ...before, lastReloadSuccessful: false, problems: outcome.problems };
  const { waitingForRestart } = outcome;
  const version = before.version + 1;
  return { lastReloadSuccessful: true, lastSuccessAt: now, problems: [], waitingForRestart, version };
}

function reloadEvent(outcome: ReloadOutcome, reason: ReloadReason): ConfigEvent {
  if (!outcome.ok) return { type: 'config_reload_failed', reason, problems: outcome.problems };
  const { ok: _, ...counts } = outcome;
  return { type: 'config_reloaded', reason, ...counts };
}

/** Everything that must never be printed. */
export function secretsOf({ accounts, api, heartbeat, notify }: Config): readonly string[] {
  const tokens = [...accounts.values()].map(({ token }) => token);
  const webhooks = notify.flatMap(({ url, secret }) => [...urlSecrets(url), secret]);
  return [...tokens, api.token, api.hookToken, api.readToken, heartbeat?.url ?? null, ...webhooks].filter(
    (secret) => secret !== null,
  );
}

/** Who is watched, for whoever tells of changes. */
function watching({ instances, accounts }: Fleet, newcomers: Iterable<Instance>): Watching {
  return {
    isWatched: (name) => instances.get(name)?.definition.enabled ?? false,
    isAccount: (name) => accounts.has(name),
    newcomers: standing(newcomers),
  };
}

function* standing(instances: Iterable<Instance>): Generator<InstanceSnapshot> {
  for (const { name, account, state, definition } of instances) {
    if (definition.enabled) yield { name, account: account.name, state };
  }
}
