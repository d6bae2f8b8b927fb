import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { stringify } from 'yaml';
import { expressions, withValues } from '../deploy/dashboard.ts';
import { DEPLOY, documents, have, run, type Tool } from '../deploy/tools.ts';
import { FAST, runDaemon, type RunningDaemon, simulate, watchOver, writeConfig } from './harness.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const SICK = '5511900000001';
const WELL = '5511900000002';
const METRICS_TOKEN = 'm3trics-t0ken-that-must-never-be-seen';
const SCRAPER = { headers: { authorization: `Bearer ${METRICS_TOKEN}` } };
const HOOK_TOKEN = 'h00k-t0ken-that-must-never-be-seen';
/** For what takes seconds when the machine is idle. */
const PATIENCE = { timeout: 90_000, interval: 200 };

/** A server that says in its log where it listens, killed with the test. Resolves with its URL. */
async function serve(program: Tool, folder: string, args: readonly string[]): Promise<string> {
  const listen = '--web.listen-address=127.0.0.1:0';
  const child = spawn(program, [...args, listen], { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = new Promise((resolve) => child.once('close', resolve));
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  const lines: string[] = [];
  const address = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stderr }).on('line', (line) => {
      lines.push(line);
      const [, found] = /msg="Listening on" address=(\S+)/.exec(line) ?? [];
      if (found !== undefined) resolve(found);
    });
    void ended.then(() => reject(new Error(`${program} ended:\n${lines.join('\n')}`)));
  });
  return `http://${address}`;
}

interface Route {
  group_wait?: string;
  group_interval?: string;
  repeat_interval?: string;
  routes?: Route[];
}

const hurried = ({ routes = [], ...route }: Route): Route => ({
  ...route,
  group_wait: '1s',
  group_interval: '1s',
  repeat_interval: '2s',
  ...(routes.length === 0 ? {} : { routes: routes.map(hurried) }),
});

/** Alertmanager with the config of `deploy/`, in a hurry, and with this daemon's address. */
async function startAlertmanager(daemon: RunningDaemon): Promise<string> {
  const folder = temporaryFolder();
  const shipped = documents('alertmanager/alertmanager.yml')[0] as { route: Route };
  const config = stringify({ ...shipped, route: hurried(shipped.route) })
    .replaceAll('http://watchdog:9847', daemon.url)
    .replaceAll('/run/secrets/watchdog-hook-token', join(folder, 'watchdog-hook-token'));
  writeFileSync(join(folder, 'watchdog-hook-token'), HOOK_TOKEN);
  writeFileSync(join(folder, 'alertmanager.yml'), config);
  const args = ['--config.file=alertmanager.yml', '--storage.path=data', '--cluster.listen-address='];
  return serve('prometheus-alertmanager', folder, args);
}

/** Prometheus with the config and the rules of `deploy/`, in a hurry, and one rule that asks for restarts. */
async function startPrometheus(daemon: RunningDaemon, alertmanager: string): Promise<string> {
  const folder = temporaryFolder();
  const shipped = documents('prometheus/prometheus.yml')[0] as object;
  const rule = {
    alert: 'NotConnected',
    expr: 'watchdog_probe_success == 0',
    labels: { restart: 'true', severity: 'warning' },
  };
  writeFileSync(join(folder, 'restart.yml'), stringify({ groups: [{ name: 'restart', rules: [rule] }] }));
  const config = stringify({
    ...shipped,
    global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' },
    rule_files: [join(DEPLOY, 'prometheus/rules/*.yml'), 'restart.yml'],
  })
    .replaceAll('watchdog:9847', new URL(daemon.url).host)
    .replaceAll('alertmanager:9093', new URL(alertmanager).host)
    .replaceAll('/run/secrets/watchdog-metrics-token', join(folder, 'watchdog-metrics-token'));
  writeFileSync(join(folder, 'watchdog-metrics-token'), METRICS_TOKEN);
  writeFileSync(join(folder, 'prometheus.yml'), config);
  return serve('prometheus', folder, ['--config.file=prometheus.yml', '--storage.tsdb.path=data']);
}

interface Answer<Data> {
  readonly status: string;
  readonly error?: string;
  readonly data: Data;
}

async function ask<Data>(url: string): Promise<Answer<Data>> {
  return (await (await fetch(url)).json()) as Answer<Data>;
}

/** Every probe counts at once, and the watchdog restarts nothing unless somebody asks for it. */
async function daemonThatIsAsked(): Promise<{
  daemon: RunningDaemon;
  simulator: Awaited<ReturnType<typeof simulate>>;
}> {
  const simulator = await simulate({ [SICK]: 'connected', [WELL]: 'connected' });
  const defaults = { ...FAST, restart: { ...FAST.restart, enabled: false } };
  const api = { hookToken: HOOK_TOKEN, metricsToken: METRICS_TOKEN };
  const daemon = await runDaemon(writeConfig(simulator, { defaults, top: { api } }));
  await daemon.phase(SICK, 'healthy');
  await daemon.phase(WELL, 'healthy');
  return { daemon, simulator };
}

interface View {
  history: { trigger: string; requestedBy: string | null; outcome: string; healed: boolean }[];
}

