import { describe, expect, it } from 'vitest';
import { handMadeFleet } from '../../../test/fleet/fleet.ts';
import { httpParts } from '../../../test/http/http-parts.ts';
import { MINUTE, SECOND } from '../../core/time.ts';
import { EMPTY } from '../../history/bucket.ts';
import { NO_PAST, type Past } from '../../history/instance-history.ts';
import { SimulatedClock } from '../../simulation/simulated-clock.ts';
import { GroupPasts } from './group-pasts.ts';

const START = 3_600 * 1_000;

/** The past of a group of one, whose history is `current`, at several times. */
function groupOf(first: Past) {
  const clock = new SimulatedClock();
  const instances = [...handMadeFleet([{ name: 'a', phoneNumberId: '1' }], clock).instances.values()];
  let current = first;
  const history = { ...httpParts().history, of: () => Promise.resolve([current]) };
  const pasts = new GroupPasts({ clock, history });
  const look = async (): Promise<number> => {
    const past = pasts.of('all', { name: '', instances });
    await clock.run(SECOND);
    return (await past).hours.at(-1)?.healthy ?? 0;
  };
  return { clock, look, become: (next: Past) => void (current = next) };
}

const seen = (healthy: number): Past => ({
  ...NO_PAST,
  until: START + healthy,
  hours: [{ ...EMPTY, healthy }],
});

describe('the past of a group', () => {
  it('is summed up once a minute', async () => {
    const { clock, look, become } = groupOf(seen(10));
    expect(await look()).toBe(10);
    become(seen(20));
    expect(await look()).toBe(10);
    await clock.run(MINUTE);
    expect(await look()).toBe(20);
  });

  it('is looked for again while there is none, as in the first second after the start', async () => {
    const { look, become } = groupOf(NO_PAST);
    expect(await look()).toBe(0);
    become(seen(1));
    expect(await look()).toBe(1);
  });
});
