/**
 * What a probe can find. The sets are closed: the same words appear in the log, as metric labels and in the API, and
 * every cause belongs to exactly one verdict.
 */
export const CAUSES = {
  healthy: ['connected', 'responding', 'silent'],
  unhealthy: [
    'disconnected',
    'timeout',
    'refused',
    'reset',
    'dns',
    'tls',
    'server_error',
    'stuck_connecting',
    'conflict',
    'stopped',
  ],
  transitional: ['connecting'],
  needs_human: ['unauthorized', 'not_found', 'pairing_required', 'banned', 'restart_unsupported'],
  inconclusive: ['rate_limited', 'unknown_state', 'unreadable', 'not_the_gateway', 'own_network', 'stalled', 'aborted'],
} as const;

export type Verdict = keyof typeof CAUSES;
export type CauseOf<V extends Verdict> = (typeof CAUSES)[V][number];
export type Cause = CauseOf<Verdict>;
export type NeedsHumanCause = CauseOf<'needs_human'>;

export const VERDICTS = Object.keys(CAUSES) as readonly Verdict[];

/** All causes, by verdict. */
export const EVERY_CAUSE: readonly Cause[] = VERDICTS.flatMap((verdict) => [...CAUSES[verdict]]);

const VERDICT_BY_CAUSE = new Map<Cause, Verdict>(
  VERDICTS.flatMap((verdict) => CAUSES[verdict].map((cause): [Cause, Verdict] => [cause, verdict])),
);

/** The one verdict that a cause belongs to. */
export function verdictOf(cause: Cause): Verdict {
  const verdict = VERDICT_BY_CAUSE.get(cause);
  if (verdict === undefined) throw new TypeError(`unknown cause ${JSON.stringify(cause)}`);
  return verdict;
}

/** Whether `word` is one of the causes. */
export function isCause(word: string): word is Cause {
  return (VERDICT_BY_CAUSE as ReadonlyMap<string, Verdict>).has(word);
}

/** Causes without any answer. */
const NO_ANSWER = ['timeout', 'refused', 'reset', 'dns', 'tls'] as const satisfies readonly Cause[];

/** Causes without an answer of the gateway: none at all, or one that something in front of it gave. */
const UNANSWERED: ReadonlySet<Cause> = new Set<Cause>([...NO_ANSWER, 'not_the_gateway']);

/** Whether the gateway answered the probe at all. */
export function wasAnswered(cause: Cause): boolean {
  return !UNANSWERED.has(cause);
}

/** Causes that say more about the gateway than about the instance: it did not answer, or failed itself. */
const GATEWAY_CAUSES: ReadonlySet<Cause> = new Set<Cause>([...NO_ANSWER, 'server_error']);

/** Whether a cause says as much about the gateway as about the instance. */
export function blamesGateway(cause: Cause): boolean {
  return GATEWAY_CAUSES.has(cause);
}
