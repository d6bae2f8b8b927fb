import type { Due } from '../../collections/due-queue.ts';
import type { Slotted } from '../../collections/intrusive-set.ts';
import type { InstanceState } from '../../core/instance/instance.ts';
import type { QuietTime } from '../../core/silence/quiet-time.ts';
import type { Policy } from '../../core/policy.ts';
import type { DurationMs, EpochMs } from '../../core/time.ts';
import { verdictOf, type Cause } from '../../core/verdict.ts';
import type { Target } from '../../gateway/gateway.ts';
import type { Account } from './account.ts';
import { ProbeHistory, ProbeRows, type PastProbe } from './probe-history.ts';
import type { RequestLimiter } from './request-limiter.ts';

/** The configured facts of one instance. */
export interface InstanceDefinition {
  readonly name: string;
  readonly phoneNumberId: string;
  /** What people call it; null: nothing else than its name. */
  readonly displayName: string | null;
  /** Its own, in place of that of the account; null or missing: it has none. A secret. */
  readonly token?: string | null;
  readonly labels: Readonly<Record<string, string>>;
  /** True: the gateway listed it, and the config does not name it. */
  readonly discovered?: boolean;
  /** False: listed, but neither probed nor restarted. */
  readonly enabled: boolean;
  readonly policy: Policy;
}

export interface LastProbe extends PastProbe {
  readonly detail: string | null;
}

/** When an instance is probed next, and why. Only the scheduler writes it. */
export class ProbeSchedule implements Due {
  readonly instance: Instance;
  /** When the next probe is due; meaningless while one is under way. */
  dueAt: EpochMs = 0;
  queueIndex = -1;
  /** The next probe is only for the case that no list confirms the instance until then. */
  unlessListed = false;
  /** Due or under way: not to be queued again. */
  probing = false;
  /** The gateway asked for silence about this instance (429 with Retry-After): no probe begins before. */
  quietUntil: EpochMs = 0;
  /** The next probe is to begin by then; null: at its regular time. */
  requestedAt: EpochMs | null = null;
  /** Whether an operator or a hook requested it, so that the probe may be out of turn. */
  byRequest = false;
  /** Set when the next probe, or the one under way, is out of turn: its regular time; null: it is the regular one. */
  turnAt: EpochMs | null = null;

  constructor(instance: Instance) {
    this.instance = instance;
  }
}

/** What is under way for an instance. Only the reconciler writes it. */
export class InFlight implements Slotted {
  readonly instance: Instance;
  /** Position among the instances with an unanswered call. */
  slotIndex = -1;
  /** When the probe under way began; null while it waits for its turn. */
  probingSince: EpochMs | null = null;
  /** A decision that is being carried out; the next one must wait for it. */
  settling: Promise<unknown> | null = null;
  /** What limits the calls of all accounts of the gateway; null: nothing. It was entered for the probe under way. */
  gatewayRequests: RequestLimiter | null = null;
  /** The next observation is preceded by `suspicion_cleared`. */
  toClear = false;

  constructor(instance: Instance) {
    this.instance = instance;
  }
}

/** What the last probes found. Only the reconciler writes it. It is its history too, because each probe writes into both. */
class Seen extends ProbeHistory {
  private conclusiveAt: EpochMs = Number.NaN;
  private seconds = Number.NaN;
  private cause: Cause | null = null;
  private detail: string | null = null;
  private said: string | null = null;

  /** The last probe; null: there was none yet. */
  get last(): LastProbe | null {
    const { newestAt: at, cause, detail, seconds } = this;
    return cause === null ? null : { at, cause, detail, seconds };
  }

  /** When the last probe began; null: there was none yet. */
  get lastAt(): EpochMs | null {
    return this.cause === null ? null : this.newestAt;
  }

  /** When the last probe began whose verdict was not inconclusive; null: there was none yet. */
  get lastConclusiveAt(): EpochMs | null {
    return Number.isNaN(this.conclusiveAt) ? null : this.conclusiveAt;
  }

