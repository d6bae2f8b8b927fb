import type { ConnectivityPolicy } from '../../core/settings.ts';
import { SECOND, type DurationMs, type EpochMs } from '../../core/time.ts';
import type { Reach } from '../../gateway/gateway.ts';
import { deadline, type Cancel, type Clock } from '../../time/clock.ts';

export interface OwnNetworkParts {
  readonly clock: Clock;
  readonly policy: ConnectivityPolicy;
  readonly reach: Reach;
  readonly onChange: (reason: string) => void;
}

/** However many probes fail, the targets are not asked more often than this because of it. */
export const SOONEST: DurationMs = 5 * SECOND;

/** Watches our own way out, by asking targets that have nothing to do with the gateways. */
export class OwnNetwork {
  private readonly parts: OwnNetworkParts;
  private readonly controller = new AbortController();
  private cancelTimer: Cancel | null = null;
  private checkedAt: EpochMs = Number.NEGATIVE_INFINITY;
  /** When the check whose result is known began. */
  private knownAt: EpochMs = Number.NEGATIVE_INFINITY;
  private doubters: { readonly since: EpochMs; readonly resolve: () => void }[] = [];
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
    this.reassure(Number.POSITIVE_INFINITY);
  }

  /**
   * A probe that began at `since` got no answer: it may be us, so the targets are asked now instead of at their next
   * turn. Resolves when they have been asked since then, within SOONEST and their timeout; null: there is nothing to ask
   * them, because they have been, or it is known already that they do not answer.
   */
  doubt(since: EpochMs): Promise<void> | null {
    const { targets } = this.parts.policy;
    if (targets.length === 0 || !this.reached || this.knownAt >= since || this.controller.signal.aborted) return null;
    return new Promise((resolve) => {
      this.doubters.push({ since, resolve });
      this.checkSoon();
    });
  }

  private checkSoon(): void {
    const { clock } = this.parts;
    if (this.checking) return;
    const wait = this.checkedAt + SOONEST - clock.now();
    if (wait <= 0) this.check();
    else this.checkIn(wait);
  }

  private checkIn(wait: DurationMs): void {
    this.cancelTimer?.();
    this.cancelTimer = this.parts.clock.after(wait, () => {
      this.check();
    });
  }

  /** Lets those go on who doubted no later than `until`. */
  private reassure(until: EpochMs): void {
    const ready = this.doubters.filter(({ since }) => since <= until);
    this.doubters = this.doubters.filter(({ since }) => since > until);
    for (const { resolve } of ready) resolve();
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
    const { policy, onChange } = this.parts;
    this.checking = false;
    if (this.controller.signal.aborted) return;
    const up = answered >= policy.quorum;
    const changed = up !== this.reached;
    this.reached = up;
    this.knownAt = this.checkedAt;
    if (changed) onChange(`${answered} of ${policy.targets.length} targets answer, ${policy.quorum} must`);
    this.reassure(up ? this.knownAt : Number.POSITIVE_INFINITY);
    if (this.doubters.length > 0) this.checkSoon();
    else this.checkIn(policy.every);
  }
}
