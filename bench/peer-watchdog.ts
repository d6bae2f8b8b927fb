import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startProgram, TIMEOUT_SECONDS, VerdictLines, type Peer, type Work } from './peer.ts';
import { TOKEN } from './subjects.ts';

/** smileapi-watchdog as users run it: its command, state on disk, log lines that are read. It may restart nothing. */
export async function startWatchdog(work: Work): Promise<Peer> {
  const { url, ids, folder } = work;
  const file = join(folder, 'config.yaml');
  const probe = { every: '1s', timeout: `${TIMEOUT_SECONDS}s`, failureThreshold: 1 };
  const config = {
    listen: '127.0.0.1:0',
    state: { path: './state' },
    accounts: {
      bench: { baseUrl: url, username: 'bench', token: TOKEN, limits: { requestsPerSecond: 100_000, concurrency: 50 } },
    },
    defaults: { probe, restart: { enabled: false } },
    instances: ids.map((phoneNumberId) => ({ account: 'bench', phoneNumberId, name: phoneNumberId })),
  };
  await writeFile(file, JSON.stringify(config));
  const lines = new VerdictLines(idOf);
  const daemon = await startProgram(
    work,
    process.execPath,
    [...process.execArgv, 'dist/main.js', 'run', '-c', file],
    lines.read,
  );
  return {
    pids: [daemon.pid],
    verdicts: (among, since) => Promise.resolve(lines.verdicts(among, since)),
    stop: () => daemon.stop(),
  };
}

function idOf(line: string): string | null {
  if (!line.includes('"phase_changed"')) return null;
  const { name, to } = JSON.parse(line) as { name: string; to: string };
  return to === 'down' ? name : null;
}
