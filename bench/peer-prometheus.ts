import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort, startProgram, TIMEOUT_SECONDS, type Peer, type Work } from './peer.ts';
import { TOKEN } from './subjects.ts';

/** How far back verdicts are searched. */
const WINDOW = '60s';

/** blackbox_exporter, called by Prometheus once a second for each target, as in its documentation. */
export async function startPrometheus(work: Work): Promise<Peer> {
  const { url, ids, folder } = work;
  const [exporterPort, port] = [await freePort(), await freePort()];
  const modules = join(folder, 'blackbox.yml');
  const scrapes = join(folder, 'prometheus.yml');
  await writeFile(modules, JSON.stringify(moduleConfig()));
  await writeFile(scrapes, JSON.stringify(scrapeConfig(url, ids, exporterPort)));
  const exporter = await startProgram(work, 'prometheus-blackbox-exporter', [
    `--config.file=${modules}`,
    `--web.listen-address=127.0.0.1:${exporterPort}`,
    '--log.level=error',
  ]);
  const prometheus = await startProgram(work, 'prometheus', [
    `--config.file=${scrapes}`,
    `--storage.tsdb.path=${join(folder, 'tsdb')}`,
    `--web.listen-address=127.0.0.1:${port}`,
    '--log.level=error',
  ]);
  return {
    pids: [exporter.pid, prometheus.pid],
    verdicts: (among, since) => verdicts(`http://127.0.0.1:${port}`, among, since),
    stop: async () => {
      await prometheus.stop();
      await exporter.stop();
    },
  };
}

function moduleConfig(): unknown {
  const http = {
    preferred_ip_protocol: 'ip4',
    bearer_token: TOKEN,
    fail_if_body_not_matches_regexp: ['"state":"open"'],
  };
  return { modules: { instance: { prober: 'http', timeout: `${TIMEOUT_SECONDS}s`, http } } };
}

function scrapeConfig(url: string, ids: readonly string[], exporterPort: number): unknown {
  const job = {
    job_name: 'bench',
    metrics_path: '/probe',
    params: { module: ['instance'] },
    static_configs: [{ targets: ids }],
    relabel_configs: [
      { source_labels: ['__address__'], target_label: 'instance' },
      {
        source_labels: ['__address__'],
        target_label: '__param_target',
        replacement: `${url}/bench/v1/$1/instance`,
      },
      { target_label: '__address__', replacement: `127.0.0.1:${exporterPort}` },
    ],
  };
  return { global: { scrape_interval: '1s', scrape_timeout: `${TIMEOUT_SECONDS}s` }, scrape_configs: [job] };
}

interface Answer {
  readonly data: {
    readonly result: readonly {
      readonly metric: { readonly instance: string };
      readonly values: readonly (readonly [number, string])[];
    }[];
  };
}

/** A sample has the time when its scrape began; its value was known once the scrape was over. */
async function verdicts(api: string, ids: readonly string[], since: number): Promise<ReadonlyMap<string, number>> {
  const of = (name: string): string => `${name}{instance=~"${ids.join('|')}"}[${WINDOW}]`;
  const took = new Map<string, number>();
  for (const { metric, values } of await samples(api, of('scrape_duration_seconds')))
    for (const [at, seconds] of values) took.set(`${metric.instance} ${at}`, Number(seconds));
  const found = new Map<string, number>();
  for (const { metric, values } of await samples(api, of('probe_success'))) {
    const known = values
      .filter(([, success]) => success === '0')
      .map(([at]) => (at + (took.get(`${metric.instance} ${at}`) ?? 0)) * 1_000)
      .find((at) => at >= since);
    if (known !== undefined) found.set(metric.instance, known);
  }
  return found;
}

async function samples(api: string, query: string): Promise<Answer['data']['result']> {
  const response = await fetch(`${api}/api/v1/query`, { method: 'POST', body: new URLSearchParams({ query }) });
  if (!response.ok) throw new Error(`Prometheus answered ${response.status}: ${await response.text()}`);
  return ((await response.json()) as Answer).data.result;
}
