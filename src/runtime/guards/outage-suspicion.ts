import { blamesGateway, FEWEST_TO_COUNT } from '../../core/group/tally.ts';
import type { EpochMs } from '../../core/time.ts';
import { wasAnswered, type Cause } from '../../core/verdict.ts';
import type { Instance } from '../fleet/fleet.ts';

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
export class OutageSuspicion {
  private readonly call: (instance: Instance) => void;
  private answeredAt: EpochMs = Number.NEGATIVE_INFINITY;
  private readonly failing = new Map<Instance, Failing>();
  /** Who was answered last, in turn. */
  private readonly witnesses: Instance[] = [];
  private turn = 0;
  private readonly waiting = new Set<Instance>();
  private silent = false;

  /** @param call makes an instance be probed now */
  constructor(call: (instance: Instance) => void) {
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
  heard(instance: Instance, cause: Cause, startedAt: EpochMs): void {
    if (blamesGateway(cause)) {
      const before = this.failing.get(instance)?.last ?? startedAt;
      this.failing.set(instance, { before, last: startedAt });
      this.silent ||= this.waiting.size > 0 && this.failing.size >= FEWEST_TO_COUNT && this.witnessesFail();
      return;
    }
    if (!wasAnswered(cause) || NO_EVIDENCE.has(cause)) return;
    this.silent = false;
    if (this.failing.size > 0) this.failing.delete(instance);
    if (startedAt > this.answeredAt) this.answeredAt = startedAt;
    this.witnesses[this.turn] = instance;
    this.turn = (this.turn + 1) % WITNESSES;
    if (this.waiting.size > 0) this.callWaiting();
  }

  /** Whether it may as well be the gateway that does not answer for this instance. */
  isInDoubt(instance: Instance): boolean {
    const failing = this.failing.get(instance);
    return failing !== undefined && this.answeredAt < failing.before;
  }

  /** Asks others at once. As soon as one is answered, this instance is probed again, and is in doubt no more. */
  wait(instance: Instance): void {
    this.waiting.add(instance);
    for (const witness of this.witnesses) {
      if (!this.failing.has(witness) && !witness.removed && witness.definition.enabled) this.call(witness);
    }
  }

  /** The gateway is known to be down: nobody needs to be asked any more. */
  settle(): void {
    this.waiting.clear();
  }

  forget(instance: Instance): void {
    this.failing.delete(instance);
    this.waiting.delete(instance);
  }

  private witnessesFail(): boolean {
    const { witnesses, failing, answeredAt } = this;
    return witnesses.length > 0 && witnesses.every((witness) => (failing.get(witness)?.last ?? 0) > answeredAt);
  }

  private callWaiting(): void {
    for (const instance of this.waiting) {
      if (this.isInDoubt(instance)) continue;
      this.waiting.delete(instance);
      if (this.failing.has(instance)) this.call(instance);
    }
  }
}
