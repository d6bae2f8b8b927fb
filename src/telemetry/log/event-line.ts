import type { AboutInstance, FleetEvent, InstanceEvent, InstanceTrouble, ProbeFinished } from '../../core/event.ts';
import type { Outcome } from '../../core/instance/instance.ts';
import { isoTimeOrNull } from '../../core/schedule/iso-time.ts';
import { remedyFor } from '../../core/remedy.ts';
import { verdictOf } from '../../core/verdict.ts';
import { fleetLine, type EventLine } from './fleet-line.ts';
import { watchdogLine } from './watchdog-line.ts';
import {
  amount,
  because,
  HOLD_WORDS,
  PHASE_WORDS,
  sentences,
  SKIP_WORDS,
  TRIGGER_WORDS,
  until,
} from './event-words.ts';

type About<Event> = AboutInstance & Event;
type EventOf<Type extends InstanceEvent['type']> = About<Extract<InstanceEvent, { type: Type }>>;

/** How the log says an event. */
export function lineOf(event: FleetEvent): EventLine {
  switch (event.type) {
    case 'probe_finished':
      return probeFinished(event);
    case 'phase_changed':
      return phaseChanged(event);
    case 'restart_held':
    case 'restart_skipped':
      return restartNotMade(event);
    case 'restart_started':
      return restartStarted(event);
    case 'restart_finished':
      return restartFinished(event);
    case 'not_healed':
    case 'healed':
    case 'recovered':
    case 'stable':
      return courseOfOutage(event);
    case 'paused':
    case 'unpaused':
    case 'reset':
      return care(event);
    case 'state_not_saved':
    case 'state_saved_again':
    case 'decision_failed':
      return trouble(event);
    case 'storm_began':
    case 'storm_paced':
    case 'storm_ended':
    case 'gateway_outage_began':
    case 'gateway_outage_ended':
      return fleetLine(event);
    case 'own_network_down':
    case 'own_network_up':
    case 'state_unusable':
    case 'state_found':
    case 'config_reloaded':
    case 'config_reload_failed':
    case 'alert_unmatched':
      return watchdogLine(event);
  }
}

/** Said once per account: its gateway's answers prove only that somebody answers. */
export function reachabilityOnly(account: string): EventLine {
  return {
    level: 'warn',
    fields: { event: 'reachability_only', account },
    msg: sentences(
      `only reachability is watched for account ${account}: the gateway's answer names no connection state`,
      'If it does name one, set statePath to its place.',
    ),
  };
}

function probeFinished({ name, account, cause, detail, seconds, latenessSeconds }: About<ProbeFinished>): EventLine {
  const verdict = verdictOf(cause);
  return {
    level: 'debug',
    fields: { event: 'probe_finished', name, account, verdict, cause, ...given({ detail }), seconds, latenessSeconds },
    msg: `probe of ${name}: ${verdict}, ${because(cause, detail)}, after ${amount(seconds)}`,
  };
}

const LOUD_PHASES: ReadonlySet<string> = new Set(['down', 'exhausted', 'needs_human']);
/** Other lines tell of the call that leads to these. */
const QUIET_PHASES: ReadonlySet<string> = new Set(['restarting', 'recovering']);

function phaseChanged(event: EventOf<'phase_changed'>): EventLine {
  const { name, account, from, to, cause, detail, failures } = event;
  const remedy = to === 'healthy' ? null : remedyFor(cause);
  const failingSince = isoTimeOrNull(event.failingSince);
  const quiet = QUIET_PHASES.has(to);
  const again = to === 'healthy' && from !== 'unknown' ? ' again' : '';
  const why = cause === null || quiet ? '' : `: ${because(cause, detail)}`;
  return {
    level: LOUD_PHASES.has(to) ? 'warn' : quiet ? 'debug' : 'info',
    fields: {
      event: 'phase_changed',
      name,
      account,
      from,
      to,
      ...given({ cause, detail, remedy, failingSince }),
      failures,
    },
    msg: sentences(`${name} ${PHASE_WORDS[to]}${again}${why}`, quiet ? null : remedy),
  };
}

function restartNotMade(event: EventOf<'restart_held'> | EventOf<'restart_skipped'>): EventLine {
  const { type, name, account, trigger } = event;
  if (type === 'restart_skipped') {
    const { why } = event;
    const msg = `${name} will not be restarted (${trigger}): ${SKIP_WORDS[why]}`;
    return { level: 'info', fields: { event: type, name, account, trigger, why }, msg };
  }
  const { hold } = event;
  return {
    level: 'info',
    fields: { event: type, name, account, trigger, hold, ...given({ until: isoTimeOrNull(event.until) }) },
    msg: `the restart of ${name} is held (${hold}): ${HOLD_WORDS[hold]}${until(event.until)}`,
  };
}

function restartStarted({ type, name, account, intent }: EventOf<'restart_started'>): EventLine {
  const { trigger, requestedBy, attempt } = intent;
  const by = requestedBy === null ? '' : `, requested by ${requestedBy}`;
  return {
    level: 'info',
    fields: { event: type, name, account, trigger, ...given({ requestedBy }), attempt },
    msg: `restarting ${name}, attempt ${attempt}: ${TRIGGER_WORDS[trigger]}${by}`,
  };
}

