import { WallClock } from '../../src/time/wall-clock.ts';
import type { InstanceState } from '../../src/core/instance/instance.ts';
import { DAY, MINUTE, SECOND } from '../../src/core/time.ts';
import type { Gateway } from '../../src/gateway/gateway.ts';
import { stateKey, type StoredState } from '../../src/store/store.ts';
import type { Account } from '../../src/runtime/fleet/account.ts';
import type { RequestLimiter } from '../../src/runtime/fleet/request-limiter.ts';
import type { Watchdog } from '../../src/runtime/watchdog.ts';
import { Chance } from '../../src/simulation/chance.ts';
import { SimulatedInstance } from '../../src/simulation/simulated-instance.ts';
import { promisesSettled, SimulatedClock } from '../../src/simulation/simulated-clock.ts';
import { WorldGateway } from '../../src/simulation/world-gateway.ts';
import { testAccount } from '../fleet/fleet.ts';
import { SimulatedConfig } from './config.ts';
import { Disk } from './disk.ts';
import { unleash } from './faults.ts';
import { ACCOUNTS, drawPlan, type FleetPlan } from './fleet-plan.ts';
import { Observers } from './observers.ts';
import { People } from './people.ts';
import { SimulatedProcess } from './process.ts';
import type { Breach } from './rules.ts';

/** The parts under test; the mutation test hands in broken ones. */
export interface Product {
  readonly Watchdog: typeof Watchdog;
  readonly RequestLimiter: typeof RequestLimiter;
  readonly Account: typeof Account;
}

export interface SimulationOptions {
  readonly seed: number;
  readonly days: number;
  readonly instances: number;
  /** Steps aside from these rules; for finding out what else a broken product breaks. */
  readonly forgive?: readonly Breach['rule'][];
}

export interface SimulationResult {
  readonly seed: number;
  readonly probes: number;
  readonly restarts: number;
  readonly processes: number;
  readonly heals: number;
  /** Null: every rule held. */
  readonly failure: string | null;
}

const REQUESTS_PER_SECOND = 50;

/** Lives through simulated days with the real watch, and reports the first breach of a rule. */
export async function simulate(product: Product, options: SimulationOptions): Promise<SimulationResult> {
  return new Simulation(product, options).run();
}

/** Longer than any day, so that what comes back is found as it was left. */
const KEEP_REMOVED = 30 * DAY;

class Simulation {
  private readonly product: Product;
  private readonly options: SimulationOptions;
  private readonly chance: Chance;
  private readonly clock: SimulatedClock;
  private readonly plan: FleetPlan;
  private readonly instances: readonly SimulatedInstance[];
  private readonly gateways: ReadonlyMap<string, WorldGateway>;
  private readonly config: SimulatedConfig;
  private readonly disk = new Disk();
  private readonly observers: Observers;
  private process: SimulatedProcess;
  private watch: Watchdog | null = null;
  private processes = 0;

  constructor(product: Product, options: SimulationOptions) {
    this.product = product;
    this.options = options;
    this.chance = new Chance(options.seed);
    this.clock = new SimulatedClock(undefined, this.chance.fork(), promisesSettled);
    this.plan = drawPlan(this.chance.fork());
    this.instances = this.makeInstances();
    this.gateways = new Map(ACCOUNTS.map((account) => [account, this.makeGateway(account)]));
    this.config = new SimulatedConfig(this.plan, this.instances, this.chance.fork());
    this.process = this.newProcess();
    const { clock, plan, instances, gateways, config, disk } = this;
    const forgive = options.forgive ?? [];
    this.observers = new Observers({
      ...{ clock, plan, instances, gateways, config, disk, forgive },
      process: () => this.process,
    });
  }

  async run(): Promise<SimulationResult> {
    const { clock, options, observers } = this;
    await this.boot();
    this.unleash();
    const end = clock.now() + options.days * DAY;
    while (clock.now() < end && observers.breach === null) {
      await clock.run(MINUTE);
      observers.look(this.watch);
    }
    const { oracle, heals } = observers;
    return {
      seed: options.seed,
      probes: oracle.answers,
      restarts: oracle.restarts,
      processes: this.processes,
      heals,
      failure: observers.failure(options),
    };
  }

  private unleash(): void {
    const { clock, chance, instances, gateways, disk, config, observers } = this;
    const process = (): SimulatedProcess => this.process;
    const tell = (words: string): void => {
      observers.tell(words);
    };
    const people = new People({
      ...{ chance: chance.fork(), clock, process, tell },
      oracle: observers.oracle,
      watch: () => this.watch,
      enabled: config.enabled,
      disturbed: (simulated) => observers.disturbed(simulated),
    });
    unleash({
      ...{ chance: chance.fork(), clock, instances, gateways, disk, process, tell },
      cutNetwork: (duration) => observers.cutNetwork(duration),
      setClock: (by) => {
        const from = clock.wall();
        clock.step += by;
        this.process.disturbedAt = clock.now();
        observers.clockSet(from);
      },
      wish: (simulated, wish) => people.wish(simulated, wish),
      reload: () => void this.reload(),
    });
  }

