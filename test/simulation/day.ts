import type { FleetEvent } from '../../src/core/event.ts';
import type { InstanceState } from '../../src/core/instance.ts';
import { DAY, MINUTE, SECOND, type DurationMs } from '../../src/core/time.ts';
import type { Gateway } from '../../src/gateway/gateway.ts';
import { stateKey } from '../../src/store/store.ts';
import type { Account } from '../../src/runtime/fleet.ts';
import type { Lane } from '../../src/runtime/lane.ts';
import type { RestartGate } from '../../src/runtime/restart-gate.ts';
import type { Watch } from '../../src/runtime/watch.ts';
import { Chance } from '../../src/simulation/chance.ts';
import { Phone } from '../../src/simulation/phone.ts';
import { SimulatedClock } from '../../src/simulation/simulated-clock.ts';
import { WorldGateway } from '../../src/simulation/world-gateway.ts';
import { Books } from './books.ts';
import { SimulatedConfig, type ConfigChange } from './config.ts';
import { Disk } from './disk.ts';
import { Fairness } from './fairness.ts';
import { unleash } from './faults.ts';
import { ACCOUNTS, drawPlan, type FleetPlan } from './fleet-plan.ts';
import { People } from './people.ts';
import { Patience } from './patience.ts';
import { SimulatedProcess } from './process.ts';
import type { Breach } from './rules.ts';
import { Transcript } from './transcript.ts';
import { WorldView } from './world-view.ts';

/** The parts under test; the mutation test hands in broken ones. */
export interface Product {
  readonly Watch: typeof Watch;
  readonly Lane: typeof Lane;
  readonly RestartGate: typeof RestartGate;
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
/** A restart is decided upon, written down, and waits for its turn to be sent. */
const SAVE_TO_CALL: DurationMs = 500;

/** Lives through simulated days with the real watch, and reports the first breach of a rule. */
export async function simulate(product: Product, options: SimulationOptions): Promise<SimulationResult> {
  return new Simulation(product, options).run();
}

class Simulation {
  private readonly chance: Chance;
  private readonly clock: SimulatedClock;
  private readonly plan: FleetPlan;
  private readonly phones: readonly Phone[];
  private readonly gateways: ReadonlyMap<string, WorldGateway>;
  private readonly config: SimulatedConfig;
  private readonly disk = new Disk();
  private readonly books: Books;
  private readonly view: WorldView;
  private readonly patience: Patience;
  private readonly fairness: Fairness;
  private readonly transcript = new Transcript();
  private process: SimulatedProcess;
  private watch: Watch | null = null;
  private breach: Breach | null = null;
  private processes = 0;
  private heals = 0;

  private readonly product: Product;
  private readonly options: SimulationOptions;

  constructor(product: Product, options: SimulationOptions) {
    this.product = product;
    this.options = options;
    this.chance = new Chance(options.seed);
    this.clock = new SimulatedClock(undefined, this.chance.fork(), promisesSettled);
    this.plan = drawPlan(this.chance.fork());
    this.phones = this.makePhones();
    this.gateways = new Map(ACCOUNTS.map((account) => [account, this.makeGateway(account)]));
    this.config = new SimulatedConfig(this.plan, this.phones, this.chance.fork());
    this.process = this.newProcess();
    const { clock, plan, phones, gateways, config, disk } = this;
    this.view = new WorldView({ clock, plan, phones, gateways, disk, enabled: config.enabled });
    this.books = new Books(
      this.phones.map((phone) => [phone, config.policyOf(phone)]),
      {
        now: () => clock.now(),
        enabled: (phone) => config.enabled.has(phone),
        configured: (phone) => this.isConfigured(phone),
        heldBy: (phone) => this.view.heldBy(phone, this.books),
        disturbedAt: () => this.process.disturbedAt,
        diskFull: () => disk.full,
        limits: plan.limits,
        breached: (breach) => {
          if (options.forgive?.includes(breach.rule) !== true) this.breach ??= breach;
        },
      },
    );
    this.patience = new Patience(this.books, this.view);
    this.fairness = new Fairness(this.books, this.view);
  }

