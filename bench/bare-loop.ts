import { Pool } from 'undici';
import { phoneNumberIdAt } from '../src/simulator/simulator.ts';
import { measureRate, type Run } from './measure.ts';
import { TOKEN } from './subjects.ts';

/** The yardstick: as many loops as connections, which only request and parse. */
export async function bareLoop(
  url: string,
  options: { instances: number; connections: number; seconds: number },
): Promise<Run> {
  const pool = new Pool(url, { connections: options.connections, pipelining: 1 });
  const headers = { authorization: `Bearer ${TOKEN}`, accept: 'application/json' };
  const paths = Array.from({ length: options.instances }, (_, index) => `/bench/v1/${phoneNumberIdAt(index)}/instance`);
  let answered = 0;
  let next = 0;
  let running = true;
  const ask = async (): Promise<void> => {
    while (running) {
      const path = paths[(next += 1) % paths.length] ?? '/';
      const { body } = await pool.request({ path, method: 'GET', headers });
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
