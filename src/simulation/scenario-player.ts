import type { DurationMs, EpochMs } from '../core/time.ts';
import { verdictOf } from '../core/verdict.ts';
import type { Clock } from '../time/clock.ts';
import type { Chance } from './chance.ts';
import { SimulatedInstance } from './scenario-instance.ts';
import type { Happening, Scenario, Subject } from './scenario.ts';
import { WorldGateway, type Witness } from './world-gateway.ts';

/** An instance to be simulated. */
export interface ScenarioInstance {
  readonly account: string;
  readonly name: string;
  readonly phoneNumberId: string;
}

const NO_WITNESS: Witness = {
  probeAnswered: () => undefined,
  restartCalled: () => undefined,
  restartEnded: () => undefined,
};

/** Plays a scenario: gateways whose instances are in the condition that its lines name. */
export class ScenarioPlayer {
  readonly gateways: ReadonlyMap<string, WorldGateway>;
  networkUp = true;
  private readonly phones: readonly SimulatedInstance[];
  private readonly clock: Clock;
  private readonly chance: Chance;
  private readonly startedAt: EpochMs;
  private readonly down = new Map<string, DurationMs>();
  private readonly downSince = new Map<string, EpochMs>();

  constructor(actors: readonly ScenarioInstance[], scenario: Scenario, parts: { clock: Clock; chance: Chance }) {
    this.clock = parts.clock;
    this.chance = parts.chance;
    this.startedAt = parts.clock.now();
    this.phones = actors.map(
      ({ account, name, phoneNumberId: id }) =>
        new SimulatedInstance(
          { account, name, id },
          {
            clock: this.clock,
            cure: scenario.cure,
            changed: () => {
              this.count();
            },
          },
        ),
    );
    const accounts = new Set(actors.map(({ account }) => account));
    this.gateways = new Map([...accounts].map((name) => [name, this.open(name)]));
    for (const happening of scenario.happenings) this.clock.after(happening.at, () => this.play(happening));
  }

  /** How long each instance was truly unusable, whatever the watchdog knew about it. */
  downtime(): ReadonlyMap<string, DurationMs> {
    this.count();
    const now = this.clock.now();
    return new Map(
      this.phones.map(({ name }) => {
        const since = this.downSince.get(name);
        return [name, (this.down.get(name) ?? 0) + (since === undefined ? 0 : now - since)];
      }),
    );
  }

  private open(account: string): WorldGateway {
    const phones = this.phones.filter((phone) => phone.account === account);
    return new WorldGateway(phones, { clock: this.clock, chance: this.chance.fork(), witness: NO_WITNESS });
  }

  private play(happening: Happening): void {
    switch (happening.type) {
      case 'become':
        for (const phone of this.chosen(happening.who)) {
          phone.become(happening.cause);
          if (happening.lasts !== null) phone.later(happening.lasts, () => phone.become('connected'));
        }
        return;
      case 'flap':
        for (const phone of this.chosen(happening.who)) this.flap(phone, happening.period, happening.until);
        return;
      case 'gateway': {
        const trouble = { cause: happening.cause, affects: () => true };
        this.everywhere((gateway) => (gateway.trouble = trouble));
        this.clock.after(happening.lasts, () => this.everywhere((gateway) => (gateway.trouble = null)));
        return;
      }
      case 'network':
        this.connect(false);
        this.clock.after(happening.lasts, () => this.connect(true));
    }
  }

  /** Down and up in turns, half of `period` each, whatever restarts do in between: they do not cure flapping. */
  private flap(phone: SimulatedInstance, period: DurationMs, until: DurationMs, goesDown = true): void {
    const isOver = this.clock.now() >= this.startedAt + until;
    if (goesDown && !isOver && phone.condition === 'connected') phone.become('disconnected');
    else if (!goesDown && phone.condition === 'disconnected') phone.become('connected');
    if (!isOver) {
      this.clock.after(period / 2, () => {
        this.flap(phone, period, until, !goesDown);
      });
    }
  }

  private chosen(subject: Subject): readonly SimulatedInstance[] {
    switch (subject.type) {
      case 'all':
        return this.phones;
      case 'any':
        return this.phones.slice(0, 1);
      case 'one':
        return this.phones.filter(({ name }) => name === subject.name);
      case 'share':
        return this.phones.slice(0, numberOf(subject.share, this.phones.length));
    }
  }

  private everywhere(change: (gateway: WorldGateway) => unknown): void {
    for (const gateway of this.gateways.values()) change(gateway);
    this.count();
  }

  /** Our own network affects what we see, not the condition of the instances. */
  private connect(up: boolean): void {
    this.networkUp = up;
    for (const gateway of this.gateways.values()) gateway.cut = !up;
  }

  private count(): void {
    const now = this.clock.now();
    for (const { account, name, condition } of this.phones) {
      const trouble = this.gateways.get(account)?.trouble;
      const isDownNow = verdictOf(condition) !== 'healthy' || (trouble !== null && trouble !== undefined);
      const since = this.downSince.get(name);
      if (isDownNow && since === undefined) this.downSince.set(name, now);
      if (isDownNow || since === undefined) continue;
      this.downSince.delete(name);
      this.down.set(name, (this.down.get(name) ?? 0) + now - since);
    }
  }
}

/** A share of any fleet is at least one instance, so that a scenario works on a single instance too. */
function numberOf(share: number, of: number): number {
  return share === 0 ? 0 : Math.max(1, Math.round(share * of));
}
