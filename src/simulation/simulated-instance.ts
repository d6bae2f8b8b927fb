import type { DurationMs, EpochMs } from '../core/time.ts';
import type { Cause } from '../core/verdict.ts';
import type { Cancel, Clock } from '../time/clock.ts';

/** How a simulated gateway responds to a restart request. */
export type RestartManner =
  /** Answers 200 and restarts it. */
  | 'obeys'
  /** Says 200 and does nothing. */
  | 'lies'
  /** Says no, this time: 409. */
  | 'denies'
  /** Has no such route: 404. */
  | 'lacks'
  /** A proxy in front of it answers in its place: 404, and no JSON. */
  | 'is_hidden'
  /** Asks to slow down: 429. */
  | 'limits'
  /** Restarts it, but the answer never comes. */
  | 'restarts_silently'
  /** Never answers, and did nothing. */
  | 'swallows'
  /** Cannot be reached. */
  | 'unreachable';

/** What a restart does to an instance that has one. */
export interface Cure {
  /** From the restart until the instance is connected again. */
  readonly after: DurationMs;
  /** 0 to 1. */
  readonly chance: number;
  /** What the gateway says meanwhile; left out: connecting. */
  readonly by?: Cause;
  /** How long it stays connected; null or left out: until something else happens. */
  readonly lasts?: DurationMs | null;
  /** What it has instead of being connected: the restart costs its session. */
  readonly harm?: Cause;
}

/** How many restart calls a gateway still refuses, and with which status. */
export interface Refusal {
  readonly status: number;
  left: number;
}

/** Causes that no restart changes: a human must act. */
const FOR_HUMANS: ReadonlySet<Cause> = new Set<Cause>(['pairing_required', 'banned', 'unauthorized', 'not_found']);

/** One simulated instance, in its true condition. */
export class SimulatedInstance {
  readonly account: string;
  readonly name: string;
  readonly id: string;
  /** What the gateway would truly report about it. */
  condition: Cause = 'connected';
  /** When this condition began. */
  since: EpochMs;
  manner: RestartManner = 'obeys';
  cure: Cure;
  refusal: Refusal | null = null;
  /** How long the gateway takes to answer a restart call; 0: it is as quick as always. */
  takes: DurationMs = 0;
  /** A restart has cost its session. */
  harmed = false;
  private readonly clock: Clock;
  private readonly changed: (simulated: SimulatedInstance, from: Cause) => void;
  private cancelNext: Cancel | null = null;

  constructor(
    identity: { readonly account: string; readonly name: string; readonly id: string },
    parts: {
      readonly clock: Clock;
      readonly cure: Cure;
      /** Called at each change of the condition. */
      readonly changed: (simulated: SimulatedInstance, from: Cause) => void;
    },
  ) {
    this.account = identity.account;
    this.name = identity.name;
    this.id = identity.id;
    this.clock = parts.clock;
    this.cure = parts.cure;
    this.changed = parts.changed;
    this.since = parts.clock.now();
  }

  get needsHuman(): boolean {
    return FOR_HUMANS.has(this.condition);
  }

  /** Changes its condition now and cancels all planned changes. */
  become(condition: Cause): void {
    this.cancelNext?.();
    this.cancelNext = null;
    if (condition === this.condition) return;
    const from = this.condition;
    this.condition = condition;
    this.since = this.clock.now();
    this.changed(this, from);
  }

  /** Plans `change`; another change of the condition in between cancels it. */
  later(delay: DurationMs, change: () => void): void {
    this.cancelNext?.();
    this.cancelNext = this.clock.after(delay, change);
  }

  /** A restart reaches it. Its gateway drew `helps`. */
  restart(helps: boolean): void {
    if (this.needsHuman) return;
    const { after, by = 'connecting', harm, lasts = null } = this.cure;
    const sick = this.condition === 'connecting' ? 'disconnected' : this.condition;
    this.harmed = harm !== undefined;
    this.become(by);
    this.later(after, () => {
      this.become(harm ?? (helps ? 'connected' : sick));
      if (helps && lasts !== null && sick !== 'connected') this.later(lasts, () => this.become(sick));
    });
  }
}
