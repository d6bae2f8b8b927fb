import type { ConnectivityPolicy } from '../../core/settings.ts';
import { SECOND, type DurationMs, type EpochMs } from '../../core/time.ts';
import type { Reach } from '../../gateway/gateway.ts';
import type { Mailbox } from '../../collections/mailbox.ts';
import { deadline, type Cancel, type Clock } from '../../time/clock.ts';

export interface OwnNetworkParts {
  readonly clock: Clock;
  readonly policy: ConnectivityPolicy;
  readonly reach: Reach;
  /** Receives the reason each time our network goes up or down. */
  readonly changes: Mailbox<string>;
}

/** Failing probes trigger at most one check of the targets in this time. */
export const SOONEST: DurationMs = 5 * SECOND;

/** Checks our own network with targets that are independent of the gateways. */
export class OwnNetwork {
  private readonly parts: OwnNetworkParts;
  private readonly controller = new AbortController();
  private cancelTimer: Cancel | null = null;
  private checkedAt: EpochMs = Number.NEGATIVE_INFINITY;
  /** When the check with the last known result began. */
  private knownAt: EpochMs = Number.NEGATIVE_INFINITY;
  private waiters: { readonly since: EpochMs; readonly resolve: () => void }[] = [];
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
    this.resolveWaiters(Number.POSITIVE_INFINITY);
  }

  /**
   * A probe that began at `since` got no answer, and this machine may be the reason: the targets are called now instead
   * of at their regular time. Resolves after a check that began later, within SOONEST and the timeout; null: such a
   * check has ended, or the network is known to be down.
   */
  checkSince(since: EpochMs): Promise<void> | null {
    const { targets } = this.parts.policy;
    if (targets.length === 0 || !this.reached || this.knownAt >= since || this.controller.signal.aborted) return null;
    return new Promise((resolve) => {
      this.waiters.push({ since, resolve });
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
    this.cancelTimer = this.parts.clock.after(wait, () => this.check());
  }

  /** Resolves the waits of probes that began no later than `until`. */
  private resolveWaiters(until: EpochMs): void {
    const ready = this.waiters.filter(({ since }) => since <= until);
    this.waiters = this.waiters.filter(({ since }) => since > until);
    for (const { resolve } of ready) resolve();
  }

  private check(): void {
    if (this.checking || this.controller.signal.aborted) return;
    this.checking = true;
    this.checkedAt = this.parts.clock.now();
    this.cancelTimer?.();
    void this.count()
      .catch(() => 0)
      .then((answered) => this.settle(answered));
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
    const { policy, changes } = this.parts;
    this.checking = false;
    if (this.controller.signal.aborted) return;
    const up = answered >= policy.quorum;
    const changed = up !== this.reached;
    this.reached = up;
    this.knownAt = this.checkedAt;
    if (changed) changes.put(`${answered} of ${policy.targets.length} targets answer, ${policy.quorum} must`);
    this.resolveWaiters(up ? this.knownAt : Number.POSITIVE_INFINITY);
    if (this.waiters.length > 0) this.checkSoon();
    else this.checkIn(policy.every);
  }
}
