import { expect, it, onTestFinished } from 'vitest';
import { DAY, HOUR, MINUTE, SECOND, type DurationMs, type EpochMs } from '../../src/core/time.ts';
import { PacedClock } from '../simulator/paced-clock.ts';
import { FAST, runDaemon, simulate, TOKEN, writeConfig } from './harness.ts';

/**
 * Somebody sets what it shows on the wall. Within the seconds between that and a time of the schedule the daemon has to notice it, so
 * the time goes no faster than this process does.
 */
class SettableClock extends PacedClock {
  #ahead: DurationMs = 0;

  override wall(): EpochMs {
    return super.wall() + this.#ahead;
  }

  set(wall: EpochMs): void {
    this.#ahead = wall - super.wall();
  }
}

it(
  'makes a planned restart when the clock says so, once, and does not make up for one',
  { timeout: 120_000 },
  async () => {
    const simulator = await simulate({ '5511900000001': 'connected' });
    const restart = { ...FAST.restart, schedule: '0 3 * * *', budget: { restarts: 10, per: '1h' } };
    const clock = new SettableClock();
    onTestFinished(() => clock.stop());
    const threeOClock = Math.ceil(clock.wall() / DAY) * DAY + DAY + 3 * HOUR;
    const daemon = await runDaemon(
      writeConfig(simulator, { defaults: { probe: FAST.probe, restart } }),
      { TOKEN },
      clock,
    );
    await daemon.seen(({ type }) => type === 'phase_changed');

    // On a busy machine a probe may be late and lead to a restart of its own, and then there is none by plan that day.
    let planned = threeOClock;
    for (;;) {
      const outcome = daemon.next(
        (event) =>
          (event.type === 'restart_finished' && event.intent.trigger === 'schedule') ||
          (event.type === 'restart_skipped' && event.why !== 'missed'),
      );
      clock.set(planned - 2 * SECOND);
      const event = await outcome;
      if (event.type === 'restart_finished' && event.outcome === 'accepted') break;
      planned += DAY;
    }
    expect(clock.wall()).toBeGreaterThanOrEqual(planned);

    const repeated = daemon.next((event) => event.type === 'restart_skipped' && event.why === 'repeated');
    clock.set(planned - 2 * SECOND);
    await repeated;

    const missed = daemon.next((event) => event.type === 'restart_skipped' && event.why === 'missed');
    clock.set(planned + DAY + 5 * MINUTE);
    await missed;
    const histories = [...daemon.watchdog.fleet.instances.values()].flatMap(({ state }) => state.history);
    expect(histories.filter(({ trigger, outcome }) => trigger === 'schedule' && outcome === 'accepted')).toHaveLength(
      1,
    );
  },
);
