import { parseArgs } from 'node:util';
import { RequestLimiter } from '../../src/runtime/fleet/request-limiter.ts';
import { Account } from '../../src/runtime/fleet/account.ts';
import { Watchdog } from '../../src/runtime/watchdog.ts';
import { simulate } from './day.ts';

// npm run sim -- --seed N --days D --instances N [--seeds COUNT]
const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    seeds: { type: 'string', default: '1' },
    days: { type: 'string', default: '1' },
    instances: { type: 'string', default: '30' },
  },
});

const first = wholeNumber('seed', 0);
const count = wholeNumber('seeds', 1);
const days = wholeNumber('days', 1);
const instances = wholeNumber('instances', 1);

for (let seed = first; seed < first + count; seed += 1) {
  const began = performance.now();
  const { failure, ...counts } = await simulate({ Watchdog, Account, RequestLimiter }, { seed, days, instances });
  const took = ((performance.now() - began) / 1000).toFixed(1);
  const { probes, restarts, heals, processes } = counts;
  console.log(
    `seed ${seed}: ${days} d, ${instances} instances: ${probes} probes, ${restarts} restarts, ${heals} heals, ` +
      `${processes} processes, in ${took} s: ${failure === null ? 'every rule held' : 'A RULE BROKE'}`,
  );
  if (failure !== null) {
    console.log(failure);
    process.exitCode = 1;
  }
}

function wholeNumber(name: 'seed' | 'seeds' | 'days' | 'instances', least: number): number {
  const number = Number(values[name]);
  if (!Number.isInteger(number) || number < least) {
    console.error(`--${name} must be a whole number, ${least} or more; it is ${JSON.stringify(values[name])}`);
    process.exit(2);
  }
  return number;
}
