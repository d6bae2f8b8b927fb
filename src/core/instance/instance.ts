import type { DurationMs, EpochMs } from '../time.ts';
import type { Cause, NeedsHumanCause } from '../verdict.ts';

/** Where an instance stands. */
export const PHASES = [
  'unknown',
  'healthy',
  'suspect',
  'down',
  'restarting',
  'recovering',
  'exhausted',
  'needs_human',
] as const;
export type Phase = (typeof PHASES)[number];

/** Phases in which people see an instance as sick: not one that is well, unknown, or fails too seldom to count. */
export const SICK_PHASES: ReadonlySet<Phase> = new Set<Phase>([
  'down',
  'restarting',
  'recovering',
  'exhausted',
  'needs_human',
]);

/** What caused a restart. */
export const TRIGGERS = ['failure', 'schedule', 'api', 'alert', 'cli', 'silence'] as const;
export type Trigger = (typeof TRIGGERS)[number];

/**
 * How a restart call ended. `unreachable`: certainly not delivered. `unknown`: sent, but no answer came, so it may have
 * happened.
 */
export const OUTCOMES = ['accepted', 'rejected', 'unreachable', 'unknown'] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** Why a restart that is due is not started now. */
export const HOLDS = [
  'cooldown',
  'budget',
  'concurrency',
  'storm',
  'gateway_outage',
  'own_network',
  'maintenance',
  'paused',
  'harmful',
  'silent',
  'dry_run',
  'startup',
] as const;
export type Hold = (typeof HOLDS)[number];

/** Anything that JSON can say. */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/** A restart that is about to be called, or being called. It is saved before the call is sent. */
export interface RestartIntent {
  readonly trigger: Trigger;
  /** The requester, or the scheduled time of a planned restart. */
  readonly requestedBy: string | null;
  readonly startedAt: EpochMs;
  /** Number of this restart since the instance was last stable, from 1. */
  readonly attempt: number;
  /** The phase before, and again if the call certainly changed nothing. */
  readonly from: Phase;
  /** The cooldown that ran before a forced restart: it runs on if the call turns out not to count. */
  readonly cooldownBefore: EpochMs | null;
}

/** A restart in the history. */
export interface RestartRecord {
  readonly at: EpochMs;
  readonly trigger: Trigger;
  readonly requestedBy: string | null;
  /** Null while the call is in flight. */
  readonly outcome: Outcome | null;
  readonly httpStatus: number | null;
  /** The gateway's own answer, bounded and with secrets masked. */
  readonly body: JsonValue;
  /** The phase before it. */
  readonly from: Phase;
  /** Whether it had said before, even once, that a person must pair it again. */
  readonly unpaired: boolean;
  /** The HTTP method, where the gateway does not say it and it was found by trying; null: nothing was to be found. */
  readonly method: string | null;
  /** Whether the instance needed a human after it, and did not before. */
  readonly harmed: boolean;
  /** Whether probes saw the instance healthy again after it. */
  readonly healed: boolean;
  readonly secondsToHeal: number | null;
}

/** A planned restart that is due and waits until nothing holds it. Both times are on the wall. */
export interface PlannedRestart {
  readonly dueAt: EpochMs;
  /** Not started by then, it is skipped: a maintenance restart hours late is worse than none. */
  readonly expiresAt: EpochMs;
}

/** An operator holds the automatic restarts of an instance. */
export interface Pause {
  /** The operator's own words; shown, never interpreted. */
  readonly reason: string;
  readonly by: string;
  readonly since: EpochMs;
  /** The time on the wall at which it ends by itself; null: it does not. */
  readonly until: EpochMs | null;
}

/** An operator knows of the trouble of an instance: its messages are silent until it ends. */
export interface Acknowledgement {
  /** The operator's own words; null: none. Shown, never interpreted. */
  readonly reason: string | null;
  readonly by: string;
  readonly since: EpochMs;
  /** The time on the wall at which messages go on, if the trouble lasts; null: they do not. */
  readonly until: EpochMs | null;
}

/** Probes without a conclusive answer since the last one that had one. */
export interface Inconclusive {
  /** Start of the first. */
  readonly since: EpochMs;
  readonly probes: number;
  /** They have lasted so long that nothing is known of the instance any more. */
  readonly blind: boolean;
}

/**
 * Where a pairing stands: a person must pair it again, or what follows that began at that time. Null: no pairing is known
 * of.
 */
export type Pairing = 'awaited' | EpochMs | null;

/** What is known of the silence of an instance of which signs of life are expected. It ends with the next one. */
export interface Silence {
  /** When there was the last sign of life, or when counting began; null: it is not silent. */
  readonly since: EpochMs | null;
  /** The restart since then that may have helped; null: there was none, or it did not reach the gateway. */
  readonly restartedAt: EpochMs | null;
}

/** How many restarts of one instance are remembered. */
export const HISTORY_LIMIT = 20;

/**
 * All that a decision about one instance depends on, and all that must survive the process. Plain JSON. A healthy probe
 * of a healthy instance changes none of it.
 */
