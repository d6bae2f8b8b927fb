import { expect, it } from 'vitest';
import { notice, receiverSettings } from '../../test/notify/notices.ts';
import { HOUR, MINUTE } from '../core/time.ts';
import { SimulatedClock } from '../simulation/simulated-clock.ts';
import type { Notice } from './notice.ts';
import { Receiver } from './receiver.ts';

/** A receiver whose night of quiet begins now and lasts nine hours; warnings and what is less wait. */
function startQuiet(severities: readonly ('critical' | 'warning' | 'info')[] = ['warning', 'info']) {
  const clock = new SimulatedClock();
  const midnight = Date.parse('2026-11-29T22:00:00Z') - clock.now();
  const said: string[] = [];
  const quiet = { from: 22 * 60, to: 7 * 60, severities };
  const receiver = new Receiver({
    clock,
    wall: { now: () => clock.now() + midnight },
    settings: receiverSettings({
      quiet,
      groupWait: 0,
      events: ['down', 'storm', 'reset'],
      flapping: null,
      remindEvery: 2 * HOUR,
    }),
    reminder: (incident, at) => notice({ topic: 'storm', incident, stage: 'lasts', at }),
    send: ({ notices: [{ topic, stage }] }) => said.push(`${topic} ${stage}`),
  });
  const storm = (stage: Notice['stage'], of = 'acme'): void => {
    receiver.receive(notice({ topic: 'storm', stage, name: null, incident: `storm:${of}` }));
  };
  return { clock, receiver, said, storm };
}

it('sends at once what does not wait, and in the morning what lasts', async () => {
  const { clock, receiver, said, storm } = startQuiet();
  receiver.receive(notice());
  storm('began');
  receiver.receive(notice({ topic: 'reset', stage: 'happened', level: 'info', incident: null }));
  await clock.run(HOUR);
  expect(said.splice(0)).toEqual(['down began']);
  await clock.run(8 * HOUR - MINUTE);
  expect(said.filter((each) => each.startsWith('storm'))).toEqual([]);
  await clock.run(2 * MINUTE);
  expect(said).toEqual(expect.arrayContaining(['storm began', 'reset happened']));
});

it('says nothing of what is over by the morning, and at once that something is over that was sent', async () => {
  const { clock, receiver, said, storm } = startQuiet();
  storm('began');
  storm('ended');
  receiver.receive(notice());
  receiver.receive(notice({ topic: 'healed', stage: 'ended' }));
  expect(said.splice(0)).toEqual(['down began', 'healed ended']);
  await clock.run(24 * HOUR);
  expect(said).toEqual([]);
});

it('lets nothing get lost when the process ends', () => {
  const { receiver, said, storm } = startQuiet(['critical', 'warning', 'info']);
  storm('began');
  receiver.receive(notice());
  expect(said).toEqual([]);
  receiver.close();
  expect(said).toEqual(['storm began', 'down began']);
});
