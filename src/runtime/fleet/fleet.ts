import type { HealthClass } from '../../core/group/tally.ts';
import type { InstanceState } from '../../core/instance/instance.ts';
import type { Policy } from '../../core/policy.ts';
import type { EpochMs } from '../../core/time.ts';
import type { Cause } from '../../core/verdict.ts';
import type { Gateway, HealthRoute, Target } from '../../gateway/gateway.ts';
import type { Slotted } from '../../collections/intrusive-set.ts';
import type { Due } from '../../collections/due-queue.ts';
import type { RequestLimiter } from './request-limiter.ts';
import { ProbeBook, type ProbeHistory } from './probe-history.ts';
import type { RestartLimiter } from './restart-limiter.ts';

/** One account at work: the way to its gateway, and what it allows. The roster alone writes it, at a reload. */
export interface Account {
  readonly name: string;
  /** Scheme, host and port of the gateway: accounts that share it fail together. */
  origin: string;
  /** Name of the gateway's profile. */
  gatewayName: string;
  gateway: Gateway;
  /** The gateway's own health route; without one only its instances tell how it is. */
  healthRoute?: HealthRoute | undefined;
  readonly requests: RequestLimiter;
  readonly restarts: RestartLimiter;
  /** At most this many probes per second begin; the first round is spread accordingly. */
  requestsPerSecond: number;
  /** How many of its instances are probed. */
  size: number;
}

/** What the config says about one instance. */
export interface InstanceDefinition {
  readonly name: string;
  readonly phoneNumberId: string;
  readonly labels: Readonly<Record<string, string>>;
  /** False: listed, but neither probed nor restarted. */
  readonly enabled: boolean;
  readonly policy: Policy;
}

export interface LastProbe {
  readonly at: EpochMs;
  readonly cause: Cause;
  readonly detail: string | null;
  readonly seconds: number;
}

/**
 * One instance under watch: its definition, its state, and what only this process knows about it. There are very many
 * of these, and every probe writes into one; so what a probe leaves behind is kept as plain fields that are written in
 * place, not as objects that would have to be collected later.
 */
export class Instance implements Due, Slotted, Target {
  /** The roster alone writes it, at a reload. */
  definition: InstanceDefinition;
  /** No longer configured: nothing new begins, only what is in flight ends. The roster alone writes it. */
  removed = false;
  readonly account: Account;
  /** Key of its state in the store. */
  readonly key: string;
  readonly probes: ProbeHistory;
  state: InstanceState;
  /** The state has changes that could not be saved yet. */
  unsaved = false;
  private lastAt: EpochMs = Number.NaN;
  private lastSeconds = Number.NaN;
  private lastCause: Cause | null = null;
  private lastDetail: string | null = null;
  /** When the next probe is due; of no meaning while one is under way. */
  dueAt: EpochMs = 0;
  queueIndex = -1;
  /** Among those whose gateway has been asked and has not answered yet. */
  slotIndex = -1;
  /** The gateway asked for silence about this instance (429 with Retry-After): no probe begins before. */
  quietUntil: EpochMs = 0;
  /** Somebody wants its next probe by then; null: nobody. */
  wantedAt: EpochMs | null = null;
  /** Whether that somebody is from outside, so that the probe may be out of turn. */
  askedFor = false;
  /** The next probe, or the one under way, was asked for out of turn: when its turn would have been; null: it is its turn. */
  turnAt: EpochMs | null = null;
  /** Due or under way: not to be queued again. */
  probing = false;
  /** When the probe under way began; null while it waits for its turn. */
  probingSince: EpochMs | null = null;
  /** How its account's tally counts it. The guard alone writes it. */
  healthClass: HealthClass = 'well';
  /** The stored state already had a restart due when the process started. */
  wasDueAtStart = false;
  /** Its next observation is to be preceded by `judged_afresh`. */
  toJudgeAfresh = false;
  /** A decision that is being carried out; the next one must wait for it. */
  settling: Promise<unknown> | null = null;

  constructor(
    definition: InstanceDefinition,
    account: Account,
    key: string,
    state: InstanceState,
    probes = new ProbeBook().open(),
  ) {
    this.definition = definition;
    this.account = account;
    this.key = key;
    this.state = state;
    this.probes = probes;
  }

  get name(): string {
    return this.definition.name;
  }

  get phoneNumberId(): string {
    return this.definition.phoneNumberId;
  }

  get policy(): Policy {
    return this.definition.policy;
  }

  /** What the last probe found, as it is now; null: there was none yet. */
  get lastProbe(): LastProbe | null {
    const { lastAt: at, lastCause: cause, lastDetail: detail, lastSeconds: seconds } = this;
    return cause === null ? null : { at, cause, detail, seconds };
  }

  /** Takes down what a probe found. */
  remember({ at, cause, detail, seconds }: LastProbe): void {
    this.lastAt = at;
    this.lastCause = cause;
    this.lastDetail = detail;
    this.lastSeconds = seconds;
  }
}

/** All instances under watch. */
export interface Fleet {
  readonly accounts: ReadonlyMap<string, Account>;
  /** By name. */
  readonly instances: ReadonlyMap<string, Instance>;
}
