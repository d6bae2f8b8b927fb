import type { NeedsHumanCause, Cause } from '../../../core/verdict.ts';
import { valueAt } from '../places.ts';

/**
 * The numbers with which WhatsApp ends a session for good (`DisconnectReason` of Baileys, src/Types/index.ts): logged out,
 * forbidden, and replaced by another connection.
 */
const REASONS: ReadonlyMap<unknown, NeedsHumanCause | 'conflict'> = new Map([
  [401, 'pairing_required'],
  [403, 'banned'],
  [440, 'conflict'],
]);

const PARENTS = [[], ['instance'], ['data'], ['data', 'instance']] as const;
const REASON_PLACES = [
  ['statusReason'],
  ['disconnectionReasonCode'],
  ['disconnectReason'],
  ['lastDisconnect', 'error', 'output', 'statusCode'],
].flatMap((place) => PARENTS.map((parent) => [...parent, ...place]));
const LOGIN_PLACES = ['loggedIn', 'LoggedIn'].flatMap((key) => PARENTS.map((parent) => [...parent, key]));

/** Why the session of a number that is not connected ended, where the answer has the reason as a number; null: it has none. */
export function sessionEnd(json: unknown): Cause | null {
  for (const place of REASON_PLACES) {
    const cause = REASONS.get(valueAt(json, place));
    if (cause !== undefined) return cause;
  }
  return null;
}

/** Whether the answer says that no phone is linked. whatsmeow's gateways are `connected` also while a QR code waits. */
export function isLoggedOut(json: unknown): boolean {
  return LOGIN_PLACES.some((place) => valueAt(json, place) === false);
}