  /** A new process on the same disk; some of the config may have changed in between. */
  private async boot(): Promise<void> {
    const { process, config, clock, observers } = this;
    this.processes += 1;
    if (this.processes > 1) config.changeUnseen(clock.now());
    observers.processStarted(this.storedStates());
    const watch = await this.product.Watchdog.load({
      clock: process.clock,
      wall: new WallClock(process.clock),
      store: process.mount(this.disk),
      publish: (event) => {
        if (process.alive) observers.hear(event);
      },
      accounts: ACCOUNTS.map((name) => this.accountOf(name, process)),
      instances: config.instances(),
      guards: this.plan.guards,
      keepRemoved: KEEP_REMOVED,
      reach: () => Promise.resolve(observers.networkUp),
    });
    if (!process.alive) return;
    this.watch = watch;
    watch.start();
    observers.watchStarted();
  }

  private accountOf(name: string, process: SimulatedProcess, gateway?: Gateway): Account {
    return testAccount(process.clock, {
      name,
      origin: this.plan.shared ? 'https://gateway' : `https://${name}`,
      gateway: gateway ?? process.reach(this.gatewayOf(name)),
      list: { route: process.reachList(this.gatewayOf(name)), namesStates: true, partial: false },
      requestsPerSecond: REQUESTS_PER_SECOND,
      ...this.config.limitsOf(name),
      product: this.product,
    });
  }

  private newProcess(): SimulatedProcess {
    return new SimulatedProcess({ clock: this.clock, chance: this.chance.fork() }, (hop) => {
      this.watch = null;
      this.observers.processDied(hop, this.storedStates());
      this.clock.after(this.chance.between(1, 240) * SECOND, () => {
        this.process = this.newProcess();
        this.observers.tell('a new process starts');
        void this.boot();
      });
    });
  }

  /** Somebody has changed the config, and it is read again while everything goes on. */
  private async reload(): Promise<void> {
    const { watch, process, config } = this;
    if (watch === null || !process.awake) return;
    const change = config.change(this.clock.now());
    const accounts = [...watch.fleet.accounts.values()].map((account) => {
      const { name, gateway } = account;
      if (name === change.gatewayOf) return this.accountOf(name, process);
      return name === change.limitsOf ? this.accountOf(name, process, gateway) : account;
    });
    const { guards } = this.plan;
    const parts = { accounts, instances: config.instances(), guards, keepRemoved: KEEP_REMOVED };
    const commit = await watch.prepareReload(parts);
    this.observers.reloaded(change);
    commit();
  }

  private storedStates(): ReadonlyMap<SimulatedInstance, InstanceState | null> {
    return new Map(
      this.instances.map((simulated) => {
        const text = this.disk.records.get(stateKey(simulated.account, simulated.id));
        return [simulated, text === undefined ? null : (JSON.parse(text) as StoredState).state];
      }),
    );
  }

  /** The first instance is known to its gateway, but not configured; the second is configured and at first disabled. */
  private makeInstances(): readonly SimulatedInstance[] {
    return Array.from({ length: this.options.instances + 2 }, (_, index) => {
      const account = index % 3 === 0 ? 'beta' : 'acme';
      return new SimulatedInstance(
        { account, name: `n${index}`, id: String(1000 + index) },
        {
          clock: this.clock,
          cure: { after: 10 * SECOND, chance: 1 },
          changed: (simulated, from) => this.observers.changed(simulated, from),
        },
      );
    });
  }

  private makeGateway(account: string): WorldGateway {
    return new WorldGateway(
      this.instances.filter((simulated) => simulated.account === account),
      {
        clock: this.clock,
        chance: this.chance.fork(),
        witness: {
          probeAnswered: (simulated, cause, startedAt) => this.observers.probeAnswered(simulated, cause, startedAt),
          listed: (simulated, cause, startedAt) => this.observers.listed(simulated, cause, startedAt),
          restartCalled: (simulated) => this.observers.restartCalled(simulated),
          restartEnded: (simulated, result) => this.observers.restartEnded(simulated, result),
        },
      },
    );
  }

  private gatewayOf(account: string): WorldGateway {
    const gateway = this.gateways.get(account);
    if (gateway === undefined) throw new Error(`no account ${account}`);
    return gateway;
  }
}
