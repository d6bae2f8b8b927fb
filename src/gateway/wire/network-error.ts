import type { Cause } from '../../core/verdict.ts';

/** Why an HTTP call was not answered. */
export interface NetworkTrouble {
  readonly cause: Cause;
  /** Our own words and the error's code; never its message, which may quote what was sent or received. */
  readonly detail: string;
}

const NOT_TRUSTED = 'no trusted TLS connection';
const EXHAUSTED = 'this machine cannot open connections';

/** What codes mean, families of codes among them (OpenSSL's alone are dozens); the first that matches. */
const MEANINGS: readonly (readonly [codes: RegExp, cause: Cause, text: string])[] = [
  [/^(ENOTFOUND|ENODATA|ESERVFAIL|EAI_.*)$/, 'dns', 'the host name could not be resolved'],
  [/^ECONNREFUSED$/, 'refused', 'connection refused'],
  [/^(EHOSTUNREACH|EHOSTDOWN|ENETUNREACH)$/, 'refused', 'no route to the gateway'],
  [/^(ECONNRESET|ECONNABORTED|ENETRESET|EPIPE|UND_ERR_SOCKET)$/, 'reset', 'the connection broke off'],
  // The connection ended before the whole answer arrived.
  [/^(UND_ERR_RES_CONTENT_LENGTH_MISMATCH|HPE_INVALID_EOF_STATE)$/, 'reset', 'the connection broke off'],
  [/^(ETIMEDOUT|UND_ERR_CONNECT_TIMEOUT)$/, 'timeout', 'no connection in time'],
  [/^(EPROTO|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH_EXCEEDED)$/, 'tls', NOT_TRUSTED],
  [/^(ERR_TLS|ERR_SSL|ERR_OSSL|CERT|CRL|UNABLE_TO|SELF_SIGNED|DEPTH_ZERO)_/, 'tls', NOT_TRUSTED],
  // The machine ran out of a resource, which is no fault of an instance.
  [/^(EMFILE|ENFILE|ENOBUFS|ENOMEM|EADDRNOTAVAIL|ENETDOWN|EACCES|EPERM)$/, 'own_network', EXHAUSTED],
  // Something answered, but not in HTTP: often a wrong port, or a proxy. No restart of an instance cures that. With
  // ERR_ASSERTION undici's parser received something that it takes for impossible.
  [/^(HPE_INVALID|UND_ERR_HEADERS_OVERFLOW|ERR_ASSERTION)$/, 'unreadable', 'the answer is not valid HTTP'],
  [/^UND_ERR_(DESTROYED|CLOSED)$/, 'aborted', 'the watchdog is closing'],
];

/**
 * What an error of a socket, of TLS or of the HTTP client means. An unforeseen error is `unknown_state`, which
 * does not count as failing.
 */
export function explainNetworkError(error: unknown): NetworkTrouble {
  const codes = codesOf(error);
  for (const code of codes) {
    const meaning = MEANINGS.find(([codes]) => codes.test(code));
    if (meaning !== undefined) return { cause: meaning[1], detail: `${meaning[2]} (${code})` };
  }
  return { cause: 'unknown_state', detail: `unforeseen error (${codes[0] ?? 'without a code'})` };
}

/** Connecting to a name with several addresses fails with one error for each of them. */
function codesOf(error: unknown): string[] {
  if (typeof error !== 'object' || error === null) return [];
  if ('name' in error && error.name === 'HTTPParserError') {
    // Undici 7 omits the parser's code, but has the data that could not be parsed: none, if the end came too soon.
    return ['data' in error && error.data === '' ? 'HPE_INVALID_EOF_STATE' : 'HPE_INVALID'];
  }
  const own = 'code' in error && typeof error.code === 'string' ? [error.code] : [];
  return error instanceof AggregateError ? [...own, ...error.errors.flatMap(codesOf)] : own;
}
