import { Pool } from 'undici';
import { measureRate, type Run } from './measure.ts';
import { probeRequests } from './subjects.ts';

/** The yardstick: as many loops as connections, which only request and parse. */
export async function bareLoop(
  url: string,
  options: { instances: number; connections: number; seconds: number },
): Promise<Run> {
  const pool = new Pool(url, { connections: options.connections, pipelining: 1 });
  const requests = probeRequests(options.instances);
  let answered = 0;
  let next = 0;
  let running = true;
  const ask = async (): Promise<void> => {
    while (running) {
      const request = requests[(next += 1) % requests.length];
      if (request === undefined) return;
      const { body } = await pool.request(request);
      await body.json();
      answered += 1;
    }
  };
  const loops = Array.from({ length: options.connections }, ask);
  const run = await measureRate(() => answered, options.seconds);
  running = false;
  await Promise.all(loops);
  await pool.close();
  return run;
}
