import { blamesGateway, FEWEST_TO_COUNT } from '../core/fleet-health.ts';
import type { EpochMs } from '../core/time.ts';
import { wasAnswered, type Cause } from '../core/verdict.ts';
import type { Watched } from './fleet.ts';

/** So many of those who were answered last are asked when there is doubt; one alone may be sick itself. */
const WITNESSES = 3;

/** What says nothing about the gateway: it speaks of us, or of who knows whom. */
const NO_EVIDENCE: ReadonlySet<Cause> = new Set<Cause>(['own_network', 'stalled', 'aborted', 'unreadable']);

/** Starts of the last two probes that failed as if the gateway were down. */
interface Failing {
  readonly before: EpochMs;
  readonly last: EpochMs;
}

/**
 * Doubts the gateway before one of its instances. When a gateway goes down, it takes until everybody has been asked to
 * count that, and whoever is asked often would be restarted by then. So who fails as if the gateway were down is
 * suspected alone only if somebody else has been answered since its failing probe before the last.
 */
export class GatewayDoubt {
  private readonly call: (watched: Watched) => void;
  private answeredAt: EpochMs = Number.NEGATIVE_INFINITY;
  private readonly failing = new Map<Watched, Failing>();
  /** Who was answered last, in turn. */
  private readonly witnesses: Watched[] = [];
  private turn = 0;
  private readonly waiting = new Set<Watched>();
  private silent = false;

  /** @param call makes an instance be probed now */
  constructor(call: (watched: Watched) => void) {
    this.call = call;
  }

  /**
   * Whether the doubt was justified: those who were answered last were asked again and fail as well, and nobody has been
   * answered since. That is known long before half of a large fleet, or of one that is seldom asked, has failed.
   */
  get isConfirmed(): boolean {
    return this.silent;
  }

  /** A probe that began at `startedAt` has ended. */
  heard(watched: Watched, cause: Cause, startedAt: EpochMs): void {
    if (blamesGateway(cause)) {
      const before = this.failing.get(watched)?.last ?? startedAt;
      this.failing.set(watched, { before, last: startedAt });
      this.silent ||= this.waiting.size > 0 && this.failing.size >= FEWEST_TO_COUNT && this.witnessesFail();
      return;
    }
    if (!wasAnswered(cause) || NO_EVIDENCE.has(cause)) return;
    this.silent = false;
    if (this.failing.size > 0) this.failing.delete(watched);
    if (startedAt > this.answeredAt) this.answeredAt = startedAt;
    this.witnesses[this.turn] = watched;
    this.turn = (this.turn + 1) % WITNESSES;
    if (this.waiting.size > 0) this.callWaiting();
  }

  /** Whether it may as well be the gateway that does not answer for this instance. */
  isInDoubt(watched: Watched): boolean {
    const failing = this.failing.get(watched);
    return failing !== undefined && this.answeredAt < failing.before;
  }

  /** Asks others at once. As soon as one is answered, this instance is probed again, and is in doubt no more. */
  wait(watched: Watched): void {
    this.waiting.add(watched);
    for (const witness of this.witnesses) {
      if (!this.failing.has(witness) && !witness.removed && witness.definition.enabled) this.call(witness);
    }
  }

  /** The gateway is known to be down: nobody needs to be asked any more. */
  settle(): void {
    this.waiting.clear();
  }

  forget(watched: Watched): void {
    this.failing.delete(watched);
    this.waiting.delete(watched);
  }

  private witnessesFail(): boolean {
    const { witnesses, failing, answeredAt } = this;
    return witnesses.length > 0 && witnesses.every((witness) => (failing.get(witness)?.last ?? 0) > answeredAt);
  }

  private callWaiting(): void {
    for (const watched of this.waiting) {
      if (this.isInDoubt(watched)) continue;
      this.waiting.delete(watched);
      if (this.failing.has(watched)) this.call(watched);
    }
  }
}
