import type { InstanceView, LastProbeView, RestartRecordView } from '../../http/views/schemas.ts';
import { ApiProblem } from './api-client.ts';
import type { Speech } from '../speech/speech.ts';

/** What can be done with an instance. */
export const INSTANCE_ACTIONS = ['restart', 'probe', 'pause', 'resume', 'ack', 'reset'] as const;
/** The last one is done with an account. */
export type Action = (typeof INSTANCE_ACTIONS)[number] | 'release';

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
export function answerOf(action: Action, result: ActionResult, speech: Speech): Answer {
  const { restart, verdict, cause, seconds, detail, remedy, released } = result;
  const { words, page } = speech;
  const { answers } = page;
  if (action === 'restart' && restart !== undefined && restart !== null) {
    const { outcome, httpStatus } = restart;
    const ended = outcome === null ? answers.inFlight : words.outcomes[outcome];
    const text = answers.restartCall(httpStatus === null ? ended : answers.withStatus(ended, httpStatus));
    const more = outcome === 'accepted' ? [answers.probesWillShow] : [];
    return { ok: outcome === 'accepted', text, details: more, forcible: false };
  }
  if (verdict !== undefined && cause !== undefined) {
    const details = [speech.detail(detail ?? null), speech.remedy(remedy ?? null)].filter((line) => line !== null);
    const took = seconds === undefined ? '' : speech.latency(seconds);
    const text = answers.found(words.verdicts[verdict], words.causes[cause], took);
    return { ok: true, text, details, forcible: false };
  }
  const text = action === 'release' ? answers.release(released ?? 0) : answers[action];
  return { ok: true, text, details: [], forcible: false };
}

/** Why the API did not do it, seen at `now` (epoch in ms). */
export function refusalOf(action: Action, error: unknown, now: number, speech: Speech): Answer {
  const { words, page } = speech;
  if (!(error instanceof ApiProblem)) {
    return { ok: false, text: page.frame.noConnection, details: [], forcible: false };
  }
  const { held, skipped, status, message } = error;
  const holdable = held.length > 0 || skipped === 'needs_human';
  const forcible = action === 'restart' && status === 409 && holdable && !held.some(({ hold }) => hold === 'dry_run');
  if (held.length > 0) {
    const details = held.map(({ hold, until }) =>
      until === null ? words.holds[hold] : page.answers.holdEnds(words.holds[hold], speech.until(until, now)),
    );
    return { ok: false, text: page.answers.held, details, forcible };
  }
  const skip = Object.entries(words.skips).find(([why]) => why === skipped)?.[1];
  if (skip !== undefined)
    return { ok: false, text: `${skip.charAt(0).toUpperCase()}${skip.slice(1)}.`, details: [], forcible };
  // What the API says of it is English, and says more.
  return { ok: false, text: statusWords(status, speech), details: message === '' ? [] : [message], forcible };
}

function statusWords(status: number, { page: { answers } }: Speech): string {
  if (status === 401 || status === 403) return answers.notRight;
  if (status === 404) return answers.notFound;
  if (status === 409) return answers.notNow;
  if (status === 429) return answers.tooOften;
  return status === 503 ? answers.notSaved : answers.refused(status);
}
