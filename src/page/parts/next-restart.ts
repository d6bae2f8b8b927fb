import type { InstanceView } from '../../http/views/schemas.ts';
import { spell } from '../speech/lengths.ts';
import type { Speech } from '../speech/speech.ts';

/** The next restart of an instance, in words. */
export interface NextRestart {
  readonly main: string;
  /** What holds it, or what came before it; empty: nothing. */
  readonly more: string;
  readonly held: boolean;
}

const NONE = '–';

/** When an instance is restarted next and what holds that, seen at `now` (epoch in ms). */
export function nextRestart(view: InstanceView, now: number, speech: Speech): NextRestart {
  const { enabled, phase, since, pause, restart } = view;
  const words = speech.page.restart;
  const made = restart.attempt === 0 ? '' : words.soFar(restart.attempt);
  if (!enabled) return { main: NONE, more: '', held: false };
  if (phase === 'restarting') return { main: words.underWay, more: made, held: false };
  if (phase === 'recovering') {
    return { main: words.givenTime, more: words.restarted(speech.ago(since, now)), held: false };
  }
  if (phase === 'needs_human') return { main: words.none, more: words.needsHuman, held: true };
  const holds = restart.holds.map((hold) => speech.words.holds[hold]);
  if (restart.dueAt !== null) {
    const when = speech.until(restart.dueAt, now);
    return holds.length === 0
      ? { main: when, more: made, held: false }
      : { main: when, more: words.held(holds.join(', ')), held: true };
  }
  if (pause !== null) return { main: words.paused, more: pausedFor(pause, now, speech), held: true };
  if (phase === 'down') return { main: words.none, more: words.off, held: true };
  if (phase === 'suspect') return { main: words.ifItFails, more: made, held: false };
  return { main: NONE, more: made, held: false };
}

function pausedFor({ reason, until }: NonNullable<InstanceView['pause']>, now: number, { page }: Speech): string {
  if (until === null) return page.restart.untilResumed(reason);
  return page.restart.pausedFor(reason, spell((Date.parse(until) - now) / 1_000));
}