export interface InstanceState {
  /** Stable number of this instance, 0 to 2^32-1: it spreads the fleet over an interval and is the source of jitter. */
  readonly seed: number;
  readonly phase: Phase;
  /** When this phase began. */
  readonly since: EpochMs;
  /** It was healthy once, so that its gateway has it: calls that would make one that never was may be made for it. */
  readonly known: boolean;
  /** Cause of the last conclusive reading. */
  readonly cause: Cause | null;
  /** Consecutive failing probes; inconclusive and transitional ones neither add nor reset. */
  readonly failures: number;
  /**
   * The last healthy and failing probes, a bit each: the lowest is the latest, and 1 is a failing one. 0 while none of
   * them failed.
   */
  readonly recent: number;
  /** Start of the first of consecutive answers that call for a human, and are not believed yet. */
  readonly troubleSince: EpochMs | null;
  /** Null: the last probe was conclusive. */
  readonly inconclusive: Inconclusive | null;
  /** Consecutive healthy probes during an outage. */
  readonly successes: number;
  /** Start of the first failing probe of this outage. */
  readonly failingSince: EpochMs | null;
  readonly connectingSince: EpochMs | null;
  readonly pairing: Pairing;
  /** Start of uninterrupted health. */
  readonly healthySince: EpochMs | null;
  /** Restarts since the instance was last stable. */
  readonly attempt: number;
  /** Starts of the restarts that count for the budget, oldest first. */
  readonly spent: readonly EpochMs[];
  readonly cooldownUntil: EpochMs | null;
  /** End of the grace after a restart, while recovering. */
  readonly graceUntil: EpochMs | null;
  /** The call in flight; found at start, it means that the process died during the call. */
  readonly intent: RestartIntent | null;
  readonly planned: PlannedRestart | null;
  /** It holds nothing after its end, even if it is still here. */
  readonly pause: Pause | null;
  /** It ends with the trouble that it is about; after its own end it means nothing, even if it is still here. */
  readonly acknowledged: Acknowledgement | null;
  /** Why the gateway refuses restarts of this instance for good; cleared by health. */
  readonly refusal: NeedsHumanCause | null;
  /** Restarts in a row that the gateway itself refused, as far as they are not believed to be for good. */
  readonly refusals: number;
  /** Null: signs of life are not expected of it. */
  readonly silence: Silence | null;
  /** An operator released the account of this instance: harm before does not count. */
  readonly releasedAt: EpochMs | null;
  /** What holds the due restart now. */
  readonly holds: readonly Hold[];
  /** Every hold that the due restart has met, so that each is reported once. */
  readonly holdsMet: readonly Hold[];
  /** Newest last, at most HISTORY_LIMIT. */
  readonly history: readonly RestartRecord[];
  /** Since when it is not configured; null: it is. */
  readonly removedAt: EpochMs | null;
}

/** One empty list, shared by all states and by all results in which nothing follows. */
export const NONE: readonly never[] = [];

/** The state of an instance of which nothing is known. */
export function newInstance(seed: number, now: EpochMs): InstanceState {
  return {
    seed,
    phase: 'unknown',
    since: now,
    known: false,
    cause: null,
    failures: 0,
    recent: 0,
    troubleSince: null,
    inconclusive: null,
    successes: 0,
    failingSince: null,
    connectingSince: null,
    pairing: null,
    healthySince: null,
    attempt: 0,
    spent: NONE,
    cooldownUntil: null,
    graceUntil: null,
    intent: null,
    planned: null,
    pause: null,
    acknowledged: null,
    refusal: null,
    refusals: 0,
    silence: null,
    releasedAt: null,
    holds: NONE,
    holdsMet: NONE,
    history: NONE,
    removedAt: null,
  };
}

/** Whether nothing is known of an instance, because its answers have not been conclusive for long. */
export function isBlind({ inconclusive }: Pick<InstanceState, 'inconclusive'>): boolean {
  return inconclusive?.blind === true;
}

/**
 * Whether it shows no sign of life although probes find it well. While it is in another trouble, that is its trouble.
 */
export function isSilent({ phase, silence }: Pick<InstanceState, 'phase' | 'silence'>): boolean {
  return phase === 'healthy' && silence !== null && silence.since !== null;
}

/** The restarts that did harm and were not released since, oldest first. */
export function harmfulRestarts({ history, releasedAt }: InstanceState): readonly EpochMs[] {
  const counts = ({ harmed, at }: RestartRecord): boolean => harmed && (releasedAt === null || at > releasedAt);
  return history.some(counts) ? history.filter(counts).map(({ at }) => at) : NONE;
}

/**
 * A number from 0 to 2^32-1 that is the same for the same text on every machine and in every run
 * (FNV-1a with the finalizer of MurmurHash3, which spreads short and similar texts evenly).
 */
export function stableHash(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** The position of an instance within a span: from 0 up to, but not including, `span`. */
export function spreadOver(seed: number, span: DurationMs): DurationMs {
  return Math.floor((seed / 2 ** 32) * span);
}
