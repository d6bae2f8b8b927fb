import { join } from 'node:path';
import { startProgram, type Peer, type Work } from './peer.ts';

const CONNECTIONS = 50;

/** Not a tool: the bare calls that any tool on Node.js and this HTTP client needs. It gives no verdict. */
export async function startBareLoop(work: Work): Promise<Peer> {
  const { url, ids } = work;
  const args = [join(import.meta.dirname, 'paced-loop.js'), url, String(CONNECTIONS), '1000', String(ids.length)];
  const loop = await startProgram(work, process.execPath, args);
  return { pids: [loop.pid], verdicts: () => Promise.resolve(new Map()), stop: () => loop.stop() };
}
