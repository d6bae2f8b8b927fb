import { describe, expect, it } from 'vitest';
import type { Behaviour } from '../../src/simulator/instance/behaviour.ts';
import { arrival, FAST, watchOverByProcess } from './harness.ts';

/** Longer than probes may take, and than a stall may last unnoticed. `STOPPED_SECONDS=60` stops for longer. */
const STOPPED_SECONDS = Number(process.env['STOPPED_SECONDS'] ?? 5);
const TIMEOUT_SECONDS = 4;

/** One single failure leads to a restart, so that nothing false stays unseen. */
const NERVOUS = {
  probe: {
    ...FAST.probe,
    every: `${TIMEOUT_SECONDS}s`,
    retryEvery: '100ms',
    timeout: `${TIMEOUT_SECONDS}s`,
    failureThreshold: 1,
  },
  restart: FAST.restart,
};
/** Half a second under way, so that some are whenever the process stops. */
const CONNECTED: Behaviour = {
  probe: 'connected',
  onRestart: [{ answers: 'accepted', effect: { after: 0, becomes: 'connected' } }],
  latency: 500,
};
const HANGING: Behaviour = { ...CONNECTED, probe: 'hanging' };

const FLEET = Object.fromEntries(
  Array.from({ length: 24 }, (_, index) => [`55119000000${String(10 + index)}`, CONNECTED]),
);

// There is no SIGSTOP on Windows.
describe.skipIf(process.platform === 'win32')('stopped and continued (SIGSTOP, SIGCONT)', { timeout: 180_000 }, () => {
  it('makes no restart because of it, whether the gateway answered meanwhile or not, and then probes as before', async () => {
    const { simulator, daemon } = await watchOverByProcess(FLEET, { defaults: NERVOUS });
    await daemon.line('"event":"first_round"');

    for (const underWay of [CONNECTED, HANGING]) {
      simulator.setAll(underWay);
      await arrival(simulator, 3);
      daemon.child.kill('SIGSTOP');
      await new Promise((resolve) => setTimeout(resolve, STOPPED_SECONDS * 1_000));
      simulator.setAll(CONNECTED);
      const before = daemon.output().split('\n').length;
      daemon.child.kill('SIGCONT');
      await arrival(simulator, 2 * simulator.phoneNumberIds().length);
      expect(daemon.output().split('\n').slice(before)).toEqual([]);
    }
    expect(simulator.requests().restarts).toBe(0);
    expect(daemon.output()).not.toMatch(/"to":"(suspect|down|restarting)"/u);

    // Awake again, it does restart what is sick.
    const [first = ''] = simulator.phoneNumberIds();
    simulator.set(first, 'disconnected');
    await daemon.line('"event":"healed"', first);
    expect(simulator.requests().restarts).toBe(1);
    expect(await daemon.end()).toBe(0);
  });
});
