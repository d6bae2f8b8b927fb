import { MINUTE, SECOND, type DurationMs } from '../time.ts';

/** The webhook of a message that was sent comes within seconds; after this it is missing. */
export const ECHO_WITHIN: DurationMs = MINUTE;

/** In an account one message is under way at a time, and no two are sent closer to each other than this. */
export const ECHO_EVERY: DurationMs = 5 * SECOND;

/** Without blanks, so that it is the same in JSON and in forms. */
const MARK = /watchdog-echo-([0-9a-f]{16})(?![0-9a-f])/;

/** How a message that was to come back ended. `not_sent`: the gateway did not accept it, which says nothing of silence. */
export const ECHO_OUTCOMES = ['returned', 'missing', 'not_sent'] as const;
export type EchoOutcome = (typeof ECHO_OUTCOMES)[number];

const NUMBER = /^\d{8,15}$/;

/**
 * The phone number that gets the message of an instance; null: it is not known.
 *
 * @param to as the policy has it
 * @param own what the gateway calls the instance itself
 * @param other what it calls the instance of the same account whose name `to` is; null: there is none
 */
export function echoNumber(to: string, own: string, other: string | null): string | null {
  const id = to === 'self' ? own : (other ?? to);
  return NUMBER.test(id) ? id : null;
}

/** What a message says by which an instance is to be heard: nothing but its mark, of 16 hexadecimal digits. */
export function echoText(mark: string): string {
  return `watchdog-echo-${mark}`;
}

/** The mark of a message in the body of a webhook; null: there is none. */
export function echoMarkIn(text: string): string | null {
  return MARK.exec(text)?.[1] ?? null;
}
