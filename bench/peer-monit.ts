import { open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startProgram, TIMEOUT_SECONDS, VerdictLines, type Peer, type Work } from './peer.ts';
import { TOKEN } from './subjects.ts';

const READ_EVERY_MS = 5;

/** monit with a cycle of one second, the shortest there is; its verdict is its log line, when that can be read. */
export async function startMonit(work: Work): Promise<Peer> {
  const { url, ids, folder } = work;
  const { hostname, port } = new URL(url);
  const log = join(folder, 'monit.log');
  const settings = [
    'set daemon 1',
    `set log ${log}`,
    ...['pidfile', 'idfile', 'statefile'].map((file) => `set ${file} ${join(folder, file)}`),
  ];
  const checks = ids.map((id) =>
    [
      `check host ${id} with address ${hostname}`,
      `  if failed port ${port} protocol http request "/bench/v1/${id}/instance"`,
      `    with http headers [Authorization: "Bearer ${TOKEN}"] content = '"state":"open"'`,
      `    with timeout ${TIMEOUT_SECONDS} seconds then alert`,
    ].join('\n'),
  );
  const file = join(folder, 'monitrc');
  await writeFile(log, '');
  await writeFile(file, `${[...settings, ...checks].join('\n')}\n`, { mode: 0o600 });
  const lines = new VerdictLines(idOf);
  const monit = await startProgram(work, 'monit', ['-I', '-c', file]);
  const stopReading = await follow(log, lines.read);
  return {
    pids: [monit.pid],
    verdicts: (among, since) => Promise.resolve(lines.verdicts(among, since)),
    stop: async () => {
      await stopReading();
      await monit.stop();
    },
  };
}

/** `[time] error : 'id' failed protocol test [HTTP] at …` */
function idOf(line: string): string | null {
  return /error\s+: '(\d+)' failed /.exec(line)?.[1] ?? null;
}

/** Reads what is added to a file, again and again. */
async function follow(path: string, onText: (text: string) => void): Promise<() => Promise<void>> {
  const file = await open(path, 'r');
  const buffer = Buffer.alloc(256 * 1024);
  let reading = Promise.resolve();
  let busy = false;
  const read = async (): Promise<void> => {
    const { bytesRead } = await file.read(buffer, 0, buffer.length, null);
    if (bytesRead > 0) onText(buffer.toString('latin1', 0, bytesRead));
  };
  const timer = setInterval(() => {
    if (busy) return;
    busy = true;
    reading = read().finally(() => (busy = false));
  }, READ_EVERY_MS);
  return async () => {
    clearInterval(timer);
    await reading;
    await file.close();
  };
}