function restartFinished(event: EventOf<'restart_finished'>): EventLine {
  const { type, name, account, intent, outcome, httpStatus, detail, seconds } = event;
  const { trigger, attempt } = intent;
  const cooldownUntil = isoTimeOrNull(event.cooldownUntil);
  return {
    level: outcome === 'accepted' ? 'info' : 'warn',
    fields: {
      event: type,
      name,
      account,
      trigger,
      outcome,
      ...given({ httpStatus, detail, until: cooldownUntil }),
      attempt,
      ...given({ seconds }),
    },
    msg: sentences(
      outcomeWords(name, outcome) + because(httpStatus === null ? null : `HTTP ${httpStatus}`, detail, ': '),
      OUTCOME_CONSEQUENCES[outcome],
      cooldownUntil === null ? null : `No other restart of it before ${cooldownUntil}.`,
    ),
  };
}

function outcomeWords(name: string, outcome: Outcome): string {
  switch (outcome) {
    case 'accepted':
      return `the gateway accepted the restart of ${name}`;
    case 'rejected':
      return `the gateway refused to restart ${name}`;
    case 'unreachable':
      return `the restart of ${name} did not reach the gateway`;
    case 'unknown':
      return `the restart of ${name} was sent, but not answered`;
  }
}

const OUTCOME_CONSEQUENCES: Readonly<Record<Outcome, string>> = {
  accepted: 'Probes will tell whether it helped.',
  rejected: 'The instance stays as it was.',
  unreachable: 'The instance stays as it was.',
  unknown: 'It may have happened, so it is not repeated; probes will tell.',
};

function courseOfOutage(
  event: EventOf<'not_healed'> | EventOf<'healed'> | EventOf<'recovered'> | EventOf<'stable'>,
): EventLine {
  const { type, name, account } = event;
  const about = { event: type, name, account };
  switch (type) {
    case 'not_healed': {
      const { attempt, cause } = event;
      const remedy = remedyFor(cause);
      const msg = sentences(`restart attempt ${attempt} did not heal ${name} within its grace: ${cause}`, remedy);
      return { level: 'warn', fields: { ...about, attempt, cause, ...given({ remedy }) }, msg };
    }
    case 'healed': {
      const { trigger, attempt, secondsToHeal, downSeconds } = event;
      const down = downSeconds === null ? '' : `, ${amount(downSeconds)} after its first failing probe`;
      const msg = `${name} is healed: healthy ${amount(secondsToHeal)} after restart attempt ${attempt}${down}`;
      return { level: 'info', fields: { ...about, trigger, attempt, secondsToHeal, ...given({ downSeconds }) }, msg };
    }
    case 'recovered': {
      const { downSeconds } = event;
      const msg = `${name} recovered without a restart, ${amount(downSeconds)} after its first failing probe`;
      return { level: 'info', fields: { ...about, downSeconds }, msg };
    }
    case 'stable': {
      const { attempts } = event;
      const msg = `${name} is stable: restart attempts count from zero again, there were ${attempts}`;
      return { level: 'info', fields: { ...about, attempts }, msg };
    }
  }
}

function care(event: EventOf<'paused'> | EventOf<'unpaused'> | EventOf<'reset'>): EventLine {
  const { type, name, account, by } = event;
  const about = { event: type, name, account, ...given({ by }) };
  switch (type) {
    case 'paused': {
      const { reason } = event;
      const msg = `${name} is paused${until(event.until)} by ${event.by}: ${reason}. It is probed on, and not restarted by itself.`;
      return { level: 'info', fields: { ...about, reason, ...given({ until: isoTimeOrNull(event.until) }) }, msg };
    }
    case 'unpaused': {
      const why = by === null ? 'its pause has come to its end' : `by ${by}`;
      return { level: 'info', fields: about, msg: `${name} is paused no more: ${why}` };
    }
    case 'reset': {
      const { attempts } = event;
      const msg = `${name} was reset by ${event.by}: attempts, cooldown and budget begin anew`;
      return { level: 'info', fields: { ...about, attempts }, msg };
    }
  }
}

function trouble(event: About<InstanceTrouble>): EventLine {
  const { type, name, account } = event;
  if (type === 'state_saved_again') {
    return { level: 'info', fields: { event: type, name, account }, msg: `the state of ${name} is saved again` };
  }
  const { reason } = event;
  if (type === 'state_not_saved') {
    const { restartGivenUp } = event;
    return {
      level: 'error',
      fields: { event: type, name, account, reason, restartGivenUp },
      msg: sentences(
        `the state of ${name} could not be saved: ${reason}`,
        restartGivenUp ? 'Its restart was not made, because nothing is done that is not written down first.' : null,
        'Check the free space and the permissions of state.path.',
      ),
    };
  }
  const { state, observation } = event;
  return {
    level: 'error',
    fields: { event: type, name, account, reason, state, observation },
    msg: sentences(
      `a bug in the watchdog: the decision about ${name} failed: ${reason}`,
      'Nothing was changed. Please report this line; its fields state and observation reproduce it.',
    ),
  };
}

/** The fields that have a value; a log line does not list what there is not. */
function given(fields: Readonly<Record<string, string | number | null>>): Record<string, string | number> {
  const present = Object.entries(fields).filter((field): field is [string, string | number] => field[1] !== null);
  return Object.fromEntries(present);
}
