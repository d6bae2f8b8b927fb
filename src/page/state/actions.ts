import type { InstanceView, LastProbeView, RestartRecordView } from '../../http/views/schemas.ts';
import { ApiProblem } from './api-client.ts';
import { CAUSE_WORDS, HOLD_WORDS, OUTCOME_WORDS, spellLatency, until, VERDICT_WORDS } from './words.ts';

/** What can be done with an instance. */
export const INSTANCE_ACTIONS = ['restart', 'probe', 'pause', 'resume', 'reset'] as const;
/** The last one is done with an account. */
export type Action = (typeof INSTANCE_ACTIONS)[number] | 'release';

/** The confirmation before an action. */
export const ACTION_WORDS: Readonly<
  Record<Action, { readonly button: string; readonly question: string; readonly means: string }>
> = {
  restart: {
    button: 'Restart',
    question: 'Restart this instance now?',
    means: 'The gateway is called to restart it. It is offline until it has connected again, and the restart counts.',
  },
  probe: {
    button: 'Probe',
    question: 'Probe this instance now?',
    means: 'This probes it once, out of turn. The result counts like that of any other probe.',
  },
  pause: {
    button: 'Pause',
    question: 'Pause automatic restarts?',
    means: 'Probing continues. The watchdog does not restart it by itself until the pause ends.',
  },
  resume: {
    button: 'Resume',
    question: 'End the pause?',
    means: 'A due automatic restart starts at once.',
  },
  reset: {
    button: 'Reset',
    question: 'Reset attempts, budget and cooldown?',
    means: 'All three start from zero, and the next probes decide its phase.',
  },
  release: {
    button: 'Release',
    question: 'Let restarts of this account go on?',
    means:
      'The restarts that did harm no longer count. Due restarts start at once, so first make sure that they no longer do harm.',
  },
};

/** The result of an action, for people. */
export interface Answer {
  readonly ok: boolean;
  readonly text: string;
  readonly details: readonly string[];
  /** Whether it can be forced. */
  readonly forcible: boolean;
}

/** What the API answers to any action; its members depend on the action. */
export interface ActionResult extends Partial<LastProbeView> {
  readonly instance?: InstanceView;
  readonly released?: number;
  readonly restart?: RestartRecordView | null;
  readonly remedy?: string | null;
}

/** The API's answer to a successful action. */
export function answerOf(action: Action, result: ActionResult): Answer {
  const { restart, verdict, cause, seconds, detail, remedy, released } = result;
  if (action === 'restart' && restart !== undefined && restart !== null) {
    const { outcome, httpStatus } = restart;
    const status = httpStatus === null ? '' : ` (HTTP status ${httpStatus})`;
    const text = `The restart call: ${outcome === null ? 'in flight' : OUTCOME_WORDS[outcome]}${status}.`;
    const more = outcome === 'accepted' ? ['Probes will show whether it helped.'] : [];
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
    reset: 'Reset. The next probes decide its phase.',
    release: `Released. Harmful restarts that no longer count: ${released ?? 0}.`,
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
