import { NONE } from '../instance/instance.ts';
import type { EpochMs } from '../time.ts';
import { blamesGateway, wasAnswered, type Cause } from '../verdict.ts';
import { entriesOf, sizeOf, valueOf, withEntry, withoutEntry, type SortedMap } from './sorted-map.ts';
import { FEWEST_TO_COUNT } from './tally.ts';

/** At most this many of the instances answered last are probed under suspicion; a single one may be sick itself. */
export const WITNESSES = 3;

/** Causes that say nothing about the gateway: they are about this process, or about what the gateway knows. */
const NO_EVIDENCE: ReadonlySet<Cause> = new Set<Cause>(['own_network', 'stalled', 'aborted', 'unreadable']);

/** Starts of the last two probes that failed as if the gateway were down. */
interface Failing {
  readonly before: EpochMs;
  readonly last: EpochMs;
}

/**
 * The suspicion that the gateway is down, and not one of its instances. When a gateway goes down, a whole interval
 * passes until enough probes have failed to count as an outage. An instance with a short interval would be restarted by
 * then. So an instance that fails as if the gateway were down counts as sick itself only if another one was answered
 * since its failing probe before the last.
 */
export interface Suspicion {
  /** Start of the latest answered probe. */
  readonly answeredAt: EpochMs | null;
  /** The instances whose last probe failed as if the gateway were down. */
  readonly failing: SortedMap<Failing>;
  /** Keys of the instances answered last, the latest at the end. */
  readonly witnesses: readonly string[];
  /** The instances whose restart waits until another instance is answered. */
  readonly waiting: SortedMap<null>;
  /**
   * The witnesses were probed again and failed too, and no instance was answered since. In a large or seldom probed
   * fleet, that is known long before half of it has failed.
   */
  readonly confirmed: boolean;
}

export const NO_SUSPICION: Suspicion = {
  answeredAt: null,
  failing: null,
  witnesses: [],
  waiting: null,
  confirmed: false,
};

/** The suspicion after a change, and which instances to probe now. */
interface Changed {
  readonly suspicion: Suspicion;
  readonly probe: readonly string[];
}

/** The suspicion after a probe that began at `startedAt` has ended. */
export function suspicionAfterProbe(suspicion: Suspicion, key: string, cause: Cause, startedAt: EpochMs): Changed {
  if (blamesGateway(cause)) {
    const before = valueOf(suspicion.failing, key)?.last ?? startedAt;
    const failing = withEntry(suspicion.failing, key, { before, last: startedAt });
    return { suspicion: confirmedIfSilent({ ...suspicion, failing }), probe: NONE };
  }
  if (!wasAnswered(cause) || NO_EVIDENCE.has(cause)) return { suspicion, probe: NONE };
  return withoutNeedToWait({
    answeredAt: Math.max(suspicion.answeredAt ?? startedAt, startedAt),
    failing: withoutEntry(suspicion.failing, key),
    witnesses: withWitness(suspicion.witnesses, key),
    waiting: suspicion.waiting,
    confirmed: false,
  });
}

/** Whether the gateway is known to answer, and nobody fails or waits: then one more answer changes only who was answered last. */
export function isUnsuspicious({ answeredAt, failing, waiting, confirmed }: Suspicion): boolean {
  return answeredAt !== null && failing === null && waiting === null && !confirmed;
}

/** Whether the gateway, and not this instance alone, may be what does not answer. */
export function isSuspected({ failing, answeredAt }: Suspicion, key: string): boolean {
  const probes = valueOf(failing, key);
  return probes !== undefined && (answeredAt === null || answeredAt < probes.before);
}

/**
 * The restart of an instance is held by suspicion. Witnesses are probed now; when one is answered, the instance is
 * probed again.
 */
export function suspicionAfterHold(suspicion: Suspicion, key: string): Changed {
  const probe = suspicion.witnesses.filter((witness) => valueOf(suspicion.failing, witness) === undefined);
  return { suspicion: { ...suspicion, waiting: withEntry(suspicion.waiting, key, null) }, probe };
}

/** The suspicion without an instance that left. */
export function suspicionWithout(suspicion: Suspicion, key: string): Suspicion {
  return {
    ...suspicion,
    failing: withoutEntry(suspicion.failing, key),
    waiting: withoutEntry(suspicion.waiting, key),
    witnesses: suspicion.witnesses.filter((witness) => witness !== key),
  };
}

/** Each once: one that is answered often must not stand for all of them. */
function withWitness(witnesses: readonly string[], key: string): readonly string[] {
  // In a large fleet it is hardly ever one of them.
  if (witnesses.length === WITNESSES && !witnesses.includes(key)) return [...witnesses.slice(1), key];
  return [...witnesses.filter((witness) => witness !== key).slice(1 - WITNESSES), key];
}

function confirmedIfSilent(suspicion: Suspicion): Suspicion {
  const { confirmed, waiting, failing, witnesses, answeredAt } = suspicion;
  const cannotTell = waiting === null || sizeOf(failing) < FEWEST_TO_COUNT;
  if (confirmed || cannotTell || answeredAt === null || witnesses.length === 0) return suspicion;
  const areSilent = witnesses.every((witness) => (valueOf(failing, witness)?.last ?? 0) > answeredAt);
  return areSilent ? { ...suspicion, confirmed: true } : suspicion;
}

function withoutNeedToWait(suspicion: Suspicion): Changed {
  if (suspicion.waiting === null) return { suspicion, probe: NONE };
  const probe: string[] = [];
  let waiting: SortedMap<null> = suspicion.waiting;
  for (const { key } of entriesOf(suspicion.waiting)) {
    if (isSuspected(suspicion, key)) continue;
    waiting = withoutEntry(waiting, key);
    if (valueOf(suspicion.failing, key) !== undefined) probe.push(key);
  }
  return { suspicion: { ...suspicion, waiting }, probe };
}
