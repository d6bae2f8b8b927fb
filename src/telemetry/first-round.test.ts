import { expect, it } from 'vitest';
import type { Phase } from '../core/instance/instance.ts';
import { HOUR, SECOND } from '../core/time.ts';
import { SimulatedClock } from '../simulation/simulated-clock.ts';
import { strictBus } from '../../test/fleet/strict-bus.ts';
import { logFirstRound } from './first-round.ts';

function startRound(phases: Readonly<Record<string, Phase>>) {
  const clock = new SimulatedClock();
  const bus = strictBus();
  const lines: string[] = [];
  const instances = Object.entries(phases).map(([name, phase]) => ({
    name,
    isWatched: name !== 'off',
    state: { phase },
  }));
  const log = { info: (_: object, text: string) => void lines.push(text) };
  const end = logFirstRound({ clock, bus, instances: () => instances, log });
  const probed = (name: string): void =>
    bus.publish({
      ...{ type: 'probe_finished', at: clock.now(), name, account: 'acme', cause: 'connected', detail: null },
      ...{ startedAt: 0, seconds: 0, latenessSeconds: 0 },
    });
  return { clock, lines, probed, end };
}

it('is one line for all, when each has been probed', async () => {
  const { clock, lines, probed } = startRound({ a: 'healthy', b: 'healthy', c: 'needs_human', off: 'unknown' });
  for (const name of ['a', 'a', 'b']) probed(name);
  await clock.run(SECOND);
  expect(lines).toEqual([]);
  probed('c');
  await clock.run(SECOND);
  expect(lines).toEqual(['first probes of 3 instances: 2 healthy, 1 needs_human']);
  probed('a');
  await clock.run(HOUR);
  expect(lines).toHaveLength(1);
});

it('does not wait for long, and not at all after its end', async () => {
  const one = startRound({ a: 'healthy', rare: 'unknown' });
  one.probed('a');
  await one.clock.run(HOUR);
  expect(one.lines).toEqual(['first probes of 2 instances: 1 unknown, 1 healthy']);
  const ended = startRound({ a: 'healthy' });
  ended.end();
  ended.probed('a');
  await ended.clock.run(HOUR);
  expect(ended.lines).toEqual([]);
});
