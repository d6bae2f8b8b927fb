import type { NeedsHumanCause } from '../../core/verdict.ts';

// What every gateway's answers are read for, beside what its profile says: many of them are written alike.

/** Something in an answer that denies what a success status claims. */
export type Denial =
  /** One of these values, or of these words in any case. */
  | { readonly path: string; readonly isOneOf: readonly (boolean | number | string)[] }
  /** A number, or a text that begins with three digits, that reads like an HTTP status of at least 400. */
  | { readonly path: string; readonly isErrorStatus: true }
  /** A text in which one of the troubles is named. */
  | { readonly path: string; readonly namesTrouble: true }
  /** A text, a list or an object that is not empty, and does not say that there is nothing. */
  | { readonly path: string; readonly saysSomething: true };

/** Where a body names an HTTP status of its own. */
const STATUS_PATHS = [
  ...['status', 'statusCode', 'code', 'status_code', 'httpStatus', 'httpCode', 'error.statusCode', 'error.status'],
  ...['error.code', 'errors.0.status', 'errors.0.code', 'response.status', 'response.statusCode', 'response.code'],
  ...['data.statusCode', 'meta.code', 'meta.status'],
];

/** How a restart is said to have failed. */
const FAILED = [false, 'false', 'error', 'erro', 'fail', 'failed', 'failure'];

/** Where a body says what went wrong. */
const ERROR_PATHS = ['error', 'errors', 'erro', 'error.message'];

/** What shows that a call failed, whatever the status says. */
export const DENIALS: readonly Denial[] = [
  ...['error', 'erro'].map((path) => ({ path, isOneOf: [true, 'true', 1] })),
  ...['success', 'sucesso', 'ok'].map((path) => ({ path, isOneOf: [false, 'false', 'no', 0] })),
  { path: 'status', isOneOf: [false, 'error', 'erro', 'fail', 'failure'] },
  ...STATUS_PATHS.map((path) => ({ path, isErrorStatus: true }) as const),
  ...ERROR_PATHS.map((path) => ({ path, namesTrouble: true }) as const),
];

/** What shows, beyond that, that a restart was not accepted. */
export const RESTART_DENIALS: readonly Denial[] = [
  ...['status', 'result', 'data.status', 'response.status'].map((path) => ({ path, isOneOf: FAILED })),
  { path: 'data.error', isOneOf: [true, 'true', 1] },
  ...['value', 'response', 'isReboot', 'restarted'].map((path) => ({ path, isOneOf: [false, 'false', 0] })),
  ...['data', 'result', 'response'].map((path) => ({ path: `${path}.success`, isOneOf: [false, 'false', 0] })),
  ...[...ERROR_PATHS, 'exception', 'data.error', 'result.error', 'response.error'].map(
    (path) => ({ path, saysSomething: true }) as const,
  ),
];

/** Where gateways explain themselves in words; a text, or a list of texts or of objects with a text. */
export const TEXT_PATHS: readonly string[] = [
  ...['message', 'response.message', 'error', 'error.message', 'error.description', 'data.message', 'data.error'],
  ...['data.error.message', 'errors', 'errors.message', 'detail', 'details', 'description', 'error_description'],
  ...['reason', 'title', 'msg', 'mensagem', 'mensaje', 'erro', 'result.message', 'response.error'],
];

/** Where gateways name a trouble by a word for programs, such as `INVALID_TOKEN`. */
export const CODE_PATHS: readonly string[] = [
  ...['code', 'errorCode', 'error_code', 'error.code', 'error.type', 'error.name', 'status', 'statusCode'],
];

/** HTTP statuses of a restart that no repetition will ever change. */
export const RESTART_REFUSALS: ReadonlyMap<number, NeedsHumanCause> = new Map([
  [401, 'unauthorized'],
  [403, 'unauthorized'],
  [404, 'restart_unsupported'],
  [405, 'restart_unsupported'],
]);

/** Where the body of a webhook names its event, of gateways whose profile does not say how that is read. */
export const EVENT_PATHS: readonly (readonly string[])[] = [
  ...['event', 'type', 'dataType', 'typeWebhook', 'event_type', 'EventType', 'eventType'].map((key) => [key]),
];

/** What gateways call the event of a message, in all the ways that one name is written. */
export const MESSAGE_EVENTS: readonly string[] = [
  ...['message', 'messages', 'message.any', 'message_create', 'messages.upsert', 'message.received', 'onmessage'],
  ...['ReceivedCallback', 'incomingMessageReceived', 'incoming_message', 'new_message'],
];
