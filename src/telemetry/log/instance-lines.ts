import { isoTime, isoTimeOrNull } from '../../core/schedule/iso-time.ts';
import { SECOND } from '../../core/time.ts';
import { troubleIn } from '../../core/trouble.ts';
import { verdictOf } from '../../core/verdict.ts';
import {
  amount,
  because,
  HOLD_WORDS,
  OUTCOME_CONSEQUENCES,
  OUTCOME_WORDS,
  PHASE_WORDS,
  sentences,
  SILENCE_ENDS,
  SKIP_WORDS,
  statusBeside,
  TRIGGER_WORDS,
  until,
  withRemedy,
} from './event-words.ts';
import { error, info, warn, type Lines } from './log-line.ts';

const LOUD_PHASES: ReadonlySet<string> = new Set(['down', 'exhausted', 'needs_human']);
/** The lines of the restart call say more about these. */
const QUIET_PHASES: ReadonlySet<string> = new Set(['restarting', 'recovering']);

/** At the end of an outage that was not its own, the last answer of an instance may be good already. */
const NOT_YET_HEALTHY = 'no longer counts as down, and not yet as healthy';

/** What the events of an instance are logged as. */
export const INSTANCE_LINES = {
  probe_finished({ name, cause, detail, seconds }) {
    const verdict = verdictOf(cause);
    const msg = `probe of ${name}: ${verdict}, ${because(cause, detail)}, after ${amount(seconds)}`;
    return { level: 'debug', fields: { verdict, startedAt: null, historyRow: null }, msg };
  },
  phase_changed({ name, from, to, cause, detail, failingSince }, remedyOf) {
    const remedy = to === 'healthy' ? null : remedyOf(cause, detail);
    const quiet = QUIET_PHASES.has(to);
    const again = to === 'healthy' && from !== 'unknown' ? ' again' : '';
    const why = cause === null || quiet ? '' : `: ${because(cause, detail)}`;
    const looksHealthy = to === 'suspect' && cause !== null && verdictOf(cause) === 'healthy';
    return {
      // That an instance is well from the start is no news of its own: the first round has one line for all.
      level: LOUD_PHASES.has(to) ? 'warn' : quiet || (from === 'unknown' && to === 'healthy') ? 'debug' : 'info',
      fields: { remedy, failingSince: isoTimeOrNull(failingSince) },
      msg: sentences(
        `${name} ${looksHealthy ? NOT_YET_HEALTHY : PHASE_WORDS[to]}${again}${why}`,
        quiet ? null : remedy,
      ),
    };
  },
  restart_held: ({ name, hold, until: end }) =>
    info(`the restart of ${name} is held (${hold}): ${HOLD_WORDS[hold]}${until(end)}`, { until: isoTimeOrNull(end) }),
  restart_skipped: ({ name, trigger, why }) => info(`${name} will not be restarted (${trigger}): ${SKIP_WORDS[why]}`),
  restart_started({ name, intent: { trigger, requestedBy, attempt } }) {
    const by = requestedBy === null ? '' : ` (${requestedBy})`;
    const msg = `restarting ${name}, attempt ${attempt}: ${TRIGGER_WORDS[trigger]}${by}`;
    return info(msg, { intent: null, trigger, requestedBy, attempt });
  },
  restart_finished({ name, intent: { trigger, attempt }, outcome, httpStatus, detail, refusal, cooldownUntil }) {
    const end = refusal === null ? isoTimeOrNull(cooldownUntil) : null;
    const remedy = troubleIn(detail)?.remedy ?? null;
    return {
      level: outcome === 'accepted' ? 'info' : 'warn',
      fields: { intent: null, trigger, attempt, cooldownUntil: null, until: end, remedy },
      msg: sentences(
        OUTCOME_WORDS[outcome](name) + because(statusBeside(httpStatus, detail), detail, ': '),
        refusal === null
          ? OUTCOME_CONSEQUENCES[outcome]
          : 'It was not restarted, and is not until a person has helped.',
        end === null ? null : `No other restart of it before ${end}.`,
        remedy,
      ),
    };
  },
  not_healed: ({ name, attempt, cause }, remedyOf) =>
    withRemedy(warn(`restart attempt ${attempt} did not heal ${name} within its grace: ${cause}`), remedyOf(cause)),
  escalated: ({ name, attempt, to }) =>
    warn(
      `${attempt === 1 ? 'a restart' : `${attempt} restarts`} did not help ${name}: ${to} is asked to restart the process of the gateway`,
    ),
  restart_harmed({ name, attempt, cause }, remedyOf) {
    const msg = `restart attempt ${attempt} harmed ${name}: it needs a human since then: ${cause}`;
    return withRemedy(error(msg), remedyOf(cause));
  },
  cause_changed({ name, phase, cause, detail }, remedyOf) {
    const msg = `${name} ${PHASE_WORDS[phase]} for another reason now: ${because(cause, detail)}`;
    return withRemedy(warn(msg), remedyOf(cause, detail));
  },
  answers_missing({ name, cause, detail, since }, remedyOf) {
    const start = isoTime(since);
    const msg = `nothing is known of ${name}: no conclusive answer since ${start}: ${because(cause, detail)}`;
    return withRemedy(warn(msg, { since: start }), remedyOf(cause, detail));
  },
  healed({ name, attempt, secondsToHeal, downSeconds }) {
    const down = downSeconds === null ? '' : `, ${amount(downSeconds)} after its first failing probe`;
    return info(`${name} is healed: healthy ${amount(secondsToHeal)} after restart attempt ${attempt}${down}`);
  },
  recovered: ({ name, downSeconds }) =>
    info(`${name} recovered without a restart, ${amount(downSeconds)} after its first failing probe`),
  stable: ({ name, attempts }) => info(`${name} is stable: its ${attempts} restart attempts no longer count`),
  paused({ name, reason, by, until: end }) {
    const msg = `${name} is paused${until(end)} by ${by}: ${reason}. It is still probed, and not restarted automatically.`;
    return info(msg, { until: isoTimeOrNull(end) });
  },
  unpaused: ({ name, by }) =>
    info(`${name} is no longer paused: ${by === null ? 'its pause expired' : `resumed by ${by}`}`),
  acknowledged({ name, reason, by, until: end }) {
    const why = reason === null ? '' : `: ${reason}`;
    const msg = `${name} is acknowledged by ${by}${why}. Messages about its trouble are silent${end === null ? ' until it ends' : until(end)}.`;
    return info(msg, { until: isoTimeOrNull(end) });
  },
  reset: ({ name, by }) => info(`${name} was reset by ${by}: attempts, cooldown and budget start from zero`),
  state_not_saved({ name, reason, restartGivenUp }) {
    const consequence = 'Its restart was not made, because a restart must be saved before it is made.';
    return error(
      sentences(
        `the state of ${name} could not be saved: ${reason}`,
        restartGivenUp ? consequence : null,
        'Check the free space and the permissions of state.path, or the database.',
      ),
    );
  },
  state_saved_again: ({ name }) => info(`the state of ${name} is saved again`),
  decision_failed: ({ name, reason }) =>
    error(
      sentences(
        `a bug in the watchdog: the decision about ${name} failed: ${reason}`,
        'Nothing was changed. Please report this line; its fields state and observation reproduce it.',
      ),
    ),
  silence_began({ name, since, limit }, remedyOf) {
    const start = isoTime(since);
    const msg = `${name} is silent: it is connected, but has shown no sign of life since ${start}`;
    return withRemedy(warn(msg, { cause: 'silent', since: start, limit: limit / SECOND }), remedyOf('silent'));
  },
  silence_ended: ({ name, since, why }) =>
    info(`${name} is no longer silent: ${SILENCE_ENDS[why]}`, { since: isoTimeOrNull(since) }),
} satisfies Partial<Lines>;