  /** The state word of the last probe, by which a remedy is chosen; null: it had none; undefined: there was no probe yet. */
  get word(): string | null | undefined {
    return this.cause === null ? undefined : this.said;
  }

  /** A list found this. It gives no details, so those of the last probe stay if the cause is the same. */
  confirm(at: EpochMs, cause: Cause, seconds: number): void {
    const isSame = this.cause === cause;
    this.record(at, cause, isSame ? this.detail : null, seconds, isSame ? this.said : null);
  }

  record(at: EpochMs, cause: Cause, detail: string | null, seconds: number, word: string | null = null): void {
    if (verdictOf(cause) !== 'inconclusive') this.conclusiveAt = at;
    this.cause = cause;
    this.detail = detail;
    this.said = word;
    this.seconds = seconds;
    this.push(at, cause, seconds);
  }
}

/** The signs of life of an instance. Only the listener writes it. */
class Activity {
  /** The last one; NaN: there was none yet. */
  at: EpochMs = Number.NaN;
  /** How long there has been none, as far as that counts; null: it is not counted yet. */
  quiet: QuietTime | null = null;

  /** The last one; null: there was none yet. */
  get lastAt(): EpochMs | null {
    return Number.isNaN(this.at) ? null : this.at;
  }
}

/**
 * One watched instance: its definition, its state, and what only this process knows about it. A fleet has very many,
 * and every probe writes into one, so the results of a probe are plain fields written in place, not objects for the
 * garbage collector.
 */
export class Instance implements Target {
  /** Only the registry writes it, at a reload. */
  definition: InstanceDefinition;
  /** No longer configured: nothing new begins, only calls in flight end. Only the registry writes it. */
  removed = false;
  readonly account: Account;
  /** Key of its state in the store. */
  readonly key: string;
  /** Only the state writer writes these three. */
  state: InstanceState;
  /** Of the state that is stored; 0: none is. */
  revision: number;
  /** The state has changes that could not be saved yet. */
  unsaved = false;
  /** The stored state already had a restart due when the process started. */
  wasDueAtStart = false;
  /** Where the history of this hour counts it; -1: nowhere. Only the history's recorder writes it. */
  historyRow = -1;
  readonly schedule: ProbeSchedule;
  readonly flight: InFlight;
  readonly seen: Seen;
  readonly activity = new Activity();

  constructor(
    definition: InstanceDefinition,
    account: Account,
    key: string,
    stored: { readonly state: InstanceState; readonly revision: number },
    probes = new ProbeRows().open(),
  ) {
    this.definition = definition;
    this.account = account;
    this.key = key;
    this.state = stored.state;
    this.revision = stored.revision;
    this.schedule = new ProbeSchedule(this);
    this.flight = new InFlight(this);
    this.seen = new Seen(probes);
  }

  get name(): string {
    return this.definition.name;
  }

  get phoneNumberId(): string {
    return this.definition.phoneNumberId;
  }

  get token(): string | undefined {
    return this.definition.token ?? undefined;
  }

  get policy(): Policy {
    return this.definition.policy;
  }

  /** Whether the gateway listed it, and the config does not name it. */
  get discovered(): boolean {
    return this.definition.discovered === true;
  }

  /** Whether it is configured and enabled. */
  get isWatched(): boolean {
    return this.definition.enabled && !this.removed;
  }

  /** What the last probe found; null: there was none yet. */
  get lastProbe(): LastProbe | null {
    return this.seen.last;
  }

  /** When it is probed next; null: no probe is planned, or one is under way. */
  get nextProbeAt(): EpochMs | null {
    const { probing, queueIndex, dueAt } = this.schedule;
    return this.definition.enabled && !probing && queueIndex !== -1 && Number.isFinite(dueAt) ? dueAt : null;
  }
}

/** How often the list of its account takes the place of an instance's regular probes; null: it does not. */
export function bulkInterval({ account, policy }: Instance): DurationMs | null {
  const { bulk, cadence } = policy.probe;
  return bulk && cadence.type === 'every' && account.list?.namesStates === true ? cadence.every : null;
}
