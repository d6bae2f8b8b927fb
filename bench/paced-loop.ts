import { Pool, type Dispatcher } from 'undici';
import { probeRequests } from './subjects.ts';

// The yardstick at a given pace, in a process of its own: node paced-loop.js URL CONNECTIONS EVERY_MS INSTANCES WARM.
// It requests each instance once per interval over a bare undici pool and parses the answer, spread like the daemon's
// probes. Its cost is that of Node.js and its HTTP client at that pace.
const SLOT_MS = 50;
const [url = '', connections, every, instances, warm = '0'] = process.argv.slice(2);
const pool = new Pool(url, { connections: Number(connections), pipelining: 1 });
const requests = probeRequests(Number(instances));
const slots = Math.max(1, Math.floor(Number(every) / SLOT_MS));

async function probe(request: Dispatcher.RequestOptions | undefined): Promise<void> {
  if (request === undefined) return;
  const { body } = await pool.request(request);
  await body.json();
}

// At first without a pace, because code that is not compiled costs more.
for (let probed = 0; probed < Number(warm); probed += 1) await probe(requests[probed % requests.length]);

let slot = 0;
const startedAt = performance.now();

function next(): void {
  for (let index = slot % slots; index < requests.length; index += slots) void probe(requests[index]);
  slot += 1;
  setTimeout(next, Math.max(0, startedAt + slot * SLOT_MS - performance.now()));
}
next();
