import type { DurationMs, EpochMs } from '../core/time.ts';
import { verdictOf } from '../core/verdict.ts';
import type { GatewayHealth } from '../gateway/gateway.ts';
import type { Cancel, Clock } from '../time/clock.ts';
import { chosen, type CastMember } from './cast.ts';
import type { Chance } from './chance.ts';
import { Downtime } from './downtime.ts';
import { affected, type Request, type RestartChange } from './language/happening.ts';
import type { Happening } from './language/scenario.ts';
import { EVERYBODY } from './language/words.ts';
import { SimulatedInstance } from './simulated-instance.ts';
import { WorldGateway } from './world-gateway.ts';

/** An instance to be simulated. */
export interface ScenarioInstance extends CastMember {
  readonly phoneNumberId: string;
}

export interface PlayerParts {
  readonly clock: Clock;
  readonly chance: Chance;
  /** What people do; the scenario names instances, and when the same request was made for the first time. */
  readonly onRequest: (request: Request, names: readonly string[], since: EpochMs) => void;
  /** Called just before it happens. */
  readonly onHappening: (happening: Happening) => void;
}

interface Actor extends CastMember {
  readonly simulated: SimulatedInstance;
}

const DEFAULT_CURE = { after: 20_000, chance: 1 };

/** Plays a scenario: gateways whose instances are in the condition that its lines name. */
export class ScenarioPlayer {
  /** By account. */
  readonly gateways: ReadonlyMap<string, WorldGateway>;
  private readonly parts: PlayerParts;
  private readonly actors: readonly Actor[];
  private readonly startedAt: EpochMs;
  private readonly down: Downtime;
  /** How what a line did to an instance comes to its end, other than by another line. */
  private readonly ends = new Map<SimulatedInstance, Cancel>();
  private readonly flaps = new Map<SimulatedInstance, Cancel>();
  /** Lines by which our own network is down. */
  private readonly cuts = new Set<Happening>();

  constructor(instances: readonly ScenarioInstance[], happenings: readonly Happening[], parts: PlayerParts) {
    const { clock, chance } = parts;
    this.parts = parts;
    this.startedAt = clock.now();
    this.down = new Downtime(clock);
    const usual = { clock, cure: DEFAULT_CURE, changed: () => this.count() };
    this.actors = instances.map(({ phoneNumberId: id, ...member }) => ({
      ...member,
      simulated: new SimulatedInstance({ ...member, id }, usual),
    }));
    const accounts = new Set(instances.map(({ account }) => account));
    this.gateways = new Map(
      [...accounts].map((name) => {
        const own = this.actors.flatMap(({ account, simulated }) => (account === name ? [simulated] : []));
        return [name, new WorldGateway(own, { clock, chance: chance.fork(), witness: {} })];
      }),
    );
    for (const happening of happenings) clock.after(happening.at, () => this.play(happening));
  }

  get networkUp(): boolean {
    return this.cuts.size === 0;
  }

  /** How long an instance was truly unusable until now, whatever the watchdog knew about it. */
  downtimeOf(name: string): DurationMs {
    return this.down.of(name);
  }

  private play(happening: Happening): void {
    const { clock, onHappening, onRequest } = this.parts;
    onHappening(happening);
    const actors = chosen(this.actors, affected(happening) ?? EVERYBODY);
    switch (happening.type) {
      case 'become':
        for (const { simulated } of actors) {
          this.become(simulated, happening.cause);
          this.over(simulated, happening.lasts);
        }
        return;
      case 'flap':
        for (const { simulated } of actors) this.flap(simulated, happening.period, this.startedAt + happening.until);
        return;
      case 'gateway':
        this.gatewayTrouble(actors, happening);
        return;
      case 'health':
        this.gatewayHealth(actors, happening.health, happening.lasts);
        return;
      case 'network':
        this.cut(happening, true);
        clock.after(happening.lasts, () => this.cut(happening, false));
        return;
      case 'restart':
        for (const { simulated } of actors) this.change(simulated, happening.change);
        return;
      case 'mend':
        for (const { simulated } of actors) {
          this.flaps.get(simulated)?.();
          this.become(simulated, 'connected');
        }
        return;
      case 'request':
        onRequest(
          happening.request,
          actors.map(({ name }) => name),
          this.startedAt + happening.since,
        );
    }
  }

