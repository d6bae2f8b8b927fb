import type { FleetEvent } from '../../core/event.ts';
import { remedyFor } from '../../core/remedy.ts';
import { isoTimeOrNull } from '../../core/schedule/iso-time.ts';
import { SECOND } from '../../core/time.ts';
import { troubleIn } from '../../core/trouble.ts';
import { verdictOf, type Cause } from '../../core/verdict.ts';
import {
  accountsOf,
  amount,
  because,
  HOLD_WORDS,
  listRemedy,
  listTrouble,
  MOST_PROBLEMS,
  OUTCOME_CONSEQUENCES,
  OUTCOME_WORDS,
  PHASE_WORDS,
  placeOf,
  problemLines,
  sentences,
  SILENCE_ENDS,
  SKIP_WORDS,
  statusBeside,
  TRIGGER_WORDS,
  until,
  whereOf,
} from './event-words.ts';
import { error, info, warn, type EventLine } from './log-line.ts';

type EventOf<Type extends FleetEvent['type']> = Extract<FleetEvent, { readonly type: Type }>;

/** What a gateway says by itself of what a person can do about a cause; undefined: nothing, so the general text counts. */
export type OwnRemedies = (account: string, cause: Cause) => string | undefined;

type RemedyOf = (cause: Cause | null, detail?: string | null) => string | null;

/** The log line of an event. Its fields are those of the event, with those of the table in place of or beside them. */
export function lineOf(event: FleetEvent, ownRemedy: OwnRemedies = () => undefined): EventLine {
  const account = 'account' in event ? event.account : null;
  const remedyOf: RemedyOf = (cause, detail = null) =>
    (account === null || cause === null ? undefined : ownRemedy(account, cause)) ?? remedyFor(cause, detail);
  // The compiler cannot see that the entry found by a type takes the events of that type.
  const { level, msg, fields } = (LINES[event.type] as (event: FleetEvent, remedyOf: RemedyOf) => EventLine)(
    event,
    remedyOf,
  );
  const { type, at: _, ...own } = event;
  const present = Object.entries({ ...own, ...fields }).filter(([, value]) => value !== null);
  return { level, fields: { event: type, ...Object.fromEntries(present) }, msg };
}

/** Logged once per account: its gateway's answers prove only that something answers. */
export function reachabilityOnly(account: string): EventLine {
  const msg = sentences(
    `only reachability is watched for account ${account}: the gateway's answer names no connection state`,
    'If it does name one, set statePath to its place.',
  );
  return warn(msg, { event: 'reachability_only', account });
}

const LOUD_PHASES: ReadonlySet<string> = new Set(['down', 'exhausted', 'needs_human']);
/** The lines of the restart call say more about these. */
const QUIET_PHASES: ReadonlySet<string> = new Set(['restarting', 'recovering']);

/** At the end of an outage that was not its own, the last answer of an instance may be good already. */
const NOT_YET_HEALTHY = 'no longer counts as down, and not yet as healthy';

/** What to do about these depends on what each answer says. */
const OF_EACH_ANSWER: ReadonlySet<Cause> = new Set<Cause>(['unknown_state', 'unreadable']);
const LOOK_AT_ANSWERS = 'Look at the last probe of each: what it was answered says what to do.';

const LOOK_AT_WEBHOOKS =
  'None of them is restarted for its silence. First check the webhooks of the gateway, or your bot: they must report messages to the watchdog.';

