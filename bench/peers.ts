import { parseArgs } from 'node:util';
import { renderTable } from '../src/cli/terminal.ts';
import { machine, toolCores, type Cores } from './cores.ts';
import { installPrograms } from './debian-packages.ts';
import { startGatewayProcess } from './gateway-process.ts';
import { median } from './measure.ts';
import { startBareLoop } from './peer-bare.ts';
import { startMonit } from './peer-monit.ts';
import { startPrometheus } from './peer-prometheus.ts';
import { startWatchdog } from './peer-watchdog.ts';
import type { StartPeer } from './peer.ts';
import { runPeer, type Figures, type Pace } from './peer-run.ts';

// npm run bench:peers: the same targets, probed once a second by each tool in turn, over the same gateway process.
const TOOLS: Readonly<Record<string, { readonly start: StartPeer; readonly programs: readonly string[] }>> = {
  watchdog: { start: startWatchdog, programs: [] },
  bare: { start: startBareLoop, programs: [] },
  blackbox: { start: startPrometheus, programs: ['prometheus-blackbox-exporter', 'prometheus'] },
  monit: { start: startMonit, programs: ['monit'] },
};
const USAGE = `usage: npm run bench:peers -- [--quick] [--all-cores] [--targets 100,1000,10000] [--rounds N] [--tools ${Object.keys(TOOLS).join(',')}]\n`;
const MOST_TARGETS = 100_000;

function refuse(why: string): never {
  process.stderr.write(`${why}\n${USAGE}`);
  process.exit(2);
}

function choices(): { targets: number[]; tools: string[]; rounds: number; cores: Cores; pace: Pace } {
  const { values } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      // A tool that needs more than one processor then takes it from the gateway.
      'all-cores': { type: 'boolean', default: false },
      targets: { type: 'string', default: '100,1000,10000' },
      tools: { type: 'string', default: Object.keys(TOOLS).join(',') },
      rounds: { type: 'string', default: '1' },
    },
  });
  const targets = values.targets.split(',').map(Number);
  const tools = values.tools.split(',');
  const rounds = Number(values.rounds);
  const fine = (count: number): boolean => Number.isInteger(count) && count >= 40 && count <= MOST_TARGETS;
  if (!targets.every(fine)) refuse(`--targets takes whole numbers from 40 to ${MOST_TARGETS}`);
  if (!Number.isInteger(rounds) || rounds < 1 || rounds > 20) refuse('--rounds takes a whole number from 1 to 20');
  for (const tool of tools) if (TOOLS[tool] === undefined) refuse(`--tools: there is no ${tool}`);
  const pace = values.quick
    ? { settle: { least: 2, most: 2 }, measureSeconds: 4, waves: 3 }
    : { settle: { least: 6, most: 40 }, measureSeconds: 10, waves: 8 };
  return { targets, tools, rounds, cores: values['all-cores'] ? null : toolCores(), pace };
}

/** Medians of each figure by itself. */
function middle(rounds: readonly Figures[]): Figures {
  const of = (key: keyof Figures): number => median(rounds.map((figures) => figures[key]));
  return {
    probes: of('probes'),
    cpuPerProbe: of('cpuPerProbe'),
    cpu: of('cpu'),
    gatewayCpu: of('gatewayCpu'),
    rss: of('rss'),
    verdictMedian: of('verdictMedian'),
    verdictWorst: of('verdictWorst'),
    missed: of('missed'),
  };
}

function row(targets: number, tool: string, figures: Figures, first: Figures): string[] {
  // A tool that gets nothing done, or gives no verdict, has no figure there.
  const figure = (value: number, digits = 0): string => (Number.isFinite(value) ? value.toFixed(digits) : 'none');
  const percent = (share: number): string => `${(share * 100).toFixed(0)} %`;
  return [
    targets.toLocaleString('en'),
    tool,
    Math.round(figures.probes).toLocaleString('en'),
    percent(figures.probes / targets),
    figure(figures.cpuPerProbe),
    figure(figures.cpuPerProbe / first.cpuPerProbe, 1),
    percent(figures.cpu),
    percent(figures.gatewayCpu),
    (figures.rss / 2 ** 20).toFixed(0),
    figure(figures.verdictMedian),
    figure(figures.verdictWorst),
    percent(figures.missed),
  ];
}

const HEAD = [
  ...['TARGETS', 'TOOL', 'PROBES/s', 'OF PLANNED', 'µs CPU EACH', 'RATIO', 'CPU', 'GATEWAY CPU', 'RSS MiB'],
  ...['VERDICT p50 ms', 'WORST ms', 'NO VERDICT'],
];

async function main(): Promise<void> {
  if (process.platform !== 'linux') refuse('bench:peers reads /proc and installs Debian packages, so it needs Linux');
  const { targets, tools, rounds, cores, pace } = choices();
  const print = (text: string): void => void process.stdout.write(text);
  installPrograms(tools.flatMap((tool) => TOOLS[tool]?.programs ?? []));
  const gateway = await startGatewayProcess();
  print(
    `${machine(cores)}\nEach target once a second, ${rounds} rounds of ${pace.measureSeconds} s, one tool after the other\n\n`,
  );
  const rows: string[][] = [];
  for (const count of targets) {
    const runs = new Map<string, Figures[]>(tools.map((tool) => [tool, []]));
    for (let round = 0; round < rounds; round += 1) {
      for (const [tool, figures] of runs) {
        const start = TOOLS[tool]?.start;
        if (start !== undefined) figures.push(await runPeer(start, gateway, { targets: count, cores, pace }));
        process.stderr.write(`${count} targets, ${tool}: done\n`);
      }
    }
    const medians = [...runs].map(([tool, figures]) => [tool, middle(figures)] as const);
    const first = medians[0]?.[1];
    if (first !== undefined) rows.push(...medians.map(([tool, figures]) => row(count, tool, figures, first)));
  }
  print(renderTable(HEAD, rows));
  print(
    '\nRATIO: CPU per probe against the first tool. GATEWAY CPU near 100 %: the gateway was the limit.\n' +
      'bare: the calls alone, by the HTTP client that the watchdog uses, at the same pace.\n',
  );
}

await main();
process.exit();