  async run(): Promise<SimulationResult> {
    const { clock, options } = this;
    await this.boot();
    this.unleash();
    const end = clock.now() + options.days * DAY;
    while (clock.now() < end && this.breach === null) {
      await clock.run(MINUTE);
      this.look();
    }
    return {
      seed: options.seed,
      probes: this.books.answers,
      restarts: this.books.restarts,
      processes: this.processes,
      heals: this.heals,
      failure: this.breach === null ? null : this.transcript.of(this.breach, options),
    };
  }

  private unleash(): void {
    const { clock, chance, phones, gateways, disk, books, config } = this;
    const process = (): SimulatedProcess => this.process;
    const tell = (words: string): void => {
      this.tell(words);
    };
    const people = new People({
      chance: chance.fork(),
      clock,
      books,
      watch: () => this.watch,
      process,
      enabled: config.enabled,
      disturbed: (phone) => {
        this.patience.again(phone);
        this.fairness.forget(phone);
      },
      tell,
    });
    unleash({
      clock,
      chance: chance.fork(),
      phones,
      gateways,
      disk,
      process,
      cutNetwork: (duration) => {
        this.view.cutNetwork(duration);
        this.tell(`own network down for ${Math.round(duration / SECOND)} s`);
      },
      wish: (phone, wish) => {
        people.wish(phone, wish);
      },
      reload: () => {
        this.reload();
      },
      tell,
    });
  }

  /** What only time can show: that nothing which should have happened has failed to. */
  private look(): void {
    const { disk, books, watch, process } = this;
    for (const conflict of disk.conflicts) books.rule('sound', false, null, conflict);
    if (watch === null) return;
    this.patience.look(watch, process, disk.full);
    this.fairness.look(process, disk.full);
  }

  /** A new process on the same disk; some of the config may have changed in between. */
  private async boot(): Promise<void> {
    const { process, config, books, clock } = this;
    this.processes += 1;
    if (this.processes > 1) config.changeUnseen(clock.now());
    books.processStarted();
    this.fairness.processStarted();
    this.view.processStarted(this.storedStates());
    const watch = await this.product.Watch.load({
      clock: process.clock,
      store: process.mount(this.disk),
      publish: (event) => {
        if (process.alive) this.hear(event);
      },
      accounts: ACCOUNTS.map((name) => this.accountOf(name, process)),
      instances: config.instances(),
      guards: this.plan.guards,
      reach: () => Promise.resolve(this.view.networkUp),
    });
    if (!process.alive) return;
    this.watch = watch;
    watch.start();
    this.view.startedAt = clock.now();
    this.patience.disturbed();
  }

  private accountOf(name: string, process: SimulatedProcess, gateway?: Gateway): Account {
    const { Lane, RestartGate } = this.product;
    return {
      name,
      origin: `https://${name}`,
      gatewayName: 'simulated',
      gateway: gateway ?? process.reach(defined(this.gateways.get(name), name)),
      lane: new Lane(process.clock, { requestsPerSecond: REQUESTS_PER_SECOND, concurrency: 50 }),
      restarts: new RestartGate(process.clock, this.config.limitsOf(name)),
      requestsPerSecond: REQUESTS_PER_SECOND,
    };
  }

  private newProcess(): SimulatedProcess {
    return new SimulatedProcess({ clock: this.clock, chance: this.chance.fork() }, (hop) => {
      this.watch = null;
      this.tell(`the process died${hop === null ? '' : ` at ${hop}`}`);
      // A restart written down but never made counts for the watch, though not for the world.
      for (const phone of this.phones) {
        const intent = this.storedState(phone)?.intent;
        if (intent !== null && intent !== undefined) this.books.of(phone).mayHaveSpent(intent.startedAt);
      }
      this.clock.after(this.chance.between(1, 240) * SECOND, () => {
        this.process = this.newProcess();
        this.tell('a new process starts');
        void this.boot();
      });
    });
  }

  private hear(event: FleetEvent): void {
    this.transcript.hear(event);
    if (event.type === 'healed') this.heals += 1;
    if (event.type === 'decision_failed') this.books.rule('sound', false, null, event.reason);
    // One that was slept over is not sent, though it counts for the watch.
    if (event.type === 'restart_finished' && event.intent.startedAt <= this.process.disturbedAt) {
      const phone = this.phones.find(({ name }) => name === event.name);
      if (phone !== undefined) this.books.of(phone).mayHaveSpent(event.intent.startedAt);
    }
    this.patience.hear(event);
    this.fairness.hear(event);
  }

