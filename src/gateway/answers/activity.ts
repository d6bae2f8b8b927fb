import { SECOND, type EpochMs } from '../../core/time.ts';
import type { Profile } from '../profiles/profile.ts';
import { EVENT_PATHS, MESSAGE_EVENTS } from '../profiles/signs.ts';
import { parseBody, valueAt, type Answer } from './answer.ts';
import { compileConditions, keysOf } from './conditions.ts';

/** What a gateway says of what flows through an instance. */
export interface ActivityReader {
  /** When the answer to a probe says that something last did, on the wall; null: it does not say. */
  readonly lastIn: (answer: Answer) => EpochMs | null;
  /**
   * Whether a webhook reports a message.
   *
   * @param body parsed, of unknown type; undefined: there is none that can be read
   * @param event the name of the event in the URL; null: there is none
   */
  readonly isMessage: (body: unknown, event: string | null) => boolean;
}

/** Before this, a number counts seconds since 1970, and from then on milliseconds: the year 5138, and 1973. */
const FIRST_MILLISECONDS = 1e11;
const ISO_DATE = /^\d{4}-\d\d-\d\dT\d\d:\d\d/;

/** Prepares what the profile says about activity once. */
export function compileActivity({ activityAt, webhook }: Pick<Profile, 'activityAt' | 'webhook'>): ActivityReader {
  const keys = activityAt === null ? null : keysOf(activityAt);
  const message = webhook?.message ?? null;
  const check = message === null ? null : compileConditions(message);
  const named = message === null ? MESSAGE_EVENTS : Object.values(message).flat();
  const names = new Set(named.filter((name) => typeof name === 'string').map(plainName));
  const isNamed = (name: unknown): boolean => typeof name === 'string' && names.has(plainName(name));
  const isMessageBody =
    check ?? ((_: number, body: unknown) => EVENT_PATHS.some((path) => isNamed(valueAt(body, path))));
  return {
    lastIn(answer) {
      if (keys === null) return null;
      const body = parseBody(answer);
      return body.json ? timeIn(valueAt(body.value, keys)) : null;
    },
    isMessage: (body, event) => isNamed(event) || (body !== undefined && isMessageBody(0, body)),
  };
}

/** `messages.upsert`, `messages-upsert` and `MESSAGES_UPSERT` are one name. */
function plainName(name: string): string {
  return name.length > 64 ? '' : name.toLowerCase().replace(/[^a-z]/g, '');
}

function timeIn(value: unknown): EpochMs | null {
  const isTime = typeof value === 'string' && ISO_DATE.test(value);
  const number = isTime ? Date.parse(value) : typeof value === 'string' && value !== '' ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isFinite(number) || number <= 0) return null;
  return isTime || number >= FIRST_MILLISECONDS ? number : number * SECOND;
}
