import type { AboutInstance, InstanceEvent } from '../../core/event.ts';
import type { Outcome } from '../../core/instance/instance.ts';
import { isoTimeOrNull } from '../../core/schedule/iso-time.ts';
import { because, HOLD_WORDS, sentences, SKIP_WORDS, TRIGGER_WORDS, until } from './event-words.ts';
import { given, type EventLine } from './log-line.ts';

type EventOf<Type extends InstanceEvent['type']> = AboutInstance & Extract<InstanceEvent, { type: Type }>;

/** The log line of a restart, from what holds it to the gateway's answer. */
export function restartLine(
  event: EventOf<'restart_held' | 'restart_skipped' | 'restart_started' | 'restart_finished'>,
): EventLine {
  switch (event.type) {
    case 'restart_held':
      return restartHeld(event);
    case 'restart_skipped':
      return restartSkipped(event);
    case 'restart_started':
      return restartStarted(event);
    case 'restart_finished':
      return restartFinished(event);
  }
}

function restartSkipped({ type, name, account, trigger, why }: EventOf<'restart_skipped'>): EventLine {
  const msg = `${name} will not be restarted (${trigger}): ${SKIP_WORDS[why]}`;
  return { level: 'info', fields: { event: type, name, account, trigger, why }, msg };
}

function restartHeld(event: EventOf<'restart_held'>): EventLine {
  const { type, name, account, trigger, hold } = event;
  return {
    level: 'info',
    fields: { event: type, name, account, trigger, hold, ...given({ until: isoTimeOrNull(event.until) }) },
    msg: `the restart of ${name} is held (${hold}): ${HOLD_WORDS[hold]}${until(event.until)}`,
  };
}

function restartStarted({ type, name, account, intent }: EventOf<'restart_started'>): EventLine {
  const { trigger, requestedBy, attempt } = intent;
  const by = requestedBy === null ? '' : ` (${requestedBy})`;
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
  accepted: 'Probes will show whether it helped.',
  rejected: 'The instance stays as it was.',
  unreachable: 'The instance stays as it was.',
  unknown: 'It may have happened, so it is not repeated. Probes will show.',
};
