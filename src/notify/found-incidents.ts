import { isPaused } from '../core/instance/holds.ts';
import type { InstanceState, Phase } from '../core/instance/instance.ts';
import type { NotifyTopic } from '../core/notification.ts';
import type { EpochMs } from '../core/time.ts';
import type { Cause } from '../core/verdict.ts';
import { PHASE_WORDS } from '../telemetry/log/event-words.ts';
import type { FoundIncident } from './open-incidents.ts';

/** An instance as it stands when its notifications begin. */
export interface InstanceSnapshot {
  readonly name: string;
  readonly account: string;
  readonly state: InstanceState;
}

/** Phases that are news, and their topics. */
export const PHASE_TOPICS: ReadonlyMap<Phase, NotifyTopic> = new Map([
  ['down', 'down'],
  ['exhausted', 'exhausted'],
  ['needs_human', 'needs_human'],
]);

/** Each trouble is a stage of its own: another one is news. */
export function stageOf(cause: Cause | null): string {
  return `needs_human ${String(cause)}`;
}

/**
 * The incidents of an instance that were open already when its notifications begin: its trouble, its silence, its pause.
 *
 * @param wall what the wall clock shows; it differs from `now` when it has been set
 */
export function foundIncidents(
  { name, account, state }: InstanceSnapshot,
  now: EpochMs,
  wall: EpochMs,
): readonly FoundIncident[] {
  const about = { at: now, name, account };
  const { cause, failures, failingSince, pause, silence, phase } = state;
  const found: FoundIncident[] = [];
  const topic = topicOf(state);
  if (topic !== null) {
    const to = topic === 'down' ? 'down' : phase;
    const last = topic === 'needs_human' ? stageOf(cause) : topic;
    found.push({
      ...{ key: `instance:${name}`, topic, since: failingSince ?? state.since },
      notified: topic === 'exhausted' ? ['down', topic] : [last],
      news: { ...about, type: 'phase_changed', from: phase, to, cause, detail: null, failures, failingSince },
      text: `${name} ${PHASE_WORDS[phase]}`,
    });
  }
  if (silence !== null && silence.since !== null) {
    const { since } = silence;
    found.push({
      ...{ key: `silence:${name}`, topic: 'silent', since, notified: ['silent'] },
      news: { ...about, type: 'silence_began', since, limit: now - since },
      text: `${name} is silent`,
    });
  }
  if (pause !== null && isPaused(state, wall)) {
    const { reason, by, until, since } = pause;
    found.push({
      ...{ key: `paused:${name}`, topic: 'paused', since, notified: ['paused'] },
      news: { ...about, type: 'paused', reason, by, until },
      text: `${name} is paused by ${by}: ${reason}`,
    });
  }
  return found;
}

/** The topic of an instance that is found in this state; null: none. */
function topicOf({ phase, failingSince }: InstanceState): NotifyTopic | null {
  const inRestart = (phase === 'restarting' || phase === 'recovering') && failingSince !== null;
  return inRestart ? 'down' : (PHASE_TOPICS.get(phase) ?? null);
}
