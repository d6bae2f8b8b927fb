import type { Trigger } from '../../core/instance/instance.ts';
import { NO_ANSWER, type ObservationOf } from '../../core/instance/observation.ts';
import { SECOND } from '../../core/time.ts';
import { wasAnswered } from '../../core/verdict.ts';
import type { Clock } from '../../time/clock.ts';
import { roomForCall } from '../fleet/call-room.ts';
import type { Instance } from '../fleet/instance.ts';
import type { StallDetector } from '../../time/stall-detector.ts';

/** How a call ended; whether restarts were accepted before is not for the call to know. */
type RestartEnded = Omit<ObservationOf<'restart_ended'>, 'acceptedBefore'>;

/** Triggers by which a person, or a program of theirs, names one instance. */
const BY_NAME: ReadonlySet<Trigger> = new Set<Trigger>(['api', 'cli']);

const NEVER_SENT = { ...NO_ANSWER, type: 'restart_ended', outcome: 'unreachable', seconds: 0 } as const;

export interface RestartCallParts {
  readonly clock: Clock;
  readonly stalls: Pick<StallDetector, 'stalledSince'>;
  /** Aborts the call, or the wait for it. */
  readonly restarts: AbortSignal;
  /** Whether no other process can own the account now. */
  readonly mayRestart: (account: string) => boolean;
}

/** Calls the gateway's restart and returns how it ended. Never rejects. */
export async function callRestart(instance: Instance, parts: RestartCallParts): Promise<RestartEnded> {
  const { clock, stalls, restarts: signal } = parts;
  const { gateway } = instance.account;
  const { timeout, retries } = instance.policy.restart;
  const startedAt = clock.now();
  const decidedAt = instance.state.intent?.startedAt ?? startedAt;
  const leave = await roomForCall(instance.account, signal, true);
  if (leave === null) return { ...NEVER_SENT, detail: 'the watchdog stopped before the call was sent' };
  try {
    if (instance.removed) {
      return {
        ...NEVER_SENT,
        detail: 'the instance was removed from the config, or went to another replica, before the call was sent',
      };
    }
    // The probe that was its reason, and the start of its cooldown, are as old as that standstill.
    if (stalls.stalledSince(decidedAt + 1)) {
      return { ...NEVER_SENT, detail: 'this process stood still before the call was sent' };
    }
    if (!parts.mayRestart(instance.account.name)) {
      return { ...NEVER_SENT, detail: 'another replica may own the account since before the call was sent' };
    }
    const { state, seen, account } = instance;
    const result = await gateway.restart(instance, {
      timeout,
      retries,
      signal,
      ...(seen.word === undefined ? {} : { word: seen.word }),
      // A restart that is requested by name is one of an instance that the caller knows.
      known: state.known || BY_NAME.has(state.intent?.trigger ?? 'failure'),
      answered: seen.last !== null && wasAnswered(seen.last.cause),
      method: account.restartMethod?.method ?? null,
    });
    return {
      type: 'restart_ended',
      ...result,
      method: result.method ?? null,
      seconds: (clock.now() - startedAt) / SECOND,
    };
  } finally {
    leave();
  }
}
