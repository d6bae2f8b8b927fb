import { expect, it } from 'vitest';
import { DAY, HOUR, MINUTE, SECOND, type DurationMs, type EpochMs } from '../../src/core/time.ts';
import { systemClock, type Clock } from '../../src/runtime/clock.ts';
import { FAST, runDaemon, simulate, TOKEN, writeConfig } from './harness.ts';

/** The real clock of this machine, but somebody sets what it shows on the wall. */
function settableClock(): Clock & { readonly set: (wall: EpochMs) => void } {
  const real = systemClock();
  let ahead: DurationMs = 0;
  return {
    ...real,
    wall: () => real.wall() + ahead,
    set(wall) {
      ahead = wall - real.wall();
    },
  };
}

it(
  'makes a planned restart when the clock says so, once, and does not make up for one',
  { timeout: 60_000 },
  async () => {
    const simulator = await simulate({ '5511900000001': 'connected' });
    const restart = { ...FAST.restart, schedule: '0 3 * * *', budget: { restarts: 10, per: '1h' } };
    const clock = settableClock();
    const threeOClock = Math.ceil(clock.wall() / DAY) * DAY + DAY + 3 * HOUR;
    const daemon = await runDaemon(
      writeConfig(simulator, { defaults: { probe: FAST.probe, restart } }),
      { TOKEN },
      clock,
    );
    await daemon.seen(({ type }) => type === 'phase_changed');

    clock.set(threeOClock - 2 * SECOND);
    await daemon.seen((event) => event.type === 'restart_started' && event.intent.trigger === 'schedule');
    expect(clock.wall()).toBeGreaterThanOrEqual(threeOClock);
    await daemon.seen(({ type }) => type === 'healed');

    clock.set(threeOClock - 2 * SECOND);
    await daemon.seen((event) => event.type === 'restart_skipped' && event.why === 'repeated');

    clock.set(threeOClock + DAY + 5 * MINUTE);
    await daemon.seen((event) => event.type === 'restart_skipped' && event.why === 'missed');
    expect(simulator.requests().restarts).toBe(1);
  },
);
