import { SECOND, type DurationMs } from '../../src/core/time.ts';
import type { Instance } from '../../src/runtime/fleet/instance.ts';
import type { Watchdog } from '../../src/runtime/watchdog.ts';
import type { Chance } from '../../src/simulation/chance.ts';
import type { SimulatedInstance } from '../../src/simulation/simulated-instance.ts';
import type { SimulatedClock } from '../../src/simulation/simulated-clock.ts';
import type { Oracle } from './oracle.ts';
import type { SimulatedProcess } from './process.ts';

/** What somebody can want of one instance. */
export const WISHES = [
  'restart',
  'force',
  'force_twice',
  'pause',
  'unpause',
  'reset',
  'probe',
  'hint',
  'release',
] as const;
export type Wish = (typeof WISHES)[number];

export interface PeopleParts {
  readonly chance: Chance;
  readonly clock: SimulatedClock;
  readonly oracle: Oracle;
  readonly watch: () => Watchdog | null;
  readonly process: () => SimulatedProcess;
  readonly enabled: ReadonlySet<SimulatedInstance>;
  /** Hears of everything that may change what is to become of an instance. */
  readonly disturbed: (simulated: SimulatedInstance) => void;
  readonly tell: (words: string) => void;
}

/** Those who use the API and the hooks, and the oracle's knowledge of what they asked for. */
export class People {
  private readonly parts: PeopleParts;

  constructor(parts: PeopleParts) {
    this.parts = parts;
  }

  wish(simulated: SimulatedInstance, wish: Wish): void {
    const { enabled, process, tell } = this.parts;
    const watch = this.parts.watch();
    const instance = watch?.fleet.instances.get(simulated.name);
    if (watch === null || instance === undefined || !process().awake) return;
    // With force even a disabled one may be restarted; no rule could judge that.
    if ((wish === 'force' || wish === 'force_twice') && !enabled.has(simulated)) return;
    tell(`somebody wishes: ${wish} ${simulated.name}`);
    this.fulfil(wish, watch, instance, simulated);
  }

  private fulfil(wish: Wish, watch: Watchdog, instance: Instance, simulated: SimulatedInstance): void {
    const { oracle, chance, clock, disturbed } = this.parts;
    if (wish !== 'probe' && wish !== 'hint') disturbed(simulated);
    switch (wish) {
      case 'restart':
        oracle.of(simulated).requestedAt = clock.now();
        void watch.control.requestRestart(instance, { trigger: 'alert', requestedBy: 'somebody', force: false });
        return;
      case 'force_twice':
        clock.after(chance.between(0, 2) * SECOND, () => {
          this.wish(simulated, 'force');
        });
        void this.force(watch, instance, simulated);
        return;
      case 'force':
        void this.force(watch, instance, simulated);
        return;
      case 'pause':
        void this.pause(watch, instance, simulated, chance.happens(0.3) ? null : chance.between(5, 180) * 60 * SECOND);
        return;
      case 'unpause':
        void this.pause(watch, instance, simulated, 0);
        return;
      case 'reset':
        oracle.of(simulated).resetRequested(clock.now());
        void watch.control.reset(instance, 'somebody');
        return;
      case 'probe':
        void watch.control.probeNow(instance);
        return;
      case 'hint':
        watch.control.hint(instance);
        return;
      case 'release':
        oracle.released(simulated.account);
        void watch.control.release(instance.account, 'somebody');
        return;
    }
  }

  private async force(watch: Watchdog, instance: Instance, simulated: SimulatedInstance): Promise<void> {
    const { forces } = this.parts.oracle.of(simulated);
    const force = Symbol('force');
    forces.add(force);
    const { ended } = await watch.control.requestRestart(instance, {
      trigger: 'api',
      requestedBy: 'somebody',
      force: true,
    });
    await ended;
    // Where no call came of it, none will.
    forces.delete(force);
  }

  /** @param duration 0: ends the pause; null: without an end of its own */
  private async pause(
    watch: Watchdog,
    instance: Instance,
    simulated: SimulatedInstance,
    duration: DurationMs | null,
  ): Promise<void> {
    const { oracle, clock } = this.parts;
    const until = duration === null ? null : clock.wall() + duration;
    const ledger = oracle.of(simulated);
    const request = ledger.pauseRequested();
    const { saved } =
      duration === 0
        ? await watch.control.unpause(instance, 'somebody')
        : await watch.control.pause(instance, { reason: 'works', by: 'somebody', until });
    const pause = duration === 0 ? null : { from: clock.now(), until: until ?? Number.POSITIVE_INFINITY };
    ledger.pauseAnswered(request, pause, saved);
  }
}
