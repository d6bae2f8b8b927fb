import type { Policy } from '../policy.ts';
import type { DurationMs, EpochMs } from '../time.ts';
import type { InstanceState } from './instance.ts';

/** Twice the time in which a restart should show its effect: all its calls, and the grace. */
export function timeToShow({ restart }: Policy): DurationMs {
  return 2 * (restart.timeout * (1 + restart.retries) + restart.grace);
}

/** How long an instance may take from its start to its first conclusive answer. */
export function timeToStart({ probe, restart }: Policy): DurationMs {
  return Math.max(restart.grace, probe.connectingGrace);
}

/**
 * How long an instance may be `connecting`. After restarts it is given more with each attempt, as the cooldown grows,
 * and at most `backoff.max`: a restart in the midst of a slow start makes it begin again, for ever.
 */
export function connectingPatience({ attempt }: Pick<InstanceState, 'attempt'>, policy: Policy): DurationMs {
  if (attempt === 0) return policy.probe.connectingGrace;
  const base = timeToStart(policy);
  const { factor, max } = policy.restart.backoff;
  return Math.max(base, Math.min(base * factor ** attempt, max));
}

/** Until when what happens to an instance may be the effect of the restart that began at `at`. */
export function showsUntil(at: EpochMs, state: Pick<InstanceState, 'attempt'>, policy: Policy): EpochMs {
  return at + Math.max(timeToShow(policy), connectingPatience(state, policy));
}

/**
 * Whether what follows a pairing is under way: the first sync of a large account takes minutes, in which it may seem
 * disconnected, and a restart in the midst of it costs the pairing.
 */
export function isPairing({ pairing }: Pick<InstanceState, 'pairing'>, at: EpochMs, { probe }: Policy): boolean {
  return typeof pairing === 'number' && at - pairing < probe.pairingGrace;
}
