import type { AboutAccount, ListTrouble, SilenceEnd, SkipReason } from '../../core/event.ts';
import type { Hold, Outcome, Phase, Trigger } from '../../core/instance/instance.ts';
import { formatProblems, type Problem } from '../../core/problem.ts';
import { isoTime } from '../../core/schedule/iso-time.ts';
import { HOUR, MINUTE, SECOND, type EpochMs } from '../../core/time.ts';
import type { EventLine, RemedyOf } from './log-line.ts';

/** What follows the name of an instance that enters a phase. */
export const PHASE_WORDS: Readonly<Record<Phase, string>> = {
  unknown: 'is waiting for a verdict',
  healthy: 'is healthy',
  suspect: 'is failing, not yet often enough to count as down',
  down: 'is down',
  restarting: 'is being restarted',
  recovering: 'has time to recover after its restart',
  exhausted: 'is down with its restart budget spent, and is restarted again when the budget frees',
  needs_human: 'needs a human',
};

export const HOLD_WORDS: Readonly<Record<Hold, string>> = {
  cooldown: 'the cooldown after its last restart runs',
  budget: 'its restart budget is spent',
  concurrency: 'its account allows no more restarts at the moment',
  storm: 'too many instances of its account are failing',
  gateway_outage: 'the gateway itself is down',
  own_network: 'our own network is down',
  maintenance: 'a maintenance window is open',
  paused: 'an operator paused it',
  harmful: 'restarts harmed instances of its account, and a person must release it first',
  silent: 'other instances of its account show no sign of life either',
  dry_run: 'dryRun is on',
  startup: 'the watchdog has just started',
};

export const SKIP_WORDS: Readonly<Record<SkipReason, string>> = {
  needs_human: 'a restart cannot cure it',
  in_flight: 'another restart was made just now',
  pairing: 'it was paired just now, and a restart may cost the pairing',
  disabled: 'its restarts are disabled',
  expired: 'it was held until its time had passed',
  superseded: 'another restart replaces it',
  missed: 'the clock was set past its time, or this process or machine was suspended then',
  repeated: 'it was made already, and the clock has been set back since',
};

export const TRIGGER_WORDS: Readonly<Record<Trigger, string>> = {
  failure: 'it is down',
  schedule: 'it is scheduled',
  api: 'requested through the API',
  alert: 'requested by an alert',
  cli: 'requested on the command line',
  silence: 'it is connected, but shows no sign of life',
};

export const SILENCE_ENDS: Readonly<Record<SilenceEnd, string>> = {
  activity: 'it shows life again',
  reset: 'it was reset',
  not_expected: 'the config no longer expects signs of life of it',
};

/** `timeout (no answer within 10 s)`; either part may be missing. */
export function because(cause: string | null, detail: string | null, before = ''): string {
  if (cause === null) return detail === null ? '' : before + detail;
  return before + (detail === null ? cause : `${cause} (${detail})`);
}

/** Joins the parts into sentences; the first one has no full stop when it stands alone. */
export function sentences(first: string, ...further: readonly (string | null)[]): string {
  const rest = further.filter((sentence) => sentence !== null);
  return rest.length === 0 ? first : `${first}. ${rest.join(' ')}`;
}

/** A line that also says what a person can do, if there is something. */
export function withRemedy({ level, fields, msg }: EventLine, remedy: string | null): EventLine {
  return { level, fields: { ...fields, remedy }, msg: sentences(msg, remedy) };
}

export function until(at: EpochMs | null): string {
  return at === null ? '' : ` until ${isoTime(at)}`;
}

/** A length of time for people: `12 ms`, `1.5 s`, `12 min`, `3.2 h`. */
export function amount(seconds: number): string {
  const ms = seconds * SECOND;
  if (ms < SECOND) return `${Math.round(ms)} ms`;
  if (ms < 2 * MINUTE) return `${rounded(seconds)} s`;
  if (ms < 2 * HOUR) return `${Math.round(ms / MINUTE)} min`;
  return `${rounded(ms / HOUR)} h`;
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}

/** Why a list is not followed. */
export function listTrouble(trouble: ListTrouble): string {
  switch (trouble.why) {
    case 'failed':
      return because(trouble.cause, trouble.detail);
    case 'empty':
      return 'it names no instance that is to be watched';
    case 'shrunk':
      return `it names ${trouble.listed} of the ${trouble.watched} instances that were found before`;
  }
}

export function listRemedy(trouble: ListTrouble, remedyOf: RemedyOf): string | null {
  if (trouble.why === 'failed') return remedyOf(trouble.cause, trouble.detail);
  const meant = trouble.why === 'shrunk' ? ' If that is right, reload with POST /-/reload?force=true.' : '';
  return `Check that the gateway has its instances, and what "match" and "ignore" of the account choose.${meant}`;
}

/** More problems than this are only counted. */
export const MOST_PROBLEMS = 20;

/** A takeover may be of hundreds. */
const MOST_ACCOUNTS = 5;

export function accountsOf(accounts: readonly string[]): string {
  const shown = accounts.slice(0, MOST_ACCOUNTS).join(', ');
  const more = accounts.length - MOST_ACCOUNTS;
  return `${accounts.length === 1 ? 'account' : 'accounts'} ${shown}${more > 0 ? ` and ${more} more` : ''}`;
}

/** All accounts of a gateway may be affected together. */
export function placeOf({ account, gateway }: AboutAccount): string {
  return gateway?.origin ?? account;
}

export function whereOf({ account, gateway }: AboutAccount): EventLine['fields'] {
  return gateway === undefined ? { account } : { account: null, gateway: gateway.origin };
}

export const OUTCOME_WORDS: Readonly<Record<Outcome, (name: string) => string>> = {
  accepted: (name) => `the gateway accepted the restart of ${name}`,
  rejected: (name) => `the restart of ${name} was refused`,
  unreachable: (name) => `the restart of ${name} did not reach the gateway`,
  unknown: (name) => `it is not known whether the restart of ${name} was made`,
};

export const OUTCOME_CONSEQUENCES: Readonly<Record<Outcome, string>> = {
  accepted: 'Probes will show whether it helped.',
  rejected: 'It was not restarted.',
  unreachable: 'It was not restarted.',
  unknown: 'It may have happened, so it is not repeated. Probes will show.',
};

/** `HTTP 500` where the detail does not say it. */
export function statusBeside(httpStatus: number | null, detail: string | null): string | null {
  const status = `HTTP ${httpStatus ?? ''}`;
  return httpStatus === null || detail?.includes(status) === true ? null : status;
}

export function problemLines(problems: readonly Problem[]): string {
  const more = problems.length - MOST_PROBLEMS;
  return formatProblems(problems.slice(0, MOST_PROBLEMS)) + (more > 0 ? `\nand ${more} more` : '');
}
