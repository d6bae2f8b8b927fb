import type { InstanceView, LastProbeView, RestartRecordView } from '../../http/views/schemas.ts';
import { ApiProblem } from './api-client.ts';
import { CAUSE_WORDS, HOLD_WORDS, OUTCOME_WORDS, spellLatency, until, VERDICT_WORDS } from './words.ts';

export const ACTIONS = ['restart', 'probe', 'pause', 'resume', 'reset'] as const;
export type Action = (typeof ACTIONS)[number];

/** What a person is asked before it is done. */
export const ACTION_WORDS: Readonly<
  Record<Action, { readonly button: string; readonly question: string; readonly means: string }>
> = {
  restart: {
    button: 'Restart',
    question: 'Restart this instance now?',
    means: 'Its gateway is told to restart it. It is offline until it has connected again, and the restart counts.',
  },
  probe: {
    button: 'Probe',
    question: 'Probe this instance now?',
    means: 'Its gateway is asked once, out of turn, and the answer counts like that of any other probe.',
  },
  pause: {
    button: 'Pause',
    question: 'Pause automatic restarts?',
    means: 'It is probed on, but not restarted by the watchdog itself until the pause ends.',
  },
  resume: {
    button: 'Resume',
    question: 'End the pause?',
    means: 'Automatic restarts go on at once if one is due.',
  },
  reset: {
    button: 'Reset',
    question: 'Forget attempts and judge afresh?',
    means: 'Attempts, spent budget and cooldown are forgotten, and the next probes decide where it stands.',
  },
};

/** What came of it, for people. */
export interface Answer {
  readonly ok: boolean;
  readonly text: string;
  readonly details: readonly string[];
  /** Whether it can be done all the same if somebody insists. */
  readonly forcible: boolean;
}

/** What the API answers to any action; which members there are depends on the action. */
export interface ActionResult extends Partial<LastProbeView> {
  readonly instance: InstanceView;
  readonly restart?: RestartRecordView | null;
  readonly remedy?: string | null;
}

/** The API's answer to an action that it did. */
export function answerOf(action: Action, { restart, verdict, cause, seconds, detail, remedy }: ActionResult): Answer {
  if (action === 'restart' && restart !== undefined && restart !== null) {
    const { outcome, httpStatus } = restart;
    const status = httpStatus === null ? '' : ` (HTTP status ${httpStatus})`;
    const text = `The restart call: ${outcome === null ? 'in flight' : OUTCOME_WORDS[outcome]}${status}.`;
    const more = outcome === 'accepted' ? ['Probes will tell whether it helped.'] : [];
    return { ok: outcome === 'accepted', text, details: more, forcible: false };
  }
  if (verdict !== undefined && cause !== undefined) {
    const details = [detail, remedy].filter((line) => typeof line === 'string');
    const took = seconds === undefined ? '' : ` after ${spellLatency(seconds)}`;
    return { ok: true, text: `${VERDICT_WORDS[verdict]}: ${CAUSE_WORDS[cause]}${took}.`, details, forcible: false };
  }
  const done: Readonly<Record<Action, string>> = {
    restart: 'The restart call is under way.',
    probe: 'Probed.',
    pause: 'Paused.',
    resume: 'Resumed.',
    reset: 'Reset. The next probes decide where it stands.',
  };
  return { ok: true, text: done[action], details: [], forcible: false };
}

/** Why the API did not do it, seen at `now` (epoch in ms). */
export function refusalOf(action: Action, error: unknown, now: number): Answer {
  if (!(error instanceof ApiProblem)) {
    return { ok: false, text: 'There is no connection to the watchdog.', details: [], forcible: false };
  }
  const { held, skipped, status, message } = error;
  const details = held.map(({ hold, until: end }) => {
    return `${HOLD_WORDS[hold]}${end === null ? '' : `, ends ${until(end, now)}`}`;
  });
  const holdable = held.length > 0 || skipped === 'needs_human';
  const forcible = action === 'restart' && status === 409 && holdable && !held.some(({ hold }) => hold === 'dry_run');
  return { ok: false, text: message, details, forcible };
}
