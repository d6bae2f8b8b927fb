import type { NotifyTopic, Severity } from '../core/notification.ts';
import type { Notice } from './notice.ts';

/** How good or bad it is; it becomes a colour. */
export type Mood = 'bad' | 'worrying' | 'good' | 'neutral';

const BAD: ReadonlySet<Notice['topic']> = new Set<NotifyTopic>([
  'down',
  'exhausted',
  'needs_human',
  'gateway_outage',
  'restart_harmed',
  'escalated',
  'harmful',
  'blind',
  'refused',
  'own_network',
  'state_not_saved',
  'decision_failed',
]);

export function moodOf({ topic, stage, level }: Pick<Notice, 'topic' | 'stage' | 'level'>): Mood {
  if (stage === 'ended' || topic === 'healed' || topic === 'recovered') return 'good';
  if (BAD.has(topic)) return 'bad';
  return level === 'warn' || level === 'error' ? 'worrying' : 'neutral';
}

const SEVERITY_OF_MOOD: Readonly<Record<Mood, Severity>> = {
  bad: 'critical',
  worrying: 'warning',
  good: 'info',
  neutral: 'info',
};

/** How soon a person must look at it. */
export function severityOf(notice: Pick<Notice, 'topic' | 'stage' | 'level'>): Severity {
  return SEVERITY_OF_MOOD[moodOf(notice)];
}
