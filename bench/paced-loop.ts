import { Pool } from 'undici';
import { phoneNumberIdAt } from '../src/simulator/simulator.ts';
import { TOKEN } from './subjects.ts';

// The yardstick at a given pace, in a process of its own: node paced-loop.js URL CONNECTIONS EVERY_MS INSTANCES WARM
// It asks about each once per interval over a bare undici pool and parses the answer, as spread as the daemon's probes
// are, and nothing else. What it costs is what Node.js and its HTTP client cost at that pace.
const SLOT_MS = 50;
const [url = '', connections, every, instances, warm = '0'] = process.argv.slice(2);
const pool = new Pool(url, { connections: Number(connections), pipelining: 1 });
const headers = { authorization: `Bearer ${TOKEN}`, accept: 'application/json' };
const paths = Array.from({ length: Number(instances) }, (_, index) => `/bench/v1/${phoneNumberIdAt(index)}/instance`);
const slots = Math.max(1, Math.floor(Number(every) / SLOT_MS));

async function ask(path: string): Promise<void> {
  const { body } = await pool.request({ path, method: 'GET', headers });
  await body.json();
}

// At first without a pace, for what is not compiled costs more.
for (let asked = 0; asked < Number(warm); asked += 1) await ask(paths[asked % paths.length] ?? '/');

let slot = 0;
const startedAt = performance.now();

function next(): void {
  for (let index = slot % slots; index < paths.length; index += slots) void ask(paths[index] ?? '/');
  slot += 1;
  setTimeout(next, Math.max(0, startedAt + slot * SLOT_MS - performance.now()));
}
next();