  /** Somebody has changed the config, and it is read again while everything goes on. */
  private reload(): void {
    const { watch, process, config } = this;
    if (watch === null || !process.awake) return;
    const change = config.change(this.clock.now());
    this.tell(`reload: ${change.words}`);
    for (const phone of this.phones) this.note(change, phone);
    const accounts = [...watch.fleet.accounts.values()].map((account) => {
      const { name, gateway } = account;
      if (name === change.gatewayOf) return this.accountOf(name, process);
      return name === change.limitsOf ? this.accountOf(name, process, gateway) : account;
    });
    watch.reload({ accounts, instances: config.instances(), guards: this.plan.guards });
  }

  /** Lets the books know what a reload means for an instance. */
  private note({ policyOf, gatewayOf, limitsOf, membershipOf }: ConfigChange, phone: Phone): void {
    const { books, config, patience, fairness } = this;
    const { account } = phone;
    const now = this.clock.now();
    const ledger = books.of(phone);
    if (![policyOf, gatewayOf, limitsOf, membershipOf?.account].includes(account)) return;
    fairness.unsettle(account);
    if (policyOf === account) ledger.reconfigured(config.policyOf(phone), now);
    if (gatewayOf === account) ledger.gatewayChanged(now);
    if (limitsOf === account) books.limited(account, config.limitsOf(account));
    if (membershipOf === phone && config.enabled.has(phone)) ledger.begins();
    if (limitsOf === account || (membershipOf !== undefined && membershipOf !== phone)) return;
    patience.again(phone);
    fairness.forget(phone);
  }

  /** Configured, or so lately that a restart which was decided upon before may still be on its way. */
  private isConfigured(phone: Phone): boolean {
    if (this.config.enabled.has(phone)) return true;
    const leftAt = this.config.lastLeftAt(phone);
    return this.clock.now() - leftAt < SAVE_TO_CALL || this.process.disturbedAt > leftAt;
  }

  private tell(words: string): void {
    this.transcript.tell(this.clock.now(), words);
  }

  private storedState(phone: Phone): InstanceState | null {
    const text = this.disk.records.get(stateKey(phone.account, phone.id));
    return text === undefined ? null : (JSON.parse(text) as InstanceState);
  }

  private storedStates(): ReadonlyMap<Phone, InstanceState | null> {
    return new Map(this.phones.map((phone) => [phone, this.storedState(phone)]));
  }

  /** The first phone is known to its gateway, but not configured; the second is configured and at first disabled. */
  private makePhones(): readonly Phone[] {
    return Array.from({ length: this.options.instances + 2 }, (_, index) => {
      const account = index % 3 === 0 ? 'beta' : 'acme';
      return new Phone(
        { account, name: `n${index}`, id: String(1000 + index) },
        {
          clock: this.clock,
          cure: { after: 10 * SECOND, chance: 1 },
          changed: (phone, from) => {
            this.transcript.changed(this.clock.now(), phone, from);
            this.patience.changed(phone);
          },
        },
      );
    });
  }

  private makeGateway(account: string): WorldGateway {
    return new WorldGateway(
      this.phones.filter((phone) => phone.account === account),
      {
        clock: this.clock,
        chance: this.chance.fork(),
        witness: {
          probeAnswered: (phone, cause, startedAt) => {
            this.books.probeAnswered(phone, cause, startedAt);
            this.fairness.answered(phone);
            this.transcript.answered(this.clock.now(), phone, cause);
          },
          restartCalled: (phone) => {
            this.transcript.called(this.clock.now(), phone);
            this.books.restartCalled(phone);
            this.fairness.called(phone);
          },
          restartEnded: (phone, result) => {
            this.transcript.ended(this.clock.now(), phone, result.outcome);
            this.books.restartEnded(phone, result);
          },
        },
      },
    );
  }
}

/**
 * Ticks come when no promise has anything left to do. Nothing here waits for I/O, and a day has half a million timers,
 * so leaving out the turns of the event loop between them saves half of the time.
 */
function promisesSettled(): Promise<void> {
  return new Promise((resolve) => {
    process.nextTick(resolve);
  });
}

function defined<T>(value: T | undefined, name: string): T {
  if (value === undefined) throw new Error(`no account ${name}`);
  return value;
}
