import { SECOND, type DurationMs, type EpochMs } from '../core/time.ts';
import { deadline, type Cancel, type Clock } from './clock.ts';

/** Whether something answers at `target` (`tcp://host:port` or `https://…`). Never rejects. */
export type Reach = (target: string, signal: AbortSignal) => Promise<boolean>;

export interface ConnectivityPolicy {
  /** Empty: our own network is never doubted for its own sake. */
  readonly targets: readonly string[];
  /** So many targets must answer. */
  readonly quorum: number;
  readonly every: DurationMs;
  readonly timeout: DurationMs;
}

export interface OwnNetworkParts {
  readonly clock: Clock;
  readonly policy: ConnectivityPolicy;
  readonly reach: Reach;
  readonly onChange: (reason: string) => void;
}

/** However many probes fail, the targets are not asked more often than this because of it. */
const SOONEST: DurationMs = 5 * SECOND;

/** Watches our own way out, by asking targets that have nothing to do with the gateways. */
export class OwnNetwork {
  private readonly parts: OwnNetworkParts;
  private readonly controller = new AbortController();
  private cancelTimer: Cancel | null = null;
  private checkedAt: EpochMs = Number.NEGATIVE_INFINITY;
  private checking = false;
  private reached = true;

  constructor(parts: OwnNetworkParts) {
    this.parts = parts;
  }

  get up(): boolean {
    return this.reached;
  }

  start(): void {
    if (this.parts.policy.targets.length > 0) this.check();
  }

  stop(): void {
    this.cancelTimer?.();
    this.controller.abort();
  }

  /** A probe got no answer: it may be us, so the targets are asked now instead of at their next turn. */
  doubt(): void {
    const { clock, policy } = this.parts;
    if (policy.targets.length > 0 && clock.now() - this.checkedAt >= SOONEST) this.check();
  }

  private check(): void {
    if (this.checking || this.controller.signal.aborted) return;
    this.checking = true;
    this.checkedAt = this.parts.clock.now();
    this.cancelTimer?.();
    this.count().then(
      (answered) => {
        this.settle(answered);
      },
      () => {
        this.settle(0);
      },
    );
  }

  private async count(): Promise<number> {
    const { clock, policy, reach } = this.parts;
    const limit = deadline(clock, this.controller.signal, policy.timeout);
    try {
      const answers = await Promise.all(policy.targets.map((target) => reach(target, limit.signal)));
      return answers.filter(Boolean).length;
    } finally {
      limit.dispose();
    }
  }

  private settle(answered: number): void {
    const { clock, policy, onChange } = this.parts;
    this.checking = false;
    if (this.controller.signal.aborted) return;
    const up = answered >= policy.quorum;
    const changed = up !== this.reached;
    this.reached = up;
    if (changed) onChange(`${answered} of ${policy.targets.length} targets answer, ${policy.quorum} must`);
    this.cancelTimer = clock.after(policy.every, () => {
      this.check();
    });
  }
}
