import { describe, expect, it } from 'vitest';
import { HOLDS, type Hold, type Trigger } from '../../src/core/instance/instance.ts';
import { HOUR, MINUTE, SECOND } from '../../src/core/time.ts';
import { createApp } from '../../src/http/app.ts';
import { Masks } from '../../src/redaction/masks.ts';
import { strictBus } from '../fleet/strict-bus.ts';
import { createLogger, logEvents } from '../../src/telemetry/log/log.ts';
import { Metrics } from '../../src/telemetry/metrics/metrics.ts';
import { httpParts, partsOf } from '../http/http-parts.ts';
import { parseExposition } from '../http/parse-exposition.ts';
import { cron, testPolicy } from '../fleet/policy.ts';
import { fleetClock, ids, type SmallFleet, type SmallFleetOptions, startSmallFleet } from '../fleet/small-fleet.ts';

interface Case {
  readonly options?: SmallFleetOptions;
  /** Before anything is sick. */
  readonly prepare?: (fleet: SmallFleet) => void;
  readonly sick?: number;
  readonly helps?: boolean;
  readonly harms?: boolean;
  /** Nothing is sick, and the restart is for something else. */
  readonly trigger?: Trigger;
}

const fourOfTen = { maxUnhealthy: { type: 'percent', percent: 40 } } as const;
const noNetwork = { targets: ['tcp://a:1'], quorum: 1 };

/** What brings each hold about. */
const CASES: Readonly<Record<Hold, Case>> = {
  cooldown: { helps: false },
  budget: { helps: false, options: { policy: testPolicy({ cooldown: 60, factor: 1, grace: 30, budget: 1 }) } },
  concurrency: { sick: 2, options: { concurrentRestarts: 1 } },
  storm: { sick: 6, options: { guard: fourOfTen } },
  gateway_outage: { sick: 10 },
  own_network: { options: { connectivity: noNetwork, reach: () => Promise.resolve(false) } },
  maintenance: {
    options: {
      maintenance: [{ name: 'works', cron: cron('0 0 * * *'), duration: 2 * HOUR, accounts: [], instances: [] }],
    },
  },
  paused: {
    prepare: ({ watch }) =>
      void watch.control.pause(watch.fleet.instances.get('n1')!, { reason: 'phone change', by: 'ana', until: null }),
  },
  dry_run: { options: { dryRun: true } },
  harmful: {
    sick: 3,
    harms: true,
    options: { concurrentRestarts: 1, guard: { maxHarmed: 1 }, policy: testPolicy({ grace: 5 }) },
  },
  silent: {
    sick: 0,
    trigger: 'silence',
    options: { policy: testPolicy({ silentAfter: 120, silenceRestart: true }) },
  },
  startup: { options: { guard: { startup: HOUR } } },
};

/** A fleet of ten whose events go where the daemon sends them: to the log, the metrics and the API. */
async function startReported(options: SmallFleetOptions) {
  const clock = fleetClock();
  const bus = strictBus();
  const lines: string[] = [];
  const write = (line: string): void => void lines.push(line);
  logEvents(bus, createLogger({ level: 'info', format: 'json', masks: new Masks(() => []), destination: { write } }));
  const { publish } = bus;
  const fleet = await startSmallFleet({ clock, ids: ids(10), publish, ...options });
  const parts = partsOf(fleet);
  const metrics = new Metrics({ ...parts, events: bus, version: 'test', perInstance: () => true });
  const app = createApp(httpParts(parts));
  return { ...fleet, lines, metrics, app };
}

describe('a hold is seen by the same word in log, metric and API', () => {
  it.each(HOLDS)('%s', async (hold) => {
    const { options = {}, prepare, sick = 1, helps = true, harms = false, trigger = 'failure' } = CASES[hold];
    const fleet = await startReported(options);
    const { clock, gateway, watch } = fleet;
    if (!helps) gateway.onRestart = () => undefined;
    if (harms) gateway.onRestart = (id) => void gateway.causes.set(id, 'pairing_required');
    gateway.restartTakes = 30 * SECOND;
    await clock.run(MINUTE);
    prepare?.(fleet);
    const cause = hold === 'gateway_outage' ? 'timeout' : 'disconnected';
    for (let id = 1; id <= sick; id += 1) gateway.causes.set(String(id), cause);
    const held = (): string | undefined =>
      [...watch.fleet.instances.values()].find(({ state }) => state.holds.includes(hold))?.name;
    for (let left = 600; held() === undefined && left > 0; left -= 1) await clock.run(SECOND);
    const name = held();
    expect(name, `somebody is held by ${hold}`).toBeDefined();

    const line = fleet.lines.find(
      (text) =>
        text.includes('"event":"restart_held"') &&
        text.includes(`"hold":"${hold}"`) &&
        text.includes(`"name":"${name}"`),
    );
    expect(JSON.parse(line ?? '{}')).toMatchObject({ name, account: 'acme', hold, trigger });

    const answer = fleet.app.request(`/api/v1/instances/${name!}`);
    await fleet.clock.run(SECOND);
    expect(await (await answer).json()).toMatchObject({
      restart: { holds: expect.arrayContaining([hold]) as unknown },
    });

    let text = '';
    for await (const part of fleet.metrics.render(new AbortController().signal)) {
      text += part;
      void fleet.clock.run(0);
    }
    const counted = parseExposition(text).filter(
      (sample) => sample.name === 'watchdog_restarts_held_total' && sample.labels['hold'] === hold,
    );
    expect(counted).toMatchObject([{ labels: { account: 'acme', hold }, value: expect.any(Number) as unknown }]);
    expect(counted[0]!.value).toBeGreaterThanOrEqual(1);
  });
});
