import type { EpochMs, DurationMs } from '../../src/core/time.ts';
import type { Gateway, ListRoute } from '../../src/gateway/gateway.ts';
import { sleep, type Clock } from '../../src/time/clock.ts';
import type { StateStore } from '../../src/store/store.ts';
import type { Chance } from '../../src/simulation/chance.ts';
import type { SimulatedClock } from '../../src/simulation/simulated-clock.ts';
import type { Disk } from './disk.ts';

/** Where on the way of a probe a process can die. */
export const HOPS = ['observe', 'before_save', 'after_save', 'before_call', 'during_call', 'after_call'] as const;
export type Hop = (typeof HOPS)[number];

/**
 * All that one run of the watchdog has of the world. Once it is dead nothing of it runs any more: its timers do not
 * fire, and what it waits for never comes. While it is frozen all of that is late.
 */
export class SimulatedProcess {
  readonly clock: Clock;
  alive = true;
  /** It dies when it comes to this hop. */
  diesAt: Hop | null = null;
  /** When it last stood still or saw the wall clock step. */
  disturbedAt: EpochMs = Number.NEGATIVE_INFINITY;
  private frozen = false;
  private readonly thawing: (() => void)[] = [];
  private readonly world: { readonly clock: SimulatedClock; readonly chance: Chance };
  private readonly onDeath: (hop: Hop | null) => void;

  constructor(world: { clock: SimulatedClock; chance: Chance }, onDeath: (hop: Hop | null) => void) {
    this.world = world;
    this.onDeath = onDeath;
    const { clock } = world;
    this.clock = {
      now: () => clock.now(),
      wall: () => clock.wall(),
      random: () => clock.random(),
      after: (delay, callback) => {
        let wanted = true;
        const fire = (): void => {
          if (!this.alive || !wanted) return;
          if (this.frozen) this.thawing.push(fire);
          else callback();
        };
        const cancel = clock.after(delay, fire);
        return () => {
          wanted = false;
          cancel();
        };
      },
    };
  }

  die(hop: Hop | null = null): void {
    if (!this.alive) return;
    this.alive = false;
    this.onDeath(hop);
  }

  freeze(duration: DurationMs): void {
    if (this.frozen) return;
    this.frozen = true;
    this.world.clock.after(duration, () => {
      this.frozen = false;
      this.disturbedAt = this.world.clock.now();
      for (const wake of this.thawing.splice(0)) wake();
    });
  }

  get awake(): boolean {
    return this.alive && !this.frozen;
  }

  /** The gateway as this process reaches it. */
  reach(gateway: Gateway): Gateway {
    return {
      probe: async (target, timeout, signal) => {
        await this.pass('observe');
        const result = await gateway.probe(target, timeout, signal);
        await this.goOn();
        return result;
      },
      restart: async (target, options) => {
        await this.pass('before_call');
        const call = gateway.restart(target, options);
        if (this.diesAt === 'during_call') {
          this.world.clock.after(this.world.chance.between(0, 800), () => this.die('during_call'));
        }
        const result = await call;
        await this.pass('after_call');
        return result;
      },
      close: () => Promise.resolve(),
    };
  }

  /** The list of the gateway as this process reaches it. */
  reachList(gateway: ListRoute): ListRoute {
    return {
      list: async (timeout, signal) => {
        await this.goOn();
        const result = await gateway.list(timeout, signal);
        await this.goOn();
        return result;
      },
    };
  }

  /** The disk as this process reaches it. Saving takes some milliseconds, so that other things happen meanwhile. */
  mount(disk: Disk): StateStore {
    return disk.open(async (hop) => {
      if (hop === 'before_save') await sleep(this.world.clock, this.world.chance.whole(0, 30));
      await this.pass(hop);
    });
  }

  private async pass(hop: Hop): Promise<void> {
    if (this.alive && this.diesAt === hop) this.die(hop);
    await this.goOn();
  }

  /** At once, or when the process thaws, or never. */
  private goOn(): Promise<void> {
    return new Promise((resolve) => {
      if (!this.alive) return;
      const wake = (): void => {
        if (this.alive) resolve();
      };
      if (this.frozen) this.thawing.push(wake);
      else resolve();
    });
  }
}
