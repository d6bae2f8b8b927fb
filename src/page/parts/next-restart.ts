import type { InstanceView } from '../../http/views/schemas.ts';
import { ago, count, HOLD_WORDS, spell, until } from '../state/words.ts';

/** The next restart of an instance, in words. */
export interface NextRestart {
  readonly main: string;
  /** What holds it, or what came before it; empty: nothing. */
  readonly more: string;
  readonly held: boolean;
}

const NONE = '–';

/** When an instance is restarted next and what holds that, seen at `now` (epoch in ms). */
export function nextRestart({ enabled, phase, since, pause, restart }: InstanceView, now: number): NextRestart {
  const made = restart.attempt === 0 ? '' : `${count(restart.attempt, 'restart')} so far`;
  if (!enabled) return { main: NONE, more: '', held: false };
  if (phase === 'restarting') return { main: 'call under way', more: made, held: false };
  if (phase === 'recovering') return { main: 'given time to heal', more: `restarted ${ago(since, now)}`, held: false };
  if (phase === 'needs_human') return { main: 'none', more: 'a human must act first', held: true };
  const holds = restart.holds.map((hold) => HOLD_WORDS[hold]);
  if (restart.dueAt !== null) {
    const when = until(restart.dueAt, now);
    return holds.length === 0
      ? { main: when, more: made, held: false }
      : { main: when, more: `held: ${holds.join(', ')}`, held: true };
  }
  if (pause !== null) return { main: 'paused', more: pausedFor(pause, now), held: true };
  if (phase === 'down') return { main: 'none', more: 'automatic restarts are switched off', held: true };
  if (phase === 'suspect') return { main: 'if it keeps failing', more: made, held: false };
  return { main: NONE, more: made, held: false };
}

function pausedFor({ reason, until: end }: NonNullable<InstanceView['pause']>, now: number): string {
  if (end === null) return `${reason}, until resumed`;
  return `${reason}, ${spell((Date.parse(end) - now) / 1_000)} more`;
}