describe('the real Prometheus and the real Alertmanager', () => {
  it.runIf(have('prometheus', 'prometheus-alertmanager'))(
    'see an instance that is not connected, and have the watchdog restart it, once',
    async () => {
      const { daemon, simulator } = await daemonThatIsAsked();
      const prometheus = await startPrometheus(daemon, await startAlertmanager(daemon));
      const query = (expr: string): ReturnType<typeof ask<{ result: unknown[] }>> =>
        ask(`${prometheus}/api/v1/query?query=${encodeURIComponent(expr)}`);
      await vi.waitFor(async () => {
        expect((await query('watchdog_probe_success == 1')).data.result).toHaveLength(2);
      }, PATIENCE);
      expect(simulator.requests().restarts).toBe(0);

      simulator.set(SICK, 'disconnected');
      const started = await daemon.seen(({ type }) => type === 'restart_started');
      expect(started).toMatchObject({ name: SICK, intent: { trigger: 'alert' } });
      await daemon.seen(({ type }) => type === 'healed');
      // Prometheus sees it, too, and takes the alert back.
      await vi.waitFor(async () => {
        expect((await query('ALERTS{alertname="NotConnected"}')).data.result).toEqual([]);
        expect((await query('watchdog_heals_total')).data.result).toHaveLength(1);
      }, PATIENCE);

      const restarts = simulator.log().filter(({ kind }) => kind === 'restart');
      expect(restarts.map(({ phoneNumberId, method }) => [phoneNumberId, method])).toEqual([[SICK, 'POST']]);
      const { history } = (await daemon.api(`/api/v1/instances/${SICK}`)) as View;
      expect(history).toMatchObject([{ trigger: 'alert', outcome: 'accepted', healed: true }]);
      expect(history[0]?.requestedBy).toContain('NotConnected');
      expect(daemon.log()).not.toContain(HOOK_TOKEN);
    },
    180_000,
  );

  it.runIf(have('prometheus-alertmanager'))(
    'take alerts of the daemon itself, and their end',
    async () => {
      const folder = temporaryFolder();
      writeFileSync(join(folder, 'am.yml'), stringify({ route: { receiver: 'none' }, receivers: [{ name: 'none' }] }));
      const args = ['--config.file=am.yml', '--storage.path=data', '--cluster.listen-address='];
      const alertmanager = await serve('prometheus-alertmanager', folder, args);
      const simulator = await simulate({ [SICK]: 'qr' });
      const notify = [{ name: 'am', url: alertmanager, format: 'alertmanager', groupWait: '0s' }];
      const daemon = await runDaemon(
        writeConfig(simulator, { top: { notify, lang: 'pt-BR', page: { url: 'http://dog' } } }),
      );
      const alerts = async (): Promise<unknown> => await (await fetch(`${alertmanager}/api/v2/alerts`)).json();
      const labels = { alertname: 'SmileapiWatchdogInstance', severity: 'critical', account: 'acme', name: SICK };
      const annotations = { topic: 'needs_human', remedy: expect.stringContaining('leia o QR code') as unknown };
      await vi.waitFor(async () => {
        expect(await alerts()).toMatchObject([{ labels, annotations, generatorURL: `http://dog/#/instance/${SICK}` }]);
      }, PATIENCE);
      simulator.set(SICK, 'connected');
      await daemon.phase(SICK, 'healthy');
      await vi.waitFor(async () => expect(await alerts()).toEqual([]), PATIENCE);
    },
    180_000,
  );

  it.runIf(have('prometheus', 'prometheus-alertmanager'))(
    'evaluate all rules, and answer all that the dashboard asks',
    async () => {
      const { daemon } = await daemonThatIsAsked();
      const prometheus = await startPrometheus(daemon, await startAlertmanager(daemon));
      interface Groups {
        groups: { name: string; rules: { name: string; health: string; lastError?: string }[] }[];
      }
      await vi.waitFor(async () => {
        const { data } = await ask<Groups>(`${prometheus}/api/v1/rules`);
        const rules = data.groups.flatMap((group) => group.rules);
        expect(rules.length).toBeGreaterThan(25);
        // Those of the group that is evaluated once a minute are still unknown.
        expect(rules.filter(({ health }) => health === 'err')).toEqual([]);
        expect(rules.filter(({ health }) => health === 'ok').length).toBeGreaterThan(20);
      }, PATIENCE);
      for (const { title, expr } of expressions()) {
        const url = `${prometheus}/api/v1/query?query=${encodeURIComponent(withValues(expr))}`;
        const { status, error } = await ask(url);
        expect(error, title).toBeUndefined();
        expect(status, title).toBe('success');
      }
    },
    180_000,
  );

  it.runIf(have('promtool'))(
    'find nothing to complain of in the metrics of a daemon with a story',
    async () => {
      const { daemon } = await watchOver({ [SICK]: 'disconnected', [WELL]: 'banned' });
      await daemon.seen(({ type }) => type === 'healed');
      await daemon.phase(WELL, 'needs_human');
      const metrics = await (await fetch(`${daemon.url}/metrics`, SCRAPER)).text();
      expect(metrics).toContain('watchdog_restarts_total');
      expect(run('promtool', ['check', 'metrics'], { input: metrics })).toEqual({ status: 0, output: '' });
      const { status, output } = run('promtool', ['check', 'metrics'], { input: metrics.replaceAll('_total', '') });
      expect([status, output]).not.toEqual([0, '']);
    },
    180_000,
  );
});
