import { Buffer } from 'node:buffer';
import type { CustomAnswer, ProbeAnswer, RestartAnswer, STATE_ANSWERS, Trouble } from './behaviour.ts';

/** An HTTP answer, ready to be written. */
export interface WireAnswer {
  readonly httpStatus: number;
  /** Names and values in turn, which `writeHead` handles fastest. */
  readonly headers: string[];
  readonly body: Buffer;
}

/** An answer that is written at once. */
export interface Whole {
  readonly manner: 'whole';
  readonly answer: WireAnswer;
}

/** How an answer reaches the caller, if at all. */
export type Delivery =
  | Whole
  | { readonly manner: 'drip'; readonly answer: WireAnswer }
  | { readonly manner: 'never' }
  | { readonly manner: 'reset' };

/** The request line of a restart, which an answer about a missing route repeats. */
export interface RequestLine {
  readonly method: string;
  readonly path: string;
}

const JSON_TYPE = 'application/json; charset=utf-8';
const HTML_TYPE = 'text/html; charset=utf-8';
const HUGE_BYTES = 10 * 2 ** 20;

/** State words of the gateways of the Baileys family; null: the answer names no state. */
const STATE_WORDS: Readonly<Record<(typeof STATE_ANSWERS)[number], string | null>> = {
  connected: 'open',
  disconnected: 'close',
  connecting: 'connecting',
  qr: 'qr',
  banned: 'banned',
  unknown_state: 'hibernating',
  stateless: null,
};

function whole(httpStatus: number, contentType: string, content: string | Buffer, ...further: string[]): Whole {
  const body = typeof content === 'string' ? Buffer.from(content) : content;
  const headers = ['Content-Type', contentType, 'Content-Length', String(body.length), ...further];
  return { manner: 'whole', answer: { httpStatus, headers, body } };
}

/** A JSON answer. `headers`: names and values in turn. */
export function jsonAnswer(httpStatus: number, value: unknown, ...headers: string[]): Whole {
  return whole(httpStatus, JSON_TYPE, JSON.stringify(value), ...headers);
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

/** The answer about a route that does not exist, in the words of Express. */
export function cannotAnswer({ method, path }: RequestLine): Whole {
  const [pathname = ''] = path.split('?', 1);
  const message = escapeHtml(`Cannot ${method} ${pathname}`);
  return whole(
    404,
    HTML_TYPE,
    '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>Error</title>\n</head>\n' +
      `<body>\n<pre>${message}</pre>\n</body>\n</html>\n`,
  );
}

export const UNAUTHORIZED = jsonAnswer(401, { status: 401, error: 'Unauthorized', message: 'Authentication failed' });
export const NOT_FOUND = jsonAnswer(404, { status: 404, error: 'instance not found' });
export const MALFORMED_PATH = jsonAnswer(400, { status: 400, error: 'Bad Request', message: 'Failed to decode path' });

/** `connected` at the far end, so that only a reader without a bound would find it. */
function hugeAnswer(): Whole {
  const body = Buffer.alloc(HUGE_BYTES, 'x');
  const end = '","state":"open"}';
  body.write('{"padding":"');
  body.write(end, HUGE_BYTES - end.length);
  return whole(200, JSON_TYPE, body);
}

/** All answers of one server. */
export interface AnswerBook {
  probe(answer: ProbeAnswer, phoneNumberId: string): Delivery;
  restart(answer: RestartAnswer, phoneNumberId: string, line: RequestLine): Delivery;
}

const WAIT = ['Retry-After', '1'];
let huge: Whole | null = null;
const FIXED: Readonly<Record<Trouble | 'denied' | 'method_not_allowed', Delivery>> = {
  denied: jsonAnswer(200, { error: true, message: 'Instance could not be restarted' }),
  method_not_allowed: jsonAnswer(405, { status: 405, error: 'Method Not Allowed' }, 'Allow', 'GET'),
  unauthorized: UNAUTHORIZED,
  not_found: NOT_FOUND,
  rate_limited: jsonAnswer(429, { status: 429, error: 'Too Many Requests' }, ...WAIT),
  server_error: jsonAnswer(500, { status: 500, error: 'Internal Server Error' }),
  unavailable: jsonAnswer(503, { status: 503, error: 'Service Unavailable' }, ...WAIT),
  html: whole(200, HTML_TYPE, '<!DOCTYPE html>\n<title>Just a moment</title>\n<h1>Please wait</h1>\n'),
  get huge() {
    return (huge ??= hugeAnswer());
  },
  drip: { ...jsonAnswer(200, { status: 200, instance: { state: 'open' } }), manner: 'drip' },
  hanging: { manner: 'never' },
  reset: { manner: 'reset' },
};

/** The answers of SmileAPI. */
export const ANSWERS: AnswerBook = {
  probe(answer, phoneNumberId) {
    if (typeof answer === 'object') return customDelivery(answer);
    return isState(answer) ? stateAnswer(answer, phoneNumberId) : FIXED[answer];
  },
  restart(answer, phoneNumberId, line) {
    if (typeof answer === 'object') return customDelivery(answer);
    if (answer === 'accepted') {
      const said = { status: 'success', message: 'Instance restarted successfully', instanceId: phoneNumberId };
      return jsonAnswer(200, said);
    }
    return answer === 'route_missing' ? cannotAnswer(line) : FIXED[answer];
  },
};

function isState(answer: Exclude<ProbeAnswer, CustomAnswer>): answer is keyof typeof STATE_WORDS {
  return Object.hasOwn(STATE_WORDS, answer);
}

function stateAnswer(answer: keyof typeof STATE_WORDS, phoneNumberId: string): Whole {
  const state = STATE_WORDS[answer];
  return jsonAnswer(200, state === null ? { status: 200 } : { status: 200, instance: { phoneNumberId, state } });
}

function customDelivery({ httpStatus, body, contentType }: CustomAnswer): Whole {
  return whole(httpStatus, contentType ?? JSON_TYPE, body);
}
