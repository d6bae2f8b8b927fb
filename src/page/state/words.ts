import type { Hold, Outcome, Phase, Trigger } from '../../core/instance/instance.ts';
import type { Cause, Verdict } from '../../core/verdict.ts';

/** A phase as the page shows it: a disabled instance has none, whatever it was before. */
export type ShownPhase = Phase | 'disabled';

/** The order in which instances need attention. */
export const SHOWN_PHASES: readonly ShownPhase[] = [
  'exhausted',
  'needs_human',
  'down',
  'restarting',
  'recovering',
  'suspect',
  'unknown',
  'healthy',
  'disabled',
];

export const PHASE_WORDS: Readonly<Record<ShownPhase, { readonly label: string; readonly means: string }>> = {
  exhausted: { label: 'Exhausted', means: 'Its restarts did not help and their budget is spent.' },
  needs_human: { label: 'Needs human', means: 'No restart can cure this; a human must act.' },
  down: { label: 'Down', means: 'It keeps failing its probes; a restart is due.' },
  restarting: { label: 'Restarting', means: 'A restart call is under way.' },
  recovering: { label: 'Recovering', means: 'It was restarted and has time to come back.' },
  suspect: { label: 'Suspect', means: 'A probe failed; a few more must fail before it counts as down.' },
  unknown: { label: 'Unknown', means: 'Nothing is known of it: no probe had a certain result yet, or lately.' },
  healthy: { label: 'Healthy', means: 'Its last probe was good.' },
  disabled: { label: 'Disabled', means: 'The configuration disables it; it is not probed.' },
};

export const CAUSE_WORDS: Readonly<Record<Cause, string>> = {
  connected: 'connected',
  responding: 'the gateway responds',
  silent: 'connected, but silent',
  connecting: 'still connecting',
  disconnected: 'disconnected from WhatsApp',
  stuck_connecting: 'stuck in connecting',
  timeout: 'no answer in time',
  refused: 'connection refused',
  reset: 'connection cut',
  dns: 'host name not found',
  tls: 'certificate not trusted',
  server_error: 'the gateway reports an error',
  conflict: 'open elsewhere',
  stopped: 'stopped at the gateway',
  unauthorized: 'token not accepted',
  not_found: 'unknown to the gateway',
  pairing_required: 'QR code must be scanned',
  banned: 'blocked by WhatsApp',
  restart_unsupported: 'restart route refused',
  rate_limited: 'too many requests',
  unknown_state: 'unknown connection state',
  unreadable: 'answer not understood',
  not_the_gateway: 'not the gateway answered',
  own_network: 'no network on this machine',
  stalled: 'this machine stood still',
  aborted: 'probe given up',
};

export const VERDICT_WORDS: Readonly<Record<Verdict, string>> = {
  healthy: 'healthy',
  unhealthy: 'unhealthy',
  transitional: 'connecting',
  needs_human: 'needing a human',
  inconclusive: 'inconclusive',
};

export const HOLD_WORDS: Readonly<Record<Hold, string>> = {
  cooldown: 'cooldown',
  budget: 'restart budget spent',
  concurrency: 'other restarts of the account first',
  storm: 'storm: too many are sick at once',
  gateway_outage: 'outage of the whole gateway',
  own_network: 'own network is down',
  maintenance: 'maintenance window',
  paused: 'paused by an operator',
  harmful: 'restarts harmed: release the account first',
  silent: 'others of the account are silent as well',
  dry_run: 'dry run',
  startup: 'the watchdog has just started',
};

export const TRIGGER_WORDS: Readonly<Record<Trigger, string>> = {
  failure: 'failing probes',
  schedule: 'planned',
  api: 'requested by API',
  alert: 'alert',
  cli: 'command line',
  silence: 'no sign of life',
};

export const OUTCOME_WORDS: Readonly<Record<Outcome, string>> = {
  accepted: 'accepted',
  rejected: 'rejected',
  unreachable: 'not delivered',
  unknown: 'no answer came',
};

const UNITS = [
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
  ['s', 1],
] as const;

/** A length of time for people, of at most two units, rounded down: `45 s`, `3 min 5 s`, `2 d 4 h`. Below zero: `0 s`. */
export function spell(seconds: number): string {
  let rest = Math.max(0, Math.floor(seconds));
  const first = UNITS.findIndex(([, length]) => rest >= length);
  if (first === -1) return '0 s';
  const parts = UNITS.slice(first, first + 2).map(([unit, length]) => {
    const count = Math.floor(rest / length);
    rest -= count * length;
    return count === 0 ? '' : `${count} ${unit}`;
  });
  return parts.filter((part) => part !== '').join(' ');
}

/** Seconds of a probe: `12 ms`, `1.24 s`. */
export function spellLatency(seconds: number): string {
  return seconds < 1 ? `${Math.round(seconds * 1_000)} ms` : `${seconds.toFixed(2)} s`;
}

/** How long ago, and how long until, an ISO time is, seen at `now` (epoch in ms). */
export function ago(iso: string, now: number): string {
  return `${spell((now - Date.parse(iso)) / 1_000)} ago`;
}

/** `due now` once the time has come. */
export function until(iso: string, now: number): string {
  const seconds = (Date.parse(iso) - now) / 1_000;
  return seconds <= 0 ? 'due now' : `in ${spell(Math.ceil(seconds))}`;
}

/** `1 instance`, `2 instances`. */
export function count(many: number, one: string): string {
  return `${many.toLocaleString('en')} ${one}${many === 1 ? '' : 's'}`;
}

const LOCAL_TIME = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });

/** An ISO time as the browser's user writes it, where the user is. */
export function localTime(iso: string): string {
  return LOCAL_TIME.format(Date.parse(iso));
}