  /** Brings an instance into a condition, and ends what earlier lines did to it. */
  private become(simulated: SimulatedInstance, cause: SimulatedInstance['condition']): void {
    this.ends.get(simulated)?.();
    simulated.harmed = false;
    simulated.become(cause);
  }

  /** Restarts in between change nothing of when it is over. What they took away does not come back by itself. */
  private over(simulated: SimulatedInstance, lasts: DurationMs | null): void {
    if (lasts === null) return;
    const end = (): void => {
      if (!simulated.harmed) simulated.become('connected');
    };
    this.ends.set(simulated, this.parts.clock.after(lasts, end));
  }

  private gatewayTrouble(actors: readonly Actor[], { cause, lasts }: Extract<Happening, { type: 'gateway' }>): void {
    const trouble = { cause, affects: () => true };
    const gateways = this.gatewaysOf(actors);
    for (const gateway of gateways) gateway.trouble = trouble;
    this.count();
    this.parts.clock.after(lasts, () => {
      for (const gateway of gateways) if (gateway.trouble === trouble) gateway.trouble = null;
      this.count();
    });
  }

  private gatewayHealth(actors: readonly Actor[], health: GatewayHealth, lasts: DurationMs | null): void {
    const gateways = this.gatewaysOf(actors);
    const said = { health };
    for (const gateway of gateways) gateway.healthSaid = said;
    if (lasts === null) return;
    this.parts.clock.after(lasts, () => {
      for (const gateway of gateways) if (gateway.healthSaid === said) gateway.healthSaid = null;
    });
  }

  /** Our own network affects what we see, not the condition of the instances. */
  private cut(happening: Happening, isCut: boolean): void {
    if (isCut) this.cuts.add(happening);
    else this.cuts.delete(happening);
    for (const gateway of this.gateways.values()) gateway.cut = !this.networkUp;
  }

  private change(simulated: SimulatedInstance, change: RestartChange): void {
    switch (change.type) {
      case 'heals': {
        const { after, chance, by, lasts } = change;
        simulated.manner = 'obeys';
        simulated.cure = { after, chance, by, lasts };
        return;
      }
      case 'harms':
        simulated.manner = 'obeys';
        simulated.cure = { after: change.after, chance: 1, harm: change.as };
        return;
      case 'lies':
        simulated.manner = 'lies';
        return;
      case 'refused': {
        const refusal = { status: change.status, left: change.times ?? Number.POSITIVE_INFINITY };
        simulated.refusal = refusal;
        if (change.lasts !== null) this.parts.clock.after(change.lasts, () => (refusal.left = 0));
        return;
      }
      case 'takes':
        simulated.takes = change.takes;
    }
  }

  /** Down and up in turns, half of `period` each, whatever restarts do in between: they do not cure flapping. */
  private flap(simulated: SimulatedInstance, period: DurationMs, end: EpochMs, goesDown = true): void {
    const { clock } = this.parts;
    const isOver = clock.now() >= end;
    if (goesDown && !isOver && simulated.condition === 'connected') simulated.become('disconnected');
    else if (!goesDown && simulated.condition === 'disconnected') simulated.become('connected');
    if (isOver) return;
    this.flaps.set(
      simulated,
      clock.after(period / 2, () => this.flap(simulated, period, end, !goesDown)),
    );
  }

  private gatewaysOf(actors: readonly Actor[]): readonly WorldGateway[] {
    const accounts = new Set(actors.map(({ account }) => account));
    return [...accounts].flatMap((account) => this.gateways.get(account) ?? []);
  }

  private count(): void {
    for (const { account, name, simulated } of this.actors) {
      const isTroubled = (this.gateways.get(account)?.trouble ?? null) !== null;
      this.down.note(name, isTroubled || verdictOf(simulated.condition) !== 'healthy');
    }
  }
}
