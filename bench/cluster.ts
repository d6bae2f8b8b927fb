import { parseArgs } from 'node:util';
import { renderTable } from '../src/cli/terminal.ts';
import { hasPostgres, PostgresServer } from '../test/postgres/server.ts';
import { whenDone } from './cleanup.ts';
import { savesPerSecond } from './cluster-saves.ts';
import { statementsOf, stormOf, takeoversOf } from './cluster-replicas.ts';
import { machine } from './cores.ts';
import { costOfDaemon } from './cost.ts';
import { startGatewayProcess } from './gateway-process.ts';
import { median, percentile } from './measure.ts';

// npm run bench cluster: what PostgreSQL costs in place of LevelDB, and what several replicas make of it. A PostgreSQL of its
// own lies on the same machine, with fsync and synchronous_commit on.
const { values } = parseArgs({
  options: {
    parts: { type: 'string', default: 'saves,cpu,statements,takeover,storm' },
    seconds: { type: 'string', default: '10' },
    rounds: { type: 'string', default: '3' },
    /** Of the storm. */
    instances: { type: 'string', default: '100000' },
    every: { type: 'string', default: '60' },
    /** Replicas that are killed. */
    kills: { type: 'string', default: '5' },
  },
});
const parts = new Set(values.parts.split(','));
const [seconds, rounds, instances] = [Number(values.seconds), Number(values.rounds), Number(values.instances)];
/** At the pace of the fleet below a process has work enough to show what a probe costs. */
const COST = { instances: 10_000, everySeconds: 5 };

const print = (text: string): void => void process.stdout.write(text);
if (!hasPostgres()) process.exit(1);
const database = await PostgresServer.start(['fsync=on', 'max_wal_size=4GB']);
whenDone(() => void database.down());
print(`${machine()}\n`);

if (parts.has('saves')) {
  const rows: string[][] = [];
  for (const [where, url] of [
    ['LevelDB', null],
    ['PostgreSQL', await database.database()],
  ] as const) {
    for (const waiting of [100, 1_000, 10_000]) {
      const { rate, p50, p99 } = await savesPerSecond(url, waiting, seconds);
      rows.push([where, String(waiting), Math.round(rate).toLocaleString('en'), p50.toFixed(1), p99.toFixed(1)]);
    }
  }
  print(`\nTransitions saved for good per second, each waited for\n\n`);
  print(renderTable(['WHERE', 'AT ONCE', 'PER SECOND', 'p50 ms', 'p99 ms'], rows));
}

if (parts.has('cpu')) {
  const gateway = await startGatewayProcess();
  const [onDisk, inDatabase]: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds; round += 1) {
    for (const [state, costs] of [
      [{ path: './state' }, onDisk],
      [{ url: await database.database() }, inDatabase],
    ] as const) {
      const { cpu, rate } = await costOfDaemon(gateway, COST.instances, COST.everySeconds, state);
      costs.push(cpu / rate);
    }
  }
  gateway.stop();
  const ratios = inDatabase.map((cost, index) => cost / (onDisk[index] ?? Number.NaN));
  print(
    `\nCPU per probe, ${COST.instances} instances every ${COST.everySeconds}s, medians of ${rounds} rounds in turn\n\n`,
  );
  const row = (name: string, costs: readonly number[]): string[] => [
    name,
    median(costs).toFixed(1),
    costs.map((cost) => cost.toFixed(1)).join(', '),
  ];
  print(renderTable(['STATE', 'µs', 'ROUNDS'], [row('LevelDB', onDisk), row('PostgreSQL', inDatabase)]));
  print(
    `ratio PostgreSQL / LevelDB: ${median(ratios).toFixed(2)} (${ratios.map((each) => each.toFixed(2)).join(', ')})\n`,
  );
}

if (parts.has('statements')) {
  const rows: string[][] = [];
  for (const replicas of [1, 3]) {
    for (const fleet of [1_000, 10_000]) {
      const { statements, each } = await statementsOf(
        database,
        { replicas, instances: fleet, accounts: 30 },
        6 * seconds,
      );
      rows.push([String(replicas), fleet.toLocaleString('en'), statements.toFixed(2), each.toFixed(2)]);
    }
  }
  print(`\nStatements of a healthy fleet of 30 accounts, probed every 10s, for ${6 * seconds} s\n\n`);
  print(renderTable(['REPLICAS', 'INSTANCES', 'PER SECOND', 'PER SECOND AND REPLICA'], rows));
}

if (parts.has('takeover')) {
  const times = await takeoversOf(database, Number(values.kills));
  const shown = [percentile(times, 50), percentile(times, 99), Math.max(...times)].map((ms) => (ms / 1_000).toFixed(1));
  print(`\nFrom kill -9 of one of three replicas until another one owns its accounts, leaseFor 15s\n\n`);
  print(
    renderTable(['KILLS', 'ACCOUNTS', 'p50 s', 'p99 s', 'LONGEST s'], [[values.kills, String(times.length), ...shown]]),
  );
}

if (parts.has('storm')) {
  const rows = await stormOf(database, { replicas: 3, instances, accounts: 30 }, Number(values.every));
  print(`\n${instances} instances on 3 replicas, every ${values.every}s, all disconnected at one moment\n\n`);
  print(renderTable(['WHAT', 'MEASURED'], rows));
}
await database.down();
process.exit();