/** What each event is logged as. A field that is null is left out. */
const LINES: { readonly [Type in FleetEvent['type']]: (event: EventOf<Type>, remedyOf: RemedyOf) => EventLine } = {
  probe_finished({ name, cause, detail, seconds }) {
    const verdict = verdictOf(cause);
    const msg = `probe of ${name}: ${verdict}, ${because(cause, detail)}, after ${amount(seconds)}`;
    return { level: 'debug', fields: { verdict, startedAt: null }, msg };
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
  not_healed({ name, attempt, cause }, remedyOf) {
    const remedy = remedyOf(cause);
    const msg = sentences(`restart attempt ${attempt} did not heal ${name} within its grace: ${cause}`, remedy);
    return warn(msg, { remedy });
  },
  escalated: ({ name, attempt, to }) =>
    warn(`${attempt} restarts did not help ${name}: ${to} is asked to restart the process of the gateway`),
  restart_harmed({ name, attempt, cause }, remedyOf) {
    const remedy = remedyOf(cause);
    return error(
      sentences(`restart attempt ${attempt} harmed ${name}: it needs a human since then: ${cause}`, remedy),
      {
        remedy,
      },
    );
  },
  cause_changed({ name, phase, cause, detail }, remedyOf) {
    const remedy = remedyOf(cause, detail);
    const msg = sentences(`${name} ${PHASE_WORDS[phase]} for another reason now: ${because(cause, detail)}`, remedy);
    return warn(msg, { remedy });
  },
  answers_missing({ name, cause, detail, since }, remedyOf) {
    const remedy = remedyOf(cause, detail);
    const start = isoTimeOrNull(since);
    const why = because(cause, detail);
    const msg = sentences(`nothing is known of ${name}: no conclusive answer since ${start ?? ''}: ${why}`, remedy);
    return warn(msg, { since: start, remedy });
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
  storm_began(event) {
    const { sick, watched, allowed } = event;
    const msg = `storm: ${sick} of ${watched} instances of ${placeOf(event)} are failing, more than ${allowed}. Restarts go one at a time until one of them heals. Look for a common cause.`;
    return warn(msg, whereOf(event));
  },
  storm_paced: (event) =>
    info(
      `storm: a restart healed an instance of ${placeOf(event)}, so the others are restarted within its limits`,
      whereOf(event),
    ),
  storm_ended(event) {
    const end = isoTimeOrNull(event.quietUntil);
    const pause = end === null ? '' : `; no restart before ${end}`;
    return info(`storm: over in ${placeOf(event)}${pause}`, { ...whereOf(event), quietUntil: null, until: end });
  },
  gateway_outage_began(event) {
    const { unreachable, watched } = event;
    const msg = `gateway outage: ${unreachable} of ${watched} instances of ${placeOf(event)} fail as they do when the gateway itself is down. All their restarts are held. Check the gateway.`;
    return warn(msg, whereOf(event));
  },
  gateway_outage_ended: (event) =>
    info(
      `gateway outage: over in ${placeOf(event)}; what still fails must reach its failure threshold again`,
      whereOf(event),
    ),
  harmful_began({ account, harmed, within }) {
    const seconds = within / SECOND;
    const msg =
      `restarts do harm: after ${harmed} of them within ${amount(seconds)}, instances of ${account} need a human that did not before. ` +
      'All automatic and planned restarts of the account are held until a person releases it. First find out why restarts cost the pairing.';
    return error(msg, { within: seconds });
  },
  restart_method_found: ({ account, method }) =>
    info(`${account}: the gateway accepts restarts by ${method}, which is remembered and used from now on`),
  list_finished: ({ account, names, seconds }) => ({
    level: 'debug',
    fields: { names: null, causes: null, startedAt: null, confirmed: names.length },
    msg: `the list of ${account} confirms ${names.length} instances, after ${amount(seconds)}`,
  }),
  bulk_failed({ account, cause, detail }, remedyOf) {
    const remedy = remedyOf(cause, detail);
    const msg = `bulk: the list of ${account} cannot take the place of probes${because(cause, detail, ': ')}; its instances are probed one by one`;
    return warn(sentences(msg, remedy), { remedy });
  },
  bulk_works: ({ account }) => info(`bulk: the list of ${account} takes the place of probes again`),
  instances_discovered({ account, added, removed, unusable }) {
    const left = unusable === 0 ? '' : `; ${unusable} entries of the list cannot be watched`;
    return info(`discovery: ${added} instances of ${account} came, ${removed} went${left}`);
  },
  discovery_failed_began(event) {
    const msg = `discovery: the list of ${event.account} is not followed, and all stays as it is: ${listTrouble(event)}`;
    return warn(sentences(msg, listRemedy(event)), { remedy: listRemedy(event) });
  },
  discovery_failed_ended: ({ account }) => info(`discovery: the list of ${account} is followed again`),
  harmful_ended: ({ account, by }) => info(`restarts of ${account} were released by ${by}`),
  blind_began({ account, blind, watched, cause }, remedyOf) {
    const remedy = cause !== null && OF_EACH_ANSWER.has(cause) ? LOOK_AT_ANSWERS : remedyOf(cause);
    const why = cause === null ? '' : `: ${cause}`;
    const msg = `blind: nothing is known of ${blind} of ${watched} instances of ${account}, because their answers are not conclusive${why}`;
    return error(sentences(msg, remedy), { remedy });
  },
  blind_ended: ({ account }) => info(`blind: over in ${account}; most answers are conclusive again`),
  silence_began({ name, since, limit }, remedyOf) {
    const remedy = remedyOf('silent');
    const start = isoTimeOrNull(since);
    const msg = `${name} is silent: it is connected, but has shown no sign of life since ${start ?? ''}`;
    return warn(sentences(msg, remedy), { cause: 'silent', since: start, limit: limit / SECOND, remedy });
  },
  silence_ended: ({ name, since, why }) =>
    info(`${name} is no longer silent: ${SILENCE_ENDS[why]}`, { since: isoTimeOrNull(since) }),
  silent_began({ account, silent, expected }) {
    const msg = `silent: ${silent} of ${expected} instances of ${account} show no sign of life at the same time`;
    return warn(sentences(msg, LOOK_AT_WEBHOOKS));
  },
  silent_ended: ({ account }) => info(`silent: over in ${account}; most instances show life again`),
  refused_began({ account, cause, refused, watched }, remedyOf) {
    const remedy = remedyOf(cause);
    const msg = `refused: the gateway refuses ${refused} of ${watched} instances of ${account} for the same reason: ${cause}`;
    return error(sentences(msg, remedy), { remedy });
  },
  refused_ended: ({ account }) => info(`refused: over in ${account}`),
  own_network_down: ({ reason }) =>
    warn(`own network down: ${reason}. Unanswered probes do not count, and nothing is restarted.`),
  own_network_up: () => info('own network up again'),
  state_unusable({ reason, soughtAgain }) {
    const next = soughtAgain
      ? 'It is tried again at least once a minute.'
      : 'Start the watchdog again once that is repaired.';
    return error(
      `not durable: ${reason.replace(/\.$/, '')}. All instances are probed and none is restarted, because a restart must be saved before it is made. ${next}`,
    );
  },
  state_found: ({ instances }) =>
    info(`durable again: the state could be opened, and ${instances} instances were restored from it`),
  config_reloaded({ added, removed, changed, changedAccounts, waitingForRestart }) {
    const done = `config reloaded: ${added} instances added, ${removed} removed, ${changed} changed; ${changedAccounts} accounts changed`;
    if (waitingForRestart.length === 0) return info(done);
    return warn(`${done}. New values of ${waitingForRestart.join(', ')} are used only after a restart of the process`);
  },
  config_reload_failed: ({ problems }) =>
    error(`the config was not reloaded, the one before stays in use: ${problemLines(problems)}`, {
      problems: problems.slice(0, MOST_PROBLEMS),
    }),
  accounts_claimed({ accounts, from }) {
    const reason = from.length === 0 ? 'nobody owned' : `${from.join(', ')} no longer renewed`;
    const msg = `watching ${accountsOf(accounts)} from now on, which ${reason}`;
    return from.length === 0 ? info(msg) : warn(msg);
  },
  accounts_released: ({ accounts, to }) =>
    info(`no longer watching ${accountsOf(accounts)}, which ${to === null ? 'another replica' : to} watches next`),
  accounts_lost: ({ accounts }) =>
    warn(
      `no longer watching ${accountsOf(accounts)}: another replica owns them, because this one could not renew its leases in time. Check its way to the database, and whether it was suspended.`,
    ),
  replica_joined: ({ replica, replicas }) => info(`replica ${replica} has joined; ${replicas} share the accounts`),
  replica_left: ({ replica, replicas }) =>
    info(
      `replica ${replica} has left, or is no longer heard of; ${replicas} ${replicas === 1 ? 'has' : 'share'} the accounts`,
    ),
  configs_differ({ replicas, outdated }) {
    const whose = outdated
      ? 'The one here is older, so the others get its accounts'
      : 'Theirs is older, so this one gets their accounts';
    return warn(
      `${replicas.join(', ')} have another config. ${whose} after two minutes. Give all replicas the same one.`,
    );
  },
  configs_agree: () => info('all replicas have the same config'),
  alert_unmatched({ alerts, alert, instances }) {
    const what =
      alerts === 1 ? `alert ${alert} requests a restart` : `${alerts} alerts such as ${alert} request restarts`;
    return warn(
      `${what} of ${instances.join(', ')}, but no instance of that name is watched. Set the label name in its rule to the name of an instance.`,
    );
  },
  alerts_refused: ({ alerts, reason }) =>
    warn(
      alerts === null
        ? `a delivery of alerts was refused, so none of them restarts anything: ${reason}. Alertmanager does not repeat it.`
        : `${alerts} of the alerts of a delivery cannot be understood, so they restart nothing: ${reason}`,
    ),
  webhooks_unmatched({ why, webhooks, accounts, places }) {
    const what = `${webhooks === 1 ? 'a webhook' : `${webhooks} webhooks`} of ${accountsOf(accounts)}`;
    const at = places.join(' or ');
    if (why === 'unknown_instance') {
      return info(
        `${what} named at ${at} an instance that is not watched, so nothing came of it. Where it should be, look at its id in the config.`,
      );
    }
    if (why === 'ambiguous') {
      return warn(
        `${what} named an instance of several accounts, so nothing came of it. Add ?account= to the URL of the webhook, or give each account a hookToken.`,
      );
    }
    return warn(
      `${what} could not be read, or named no instance at ${at}, so nothing came of it. Look at the URL of the webhook and at the gateway of the account.`,
    );
  },
  tokens_refused: ({ right, address, count }) =>
    warn(
      `${count} wrong tokens within a minute from ${address} for ${right}: further wrong ones from there are answered 429 for the rest of it. Correct or remove the token that this client sends.`,
    ),
};
