import {
  CALM,
  isStorm,
  restartsAllowedBy,
  stormAfterOutcome,
  stormAfterRestart,
  stormAfterTally,
  type Storm,
} from '../core/storm.ts';
import type { DurationMs, EpochMs } from '../core/time.ts';

/** How many are sick, and how many may be before it is a storm. */
export interface Sick {
  readonly sick: number;
  readonly allowed: number;
}

/**
 * Goes through the storms of one account, and remembers every restart that has not shown its effect yet: whichever
 * was on its way when a storm began, or when this process did, is the canary that the others wait for.
 */
export class StormWatch {
  private storm: Storm = CALM;
  /** By instance: when such a restart keeps nobody waiting any more, because it may never show anything. */
  private readonly unshown = new Map<string, EpochMs>();

  get isRaging(): boolean {
    return isStorm(this.storm);
  }

  get isPaced(): boolean {
    return this.storm.mode === 'paced';
  }

  get quietUntil(): EpochMs | null {
    return this.storm.mode === 'quiet' ? this.storm.until : null;
  }

  /** How many restarts may begin now. */
  allows(now: EpochMs): number {
    return restartsAllowedBy(this.storm, now);
  }

  /**
   * Whether a restart would be part of a storm that has not been noticed, or make one worse. To restart a healthy
   * instance makes it sick for a while, so it counts as it would be after the restart; and that it comes back says
   * nothing about the sick, so it can be no canary.
   */
  isMadeWorseBy(isWell: boolean, { sick, allowed }: Sick): boolean {
    const tooMany = sick + (isWell ? 1 : 0) > allowed;
    return tooMany && (isWell || this.storm.mode === 'calm');
  }

  /** A sick instance is being restarted, which shows something until `giveUpAt`, or it will not. */
  restartBegan(key: string, giveUpAt: EpochMs): void {
    this.unshown.set(key, giveUpAt);
    this.storm = stormAfterRestart(this.storm, key, giveUpAt);
  }

  /** It turned out whether a restart healed, or that it never will. */
  restartShowed(key: string, healed: boolean, cooldown: DurationMs, now: EpochMs): void {
    const wasSick = this.unshown.delete(key);
    if (healed && !wasSick) return;
    this.storm = stormAfterOutcome(this.storm, key, healed, cooldown, now);
    this.takeOverCanary(now);
  }

  look({ sick, allowed }: Sick, cooldown: DurationMs, now: EpochMs): void {
    this.storm = stormAfterTally(this.storm, sick, allowed, cooldown, now);
    this.takeOverCanary(now);
  }

  /** When time alone may change how many restarts may begin; infinite: it does not. */
  looksAgainAt(now: EpochMs): EpochMs {
    const { storm } = this;
    const at = storm.mode === 'canary' ? (storm.giveUpAt ?? storm.notBefore) : this.quietUntil;
    return at !== null && at > now ? at : Number.POSITIVE_INFINITY;
  }

  /** The one that began last, so that none is on its way any more when the next one may go. */
  private takeOverCanary(now: EpochMs): void {
    if (this.storm.mode !== 'canary' || this.storm.canary !== null) return;
    const [last] = [...this.unshown].sort(([, one], [, other]) => other - one);
    if (last !== undefined && last[1] > now) this.storm = stormAfterRestart(this.storm, ...last);
  }
}
