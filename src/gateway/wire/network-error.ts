import type { Cause } from '../../core/verdict.ts';

/** Why an HTTP call was not answered. */
export interface NetworkTrouble {
  readonly cause: Cause;
  /** Our own words and the error's code; never its message, which may quote what was sent or received. */
  readonly detail: string;
}

type Meaning = readonly [cause: Cause, text: string];

const DNS: Meaning = ['dns', 'the host name could not be resolved'];
const REFUSED: Meaning = ['refused', 'connection refused'];
const UNREACHABLE: Meaning = ['refused', 'no route to the gateway'];
const RESET: Meaning = ['reset', 'the connection broke off'];
const TIMEOUT: Meaning = ['timeout', 'no connection in time'];
const TLS: Meaning = ['tls', 'no trusted TLS connection'];
/** The machine ran out of a resource, which is no fault of an instance. */
const EXHAUSTED: Meaning = ['own_network', 'this machine cannot open connections'];
/** Something answered, but not in HTTP: often a wrong port, or a proxy. No restart of an instance cures that. */
const NOT_HTTP: Meaning = ['unreadable', 'the answer is not valid HTTP'];
const CLOSED: Meaning = ['aborted', 'the watchdog is closing'];

const BY_CODE: ReadonlyMap<string, Meaning> = new Map([
  ['ENOTFOUND', DNS],
  ['ENODATA', DNS],
  ['ESERVFAIL', DNS],
  ['ECONNREFUSED', REFUSED],
  ['EHOSTUNREACH', UNREACHABLE],
  ['EHOSTDOWN', UNREACHABLE],
  ['ENETUNREACH', UNREACHABLE],
  ['ECONNRESET', RESET],
  ['ECONNABORTED', RESET],
  ['ENETRESET', RESET],
  ['EPIPE', RESET],
  ['UND_ERR_SOCKET', RESET],
  // The connection ended before the whole answer arrived.
  ['UND_ERR_RES_CONTENT_LENGTH_MISMATCH', RESET],
  ['HPE_INVALID_EOF_STATE', RESET],
  ['HPE_INVALID', NOT_HTTP],
  ['ETIMEDOUT', TIMEOUT],
  ['UND_ERR_CONNECT_TIMEOUT', TIMEOUT],
  ['EPROTO', TLS],
  ['HOSTNAME_MISMATCH', TLS],
  ['INVALID_CA', TLS],
  ['INVALID_PURPOSE', TLS],
  ['PATH_LENGTH_EXCEEDED', TLS],
  ['EMFILE', EXHAUSTED],
  ['ENFILE', EXHAUSTED],
  ['ENOBUFS', EXHAUSTED],
  ['ENOMEM', EXHAUSTED],
  ['EADDRNOTAVAIL', EXHAUSTED],
  ['ENETDOWN', EXHAUSTED],
  ['EACCES', EXHAUSTED],
  ['EPERM', EXHAUSTED],
  ['UND_ERR_HEADERS_OVERFLOW', NOT_HTTP],
  // Undici's parser received something that it takes for impossible.
  ['ERR_ASSERTION', NOT_HTTP],
  ['UND_ERR_DESTROYED', CLOSED],
  ['UND_ERR_CLOSED', CLOSED],
]);

/** Families of codes; OpenSSL's alone are dozens. */
const BY_PREFIX: readonly (readonly [string, Meaning])[] = [
  ['EAI_', DNS],
  ['ERR_TLS_', TLS],
  ['ERR_SSL_', TLS],
  ['ERR_OSSL_', TLS],
  ['CERT_', TLS],
  ['CRL_', TLS],
  ['UNABLE_TO_', TLS],
  ['SELF_SIGNED_', TLS],
  ['DEPTH_ZERO_', TLS],
];

/**
 * What an error of a socket, of TLS or of the HTTP client means. An unforeseen error is `unknown_state`, which
 * does not count as failing.
 */
export function explainNetworkError(error: unknown): NetworkTrouble {
  const codes = codesOf(error);
  for (const code of codes) {
    const meaning = BY_CODE.get(code) ?? BY_PREFIX.find(([prefix]) => code.startsWith(prefix))?.[1];
    if (meaning !== undefined) return { cause: meaning[0], detail: `${meaning[1]} (${code})` };
  }
  return { cause: 'unknown_state', detail: `unforeseen error (${codes[0] ?? 'without a code'})` };
}

/** Connecting to a name with several addresses fails with one error for each of them. */
function codesOf(error: unknown): string[] {
  if (typeof error !== 'object' || error === null) return [];
  if ('name' in error && error.name === 'HTTPParserError') return [parserCode(error)];
  const own = 'code' in error && typeof error.code === 'string' ? [error.code] : [];
  return error instanceof AggregateError ? [...own, ...error.errors.flatMap(codesOf)] : own;
}

/** Undici 7 omits the parser's code, but has the data that could not be parsed: none, if the end came too soon. */
function parserCode(error: object): string {
  return 'data' in error && error.data === '' ? 'HPE_INVALID_EOF_STATE' : 'HPE_INVALID';
}
