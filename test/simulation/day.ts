import type { FleetEvent } from '../../src/core/event.ts';
import type { InstanceState } from '../../src/core/instance.ts';
import { DAY, MINUTE, SECOND } from '../../src/core/time.ts';
import type { Policy } from '../../src/core/policy.ts';
import { stateKey } from '../../src/store/store.ts';
import type { Lane } from '../../src/runtime/lane.ts';
import type { RestartGate } from '../../src/runtime/restart-gate.ts';
import type { Watch } from '../../src/runtime/watch.ts';
import { Chance } from '../../src/simulation/chance.ts';
import { Phone } from '../../src/simulation/phone.ts';
import { SimulatedClock } from '../../src/simulation/simulated-clock.ts';
import { WorldGateway } from '../../src/simulation/world-gateway.ts';
import { Books, type AccountLimits, type Breach } from './books.ts';
import { Disk } from './disk.ts';
import { unleash } from './faults.ts';
import { ACCOUNTS, drawPlan, type FleetPlan } from './fleet-plan.ts';
import { Patience } from './patience.ts';
import { SimulatedProcess } from './process.ts';
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
  private readonly disk = new Disk();
  private readonly books: Books;
  private readonly view: WorldView;
  private readonly patience: Patience;
  private readonly transcript = new Transcript();
  private readonly enabled = new Set<Phone>();
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
    this.clock = new SimulatedClock(undefined, this.chance.fork());
    this.plan = drawPlan(this.chance.fork());
    this.phones = this.makePhones();
    this.gateways = new Map(ACCOUNTS.map((account) => [account, this.makeGateway(account)]));
    this.process = this.newProcess();
    this.view = new WorldView({
      clock: this.clock,
      plan: this.plan,
      phones: this.phones,
      gateways: this.gateways,
      enabled: this.enabled,
    });
    this.books = new Books(
      this.phones.map((phone) => [phone, this.policyOf(phone)]),
      {
        now: () => this.clock.now(),
        configured: (phone) => this.enabled.has(phone),
        heldBy: (phone) => this.view.heldBy(phone, this.books),
        disturbedAt: () => this.process.disturbedAt,
        limits: this.plan.limits,
        breached: (breach) => {
          if (options.forgive?.includes(breach.rule) !== true) this.breach ??= breach;
        },
      },
    );
    this.patience = new Patience(this.books, this.view);
  }

  async run(): Promise<SimulationResult> {
    const { clock, options } = this;
    await this.boot();
    unleash({
      clock,
      chance: this.chance.fork(),
      phones: this.phones,
      gateways: this.gateways,
      disk: this.disk,
      process: () => this.process,
      cutNetwork: (duration) => {
        this.view.cutNetwork(duration);
        this.tell(`own network down for ${Math.round(duration / SECOND)} s`);
      },
      ask: (phone) => {
        this.ask(phone);
      },
      tell: (words) => {
        this.tell(words);
      },
    });
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

  /** What only time can show: that nothing which should have happened has failed to. */
  private look(): void {
    for (const conflict of this.disk.conflicts) this.books.rule('sound', false, null, conflict);
    if (this.watch !== null) this.patience.look(this.watch, this.process, this.disk.full);
  }

  /** A new process on the same disk; some of the config may have changed in between. */
  private async boot(): Promise<void> {
    this.processes += 1;
    const process = this.process;
    this.reconfigure();
    this.books.processStarted();
    this.view.processStarted(this.storedStates());
    const { Watch, Lane, RestartGate } = this.product;
    const accounts = ACCOUNTS.map((name) => ({
      name,
      origin: `https://${name}`,
      gatewayName: 'simulated',
      gateway: process.reach(this.gatewayOf(name)),
      lane: new Lane(process.clock, { requestsPerSecond: REQUESTS_PER_SECOND, concurrency: 50 }),
      restarts: new RestartGate(process.clock, this.limitsOf(name)),
      requestsPerSecond: REQUESTS_PER_SECOND,
    }));
    const watch = await Watch.load({
      clock: process.clock,
      store: process.mount(this.disk),
      publish: (event) => {
        if (process.alive) this.hear(event);
      },
      accounts,
      instances: this.phones.slice(1).map((phone) => ({
        account: phone.account,
        definition: {
          name: phone.name,
          phoneNumberId: phone.id,
          labels: {},
          enabled: this.enabled.has(phone),
          policy: this.policyOf(phone),
        },
      })),
      guards: this.plan.guards,
      reach: () => Promise.resolve(this.view.networkUp),
    });
    if (!process.alive) return;
    this.watch = watch;
    watch.start();
    this.view.startedAt = this.clock.now();
    this.patience.disturbed();
  }

  private newProcess(): SimulatedProcess {
    return new SimulatedProcess({ clock: this.clock, chance: this.chance.fork() }, (hop) => {
      this.watch = null;
      this.tell(`the process died${hop === null ? '' : ` at ${hop}`}`);
      // A restart written down but never made counts for the watch, though not for the world.
      for (const phone of this.phones) {
        const intent = this.storedState(phone)?.intent;
        if (intent !== null && intent !== undefined) this.books.mayHaveSpent(phone, intent.startedAt);
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
    this.patience.hear(event);
  }

  private ask(phone: Phone): void {
    const watched = this.watch?.fleet.instances.get(phone.name);
    if (watched === undefined || !this.enabled.has(phone) || !this.process.awake) return;
    this.books.requested(phone);
    this.tell(`somebody asks for a restart of ${phone.name}`);
    void this.watch?.requestRestart(watched, { trigger: 'api', requestedBy: 'somebody', force: false });
  }

  private tell(words: string): void {
    this.transcript.tell(this.clock.now(), words);
  }

  private reconfigure(): void {
    const toggled = this.processes === 1 ? this.phones.slice(2) : [this.chance.pick(this.phones.slice(1))];
    for (const phone of toggled) if (!this.enabled.delete(phone)) this.enabled.add(phone);
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
          },
        },
      );
    });
  }

  private makeGateway(account: string): WorldGateway {
    const gateway = new WorldGateway(
      this.phones.filter((phone) => phone.account === account),
      {
        clock: this.clock,
        chance: this.chance.fork(),
        witness: {
          probeAnswered: (phone, cause, startedAt) => {
            this.books.probeAnswered(phone, cause, startedAt);
            this.transcript.answered(this.clock.now(), phone, cause);
          },
          restartCalled: (phone) => {
            this.transcript.called(this.clock.now(), phone);
            this.books.restartCalled(phone);
          },
          restartEnded: (phone, result) => {
            this.transcript.ended(this.clock.now(), phone, result.outcome);
            this.books.restartEnded(phone, result);
          },
        },
      },
    );
    return gateway;
  }

  private gatewayOf(account: string): WorldGateway {
    return defined(this.gateways.get(account), account);
  }

  private policyOf({ account }: Phone): Policy {
    return defined(this.plan.policies.get(account), account);
  }

  private limitsOf(account: string): AccountLimits {
    return defined(this.plan.limits.get(account), account);
  }
}

function defined<T>(value: T | undefined, name: string): T {
  if (value === undefined) throw new Error(`no account ${name}`);
  return value;
}
