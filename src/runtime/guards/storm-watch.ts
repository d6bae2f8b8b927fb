import type { AccountEvent } from '../../core/event.ts';
import {
  CALM,
  isStorm,
  restartsAllowedBy,
  stormAfterOutcome,
  stormAfterRestart,
  stormAfterTally,
  type Storm,
} from '../../core/group/storm.ts';
import type { DurationMs, EpochMs } from '../../core/time.ts';

/** How many are sick of how many, and how many may be before it is a storm. */
export interface Sick {
  readonly sick: number;
  readonly watched: number;
  readonly allowed: number;
}

/**
 * Goes through the storms of one account, and remembers every restart that has not shown its effect yet: whichever
 * was on its way when a storm began, or when this process did, is the canary that the others wait for.
 */
export class StormWatch {
  private readonly publish: (event: AccountEvent) => void;
  private storm: Storm = CALM;
  /** It has been told of the storm. */
  private told = false;
  /** By instance: when such a restart keeps nobody waiting any more, because it may never show anything. */
  private readonly unshown = new Map<string, EpochMs>();

  constructor(publish: (event: AccountEvent) => void) {
    this.publish = publish;
  }

  /** Whether there is a storm that has been told of. */
  get isOn(): boolean {
    return this.told;
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
    const wasPaced = this.storm.mode === 'paced';
    this.storm = stormAfterOutcome(this.storm, key, healed, cooldown, now);
    if (this.told && this.storm.mode === 'paced' && !wasPaced) this.publish({ type: 'storm_paced' });
    this.takeOverCanary(now);
  }

  /**
   * Draws the conclusions from how many are sick.
   *
   * @param explained the gateway itself is sick, or that may be found yet: a storm that begins then is part of that
   *   incident, and not told of as one of its own unless it comes to matter
   */
  look(sick: Sick, explained: boolean, cooldown: DurationMs, now: EpochMs): void {
    const before = isStorm(this.storm);
    this.storm = stormAfterTally(this.storm, sick.sick, sick.allowed, this.told ? cooldown : 0, now);
    this.takeOverCanary(now);
    if (!before && !explained) this.tell(sick);
    if (!this.told || isStorm(this.storm)) return;
    this.told = false;
    this.publish({ type: 'storm_ended', quietUntil: this.storm.mode === 'quiet' ? this.storm.until : null });
  }

  /** A restart is made in the storm, or held because of it alone: whoever explains it, it is to be told of. */
  tell(sick: Sick): void {
    if (this.told || !isStorm(this.storm)) return;
    this.told = true;
    this.publish({ type: 'storm_began', ...sick });
  }

  /** When time alone may change how many restarts may begin; infinite: it does not. */
  looksAgainAt(now: EpochMs): EpochMs {
    const { storm } = this;
    if (storm.mode === 'calm' || storm.mode === 'paced') return Number.POSITIVE_INFINITY;
    const at = storm.mode === 'quiet' ? storm.until : (storm.giveUpAt ?? storm.notBefore);
    return at > now ? at : Number.POSITIVE_INFINITY;
  }

  /** The one that began last, so that none is on its way any more when the next one may go. */
  private takeOverCanary(now: EpochMs): void {
    if (this.storm.mode !== 'canary' || this.storm.canary !== null) return;
    const [last] = [...this.unshown].sort(([, one], [, other]) => other - one);
    if (last !== undefined && last[1] > now) this.storm = stormAfterRestart(this.storm, ...last);
  }
}
