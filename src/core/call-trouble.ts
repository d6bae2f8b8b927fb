/**
 * Our own words for why a call was not answered; the detail of a probe begins with them, and goes on with a code or a length
 * of time. What needs a remedy of its own is in `trouble.ts`.
 */
export const CALL_TROUBLES = {
  noAnswer: 'no answer',
  notComplete: 'the answer was not complete',
  unresolved: 'the host name could not be resolved',
  refused: 'connection refused',
  noRoute: 'no route to the gateway',
  brokeOff: 'the connection broke off',
  noConnectionInTime: 'no connection in time',
  noConnection: 'no connection',
  givenUp: 'the call was given up',
  notTrusted: 'no trusted TLS connection',
  noResource: 'this machine cannot open connections',
  notHttp: 'the answer is not valid HTTP',
  closing: 'the watchdog is closing',
  unforeseen: 'unforeseen error',
} as const;

export type CallTrouble = keyof typeof CALL_TROUBLES;

const NAMES = Object.keys(CALL_TROUBLES) as readonly CallTrouble[];

/** The one that a detail begins with; null: none. */
export function callTroubleIn(detail: string): CallTrouble | null {
  return NAMES.find((name) => `${detail} `.startsWith(`${CALL_TROUBLES[name]} `)) ?? null;
}
