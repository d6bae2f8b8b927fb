import type { AboutInstance, FleetEvent, InstanceEvent, InstanceTrouble, ProbeFinished } from '../../core/event.ts';
import { isoTimeOrNull } from '../../core/schedule/iso-time.ts';
import { remedyFor } from '../../core/remedy.ts';
import { verdictOf } from '../../core/verdict.ts';
import { fleetLine } from './fleet-line.ts';
import { amount, because, PHASE_WORDS, sentences, until } from './event-words.ts';
import { given, type EventLine } from './log-line.ts';
import { restartLine } from './restart-line.ts';
import { watchdogLine } from './watchdog-line.ts';

type About<Event> = AboutInstance & Event;
type EventOf<Type extends InstanceEvent['type']> = About<Extract<InstanceEvent, { type: Type }>>;

/** The log line of an event. */
export function lineOf(event: FleetEvent): EventLine {
  switch (event.type) {
    case 'probe_finished':
      return probeFinished(event);
    case 'phase_changed':
      return phaseChanged(event);
    case 'restart_held':
    case 'restart_skipped':
    case 'restart_started':
    case 'restart_finished':
      return restartLine(event);
    case 'not_healed':
    case 'healed':
    case 'recovered':
    case 'stable':
      return outageLine(event);
    case 'paused':
    case 'unpaused':
    case 'reset':
      return requestLine(event);
    case 'state_not_saved':
    case 'state_saved_again':
    case 'decision_failed':
      return troubleLine(event);
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

/** Logged once per account: its gateway's answers prove only that something answers. */
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
/** The lines of the restart call say more about these. */
const QUIET_PHASES: ReadonlySet<string> = new Set(['restarting', 'recovering']);

/** At the end of an outage that was not its own, the last answer of an instance may be good already. */
const NOT_YET_HEALTHY = 'no longer counts as down, and not yet as healthy';

function phaseChanged(event: EventOf<'phase_changed'>): EventLine {
  const { name, account, from, to, cause, detail, failures } = event;
  const remedy = to === 'healthy' ? null : remedyFor(cause);
  const failingSince = isoTimeOrNull(event.failingSince);
  const quiet = QUIET_PHASES.has(to);
  const again = to === 'healthy' && from !== 'unknown' ? ' again' : '';
  const why = cause === null || quiet ? '' : `: ${because(cause, detail)}`;
  const what = to === 'suspect' && cause !== null && verdictOf(cause) === 'healthy' ? NOT_YET_HEALTHY : PHASE_WORDS[to];
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
    msg: sentences(`${name} ${what}${again}${why}`, quiet ? null : remedy),
  };
}

function outageLine(
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
      const msg = `${name} is stable: its ${attempts} restart attempts no longer count`;
      return { level: 'info', fields: { ...about, attempts }, msg };
    }
  }
}

function requestLine(event: EventOf<'paused'> | EventOf<'unpaused'> | EventOf<'reset'>): EventLine {
  const { type, name, account, by } = event;
  const about = { event: type, name, account, ...given({ by }) };
  switch (type) {
    case 'paused': {
      const { reason } = event;
      const msg = `${name} is paused${until(event.until)} by ${event.by}: ${reason}. It is still probed, and not restarted automatically.`;
      return { level: 'info', fields: { ...about, reason, ...given({ until: isoTimeOrNull(event.until) }) }, msg };
    }
    case 'unpaused': {
      const why = by === null ? 'its pause expired' : `resumed by ${by}`;
      return { level: 'info', fields: about, msg: `${name} is no longer paused: ${why}` };
    }
    case 'reset': {
      const { attempts } = event;
      const msg = `${name} was reset by ${event.by}: attempts, cooldown and budget start from zero`;
      return { level: 'info', fields: { ...about, attempts }, msg };
    }
  }
}

function troubleLine(event: About<InstanceTrouble>): EventLine {
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
        restartGivenUp ? 'Its restart was not made, because a restart must be saved before it is made.' : null,
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
