import type { DurationMs } from '../../core/time.ts';
import type { Cause } from '../../core/verdict.ts';
import type { GatewayHealth } from '../../gateway/gateway.ts';
import { form, NotUnderstood } from './form.ts';
import { cause, chance, duration, durationOrNull, EVERYBODY, origin, subject, whole, type Subject } from './words.ts';

/** What a restart does to an instance from now on. */
export type RestartChange =
  | {
      readonly type: 'heals';
      /** From the call until the instance is connected again. */
      readonly after: DurationMs;
      /** 0 to 1; otherwise it is as before. */
      readonly chance: number;
      /** What the gateway says about it meanwhile. */
      readonly by: Cause;
      /** Then it is as before; null: it stays connected. */
      readonly lasts: DurationMs | null;
    }
  /** It takes the instance's session away. */
  | { readonly type: 'harms'; readonly after: DurationMs; readonly as: Cause }
  /** The gateway says that it was made, and does nothing. */
  | { readonly type: 'lies' }
  /** The gateway refuses this many calls, for at most this long; null: all, always. */
  | {
      readonly type: 'refused';
      readonly times: number | null;
      readonly lasts: DurationMs | null;
      readonly status: number;
    }
  /** The call is answered late. */
  | { readonly type: 'takes'; readonly takes: DurationMs };

/** What people and other programs request of the watchdog. */
export type Request =
  | { readonly type: 'pause'; readonly lasts: DurationMs | null }
  | { readonly type: 'resume' | 'reset' | 'restart' | 'forced_restart' }
  /** Of the accounts of these instances. */
  | { readonly type: 'release' }
  | { readonly type: 'alert'; readonly name: string };

/** What can happen in a scenario. */
export type Occurrence =
  | {
      readonly type: 'become';
      readonly who: Subject;
      readonly cause: Cause;
      /** Then it is connected again, restarted or not; null: it stays so until something changes it. */
      readonly lasts: DurationMs | null;
    }
  | { readonly type: 'flap'; readonly who: Subject; readonly period: DurationMs; readonly until: DurationMs }
  /** A gateway answers every probe and restart like this; without an origin, all gateways do. */
  | { readonly type: 'gateway'; readonly origin: string | null; readonly cause: Cause; readonly lasts: DurationMs }
  | {
      readonly type: 'health';
      readonly origin: string | null;
      readonly health: GatewayHealth;
      readonly lasts: DurationMs | null;
    }
  | { readonly type: 'network'; readonly lasts: DurationMs }
  | { readonly type: 'restart'; readonly who: Subject; readonly change: RestartChange }
  | { readonly type: 'mend'; readonly who: Subject }
  | { readonly type: 'request'; readonly who: Subject; readonly request: Request };

const HEALTH: Readonly<Record<string, GatewayHealth>> = { up: 'up', down: 'down', missing: 'unknown' };

/** What restarts do: from a time on, or always. */
export const RESTARTS = [
  restart('heals after DURATION [with chance CHANCE] [by way of CAUSE] [for DURATION]', (after, odds, by, lasts) => ({
    ...{ type: 'heals', after: duration(after), chance: chance(odds) },
    ...{ by: by === '' ? 'connecting' : cause(by), lasts: durationOrNull(lasts) },
  })),
  restart('harms [after DURATION] [as CAUSE]', (after, as) => ({
    ...{ type: 'harms', after: durationOrNull(after) ?? 0, as: as === '' ? 'pairing_required' : cause(as) },
  })),
  restart('lies', () => ({ type: 'lies' })),
  restart('is refused [for DURATION] [with STATUS]', (lasts, status) => refused(null, status, durationOrNull(lasts))),
  restart('is refused once [with STATUS]', (status) => refused(1, status)),
  restart('is refused NUMBER times [with STATUS]', (times, status) => refused(whole(times), status)),
  restart('takes DURATION', (takes) => ({ type: 'takes', takes: duration(takes) })),
];

/** What happens at a time. The first form that fits counts, so the most general one is the last. */
export const OCCURRENCES = [
  ...RESTARTS,
  form<Occurrence>('network down for DURATION', (lasts) => ({ type: 'network', lasts: duration(lasts) })),
  form<Occurrence>('gateway [ORIGIN] health up|down|missing [for DURATION]', (at, health, lasts) => ({
    ...{ type: 'health', origin: originOrNull(at), health: HEALTH[health] ?? 'unknown', lasts: durationOrNull(lasts) },
  })),
  form<Occurrence>('gateway [ORIGIN] CAUSE for DURATION', (at, word, lasts) => ({
    ...{ type: 'gateway', origin: originOrNull(at), lasts: duration(lasts) },
    cause: word === 'down' ? 'refused' : cause(word),
  })),
  form<Occurrence>('somebody mends WHO', (who) => ({ type: 'mend', who: subject(who) })),
  request('somebody pauses WHO [for DURATION]', (lasts) => ({ type: 'pause', lasts: durationOrNull(lasts) })),
  request('somebody resumes WHO', () => ({ type: 'resume' })),
  request('somebody resets WHO', () => ({ type: 'reset' })),
  request('somebody releases WHO', () => ({ type: 'release' })),
  request('somebody asks for a restart of WHO', () => ({ type: 'restart' })),
  request('somebody forces a restart of WHO', () => ({ type: 'forced_restart' })),
  form<Occurrence>('an alert NAME asks for a restart of WHO', (name, who) => ({
    ...{ type: 'request', who: subject(who), request: { type: 'alert', name } },
  })),
  form<Occurrence>('WHO flaps every DURATION until DURATION', (who, period, until) => ({
    ...{ type: 'flap', who: subject(who), period: duration(period), until: duration(until) },
  })),
  form<Occurrence>('WHO CAUSE [for DURATION]', become),
];

function restart(text: string, change: (...parts: string[]) => RestartChange) {
  return form<Occurrence>(`restart [of WHO] ${text}`, (who = '', ...parts) => ({
    ...{ type: 'restart', who: subject(who), change: change(...parts) },
  }));
}

function request(text: string, read: (...parts: string[]) => Request) {
  return form<Occurrence>(text, (who = '', ...parts) => ({
    ...{ type: 'request', who: subject(who), request: read(...parts) },
  }));
}

/** 409 says no this time; others that there is no such route, or no right to use it. */
function refused(times: number | null, status: string, lasts: DurationMs | null = null): RestartChange {
  const answer = status === '' ? 409 : whole(status);
  if (answer >= 400 && answer <= 499) return { type: 'refused', times, lasts, status: answer };
  throw new NotUnderstood(`${status} refuses nothing. Write a status from 400 to 499, such as 401, 404 or 409.`);
}

function become(who: string, word: string, lasts: string): Occurrence {
  if (who.startsWith('gateway ')) {
    throw new NotUnderstood(
      `This is not understood. The gateway itself needs an end: \`${who} ${word} for DURATION\`; its instances are \`all of ${who}\`.`,
    );
  }
  return { type: 'become', who: subject(who), cause: cause(word), lasts: durationOrNull(lasts) };
}

function originOrNull(text: string): string | null {
  return text === '' ? null : origin(text);
}

/** Who it happens to; null: not to instances. */
export function affected(event: Occurrence): Subject | null {
  if ('who' in event) return event.who;
  if (event.type === 'network') return null;
  return event.origin === null ? EVERYBODY : { type: 'all', of: { type: 'gateway', origin: event.origin } };
}

/** When an event that begins at `at` is over. */
export function endOf(event: Occurrence, at: DurationMs): DurationMs {
  if (event.type === 'flap') return event.until;
  return at + ('lasts' in event ? (event.lasts ?? 0) : 0);
}
