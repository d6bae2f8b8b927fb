// Makes docs/screenshots/*.png of the built page, the real daemon, and a simulated fleet that breaks in every way.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Browser } from 'playwright-core';
import { loadConfig } from '../src/config/load.ts';
import { DEMO_DEFAULTS, DEMO_GUARD } from '../src/cli/demo/pace.ts';
import { startDaemon } from '../src/daemon.ts';
import { systemClock } from '../src/time/clock.ts';
import { connectedFleet, DEMO_FLEET, playFleetScript } from '../src/simulator/fleet-script.ts';
import { phoneNumberIdAt } from '../src/simulator/simulator.ts';
import { startSimulator } from '../src/simulator/smileapi-server.ts';

const FOLDER = process.env['SCREENSHOTS'] ?? join(import.meta.dirname, '../docs/screenshots');
/** A busy machine takes its time for a picture. */
const PATIENCE = 120_000;
const TOKEN = 'simulated';
/** Instances that never break, so that the fleet looks like one. */
const QUIET = Array.from({ length: 26 }, (_, index) => ({
  name: `store-${String(index + 1).padStart(2, '0')}`,
  phoneNumberId: phoneNumberIdAt(500 + index),
}));

const CITIES = ['Recife', 'São Paulo', 'Curitiba'];

const SHOTS = [
  { file: 'fleet-light.png', hash: '#/', width: 1360, height: 900, colorScheme: 'light' },
  { file: 'fleet-dark.png', hash: '#/', width: 1360, height: 900, colorScheme: 'dark' },
  { file: 'fleet-phone.png', hash: '#/', width: 360, height: 780, colorScheme: 'light' },
  { file: 'groups-light.png', hash: '#/?by=label%3Acity', width: 1360, height: 900, colorScheme: 'light' },
  { file: 'incidents-dark.png', hash: '#/incidents', width: 1360, height: 900, colorScheme: 'dark' },
  { file: 'instance-light.png', hash: '#/instance/warehouse', width: 1360, height: 1000, colorScheme: 'light' },
  { file: 'instance-dark.png', hash: '#/instance/hotel', width: 1360, height: 1000, colorScheme: 'dark' },
  { file: 'instance-phone.png', hash: '#/instance/warehouse', width: 360, height: 780, colorScheme: 'dark' },
  { file: 'fleet-pt.png', hash: '#/', width: 1360, height: 900, colorScheme: 'light', locale: 'pt-BR' },
  {
    file: 'instance-pt.png',
    hash: '#/instance/outlet',
    width: 360,
    height: 780,
    colorScheme: 'light',
    locale: 'pt-BR',
  },
  { file: 'public-light.png', hash: 'public', width: 900, height: 640, colorScheme: 'light' },
] as const;

function config(baseUrl: string): object {
  const account = {
    baseUrl,
    token: TOKEN,
    limits: { requestsPerSecond: 200, restartsPerMinute: 60, concurrentRestarts: 5 },
  };
  return {
    listen: '127.0.0.1:0',
    state: { path: 'state' },
    api: { token: TOKEN },
    page: { public: { groupBy: 'label:city' } },
    guard: DEMO_GUARD,
    accounts: { acme: { ...account, username: 'acme' }, globex: { ...account, username: 'globex' } },
    defaults: DEMO_DEFAULTS,
    instances: [
      ...DEMO_FLEET.map(({ name, phoneNumberId }) => ({ account: 'acme', name, phoneNumberId })),
      ...QUIET.map((instance, index) => ({
        account: 'globex',
        labels: { city: CITIES[index % CITIES.length] },
        ...instance,
      })),
    ],
  };
}

/** What operators do: one trouble is taken on, and one instance paused. */
async function intervene(url: string): Promise<void> {
  const call = (path: string, body: object): Promise<Response> =>
    fetch(`${url}/api/v1/instances/${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  await call('outlet/ack', { reason: 'appeal sent', requestedBy: 'ana', for: '1d' });
  await call('reception/pause', { reason: 'new phone', requestedBy: 'ana', for: '2h' });
}

function placeToWaitFor(hash: string): string {
  if (hash.startsWith('#/instance')) return '.plot canvas';
  if (hash === 'public') return 'svg';
  return hash === '#/incidents' ? '.incidents' : '.row';
}

async function shoot(browser: Browser, url: string): Promise<void> {
  await mkdir(FOLDER, { recursive: true });
  for (const { file, hash, width, height, colorScheme, ...more } of SHOTS) {
    const locale = 'locale' in more ? more.locale : 'en-GB';
    const page = await browser.newPage({ viewport: { width, height }, colorScheme, locale });
    await page.goto(`${url}/${hash}`);
    await page.locator(placeToWaitFor(hash)).first().waitFor();
    await page.screenshot({ path: join(FOLDER, file), timeout: PATIENCE });
    await page.close();
  }
}

const clock = systemClock();
const quiet = Object.fromEntries(QUIET.map(({ phoneNumberId }) => [phoneNumberId, 'connected' as const]));
const simulator = await startSimulator({
  clock,
  username: null,
  token: TOKEN,
  instances: { ...connectedFleet(DEMO_FLEET), ...quiet },
});
const folder = await mkdtemp(join(tmpdir(), 'smileapi-watchdog-screenshots-'));
const file = join(folder, 'config.yaml');
await writeFile(file, JSON.stringify(config(simulator.url)));
const daemon = await startDaemon({
  config: await loadConfig(file, {}),
  clock,
  version: '0.1.0',
  logTo: { write: () => undefined },
});
const browser = await chromium.launch({
  executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
});
try {
  await playFleetScript(DEMO_FLEET, simulator, clock, new AbortController().signal);
  await intervene(daemon.url);
  await shoot(browser, daemon.url);
} finally {
  await browser.close();
  await daemon.stop();
  await simulator.close();
  await rm(folder, { recursive: true });
}
