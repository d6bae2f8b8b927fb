import { CALL_TROUBLES } from '../../core/call-trouble.ts';
import { TROUBLES } from '../../core/trouble.ts';
import type { Cause } from '../../core/verdict.ts';
import { ProxyError } from '../../network/tunnel.ts';

/** Why an HTTP call was not answered. */
export interface NetworkTrouble {
  readonly cause: Cause;
  /** Our own words and the error's code; never its message, which may quote what was sent or received. */
  readonly detail: string;
  /** The other side ended the TLS handshake, so it took no request, even if one was written already. */
  readonly refusedByTls: boolean;
}

/**
 * The alerts with which a server ends a handshake, by the end of their codes; the beginning depends on the version of
 * OpenSSL. Those of TLS 1.3 come after our side of the handshake is done, and so after the request was written.
 */
const HANDSHAKE_ALERTS: readonly (readonly [codes: RegExp, text: string])[] = [
  [/ALERT_CERTIFICATE_REQUIRED$/, TROUBLES.clientCertificateWanted.detail],
  // RFC 8446 section 6.2. A client's certificate is the only one that a server judges.
  [
    /ALERT_((BAD|UNSUPPORTED)_CERTIFICATE|CERTIFICATE_(REVOKED|EXPIRED|UNKNOWN)|UNKNOWN_CA|ACCESS_DENIED|DECRYPT_ERROR)$/,
    TROUBLES.clientCertificateRefused.detail,
  ],
  [/^ERR_TLS_ENDED_AFTER_HANDSHAKE$/, TROUBLES.endedAfterHandshake.detail],
  [/ALERT_HANDSHAKE_FAILURE$/, TROUBLES.handshakeRefused.detail],
  [/ALERT_(PROTOCOL_VERSION|INSUFFICIENT_SECURITY)$/, TROUBLES.oldProtocol.detail],
  [/ALERT_NO_APPLICATION_PROTOCOL$/, TROUBLES.onlyHttp2.detail],
  [/UNRECOGNIZED_NAME$/, TROUBLES.unknownHostName.detail],
];

/** What codes mean, families of codes among them (OpenSSL's alone are dozens); the first that matches. */
const MEANINGS: readonly (readonly [codes: RegExp, cause: Cause, text: string])[] = [
  [/^(ENOTFOUND|ENODATA|ESERVFAIL|EAI_.*)$/, 'dns', CALL_TROUBLES.unresolved],
  [/^ECONNREFUSED$/, 'refused', CALL_TROUBLES.refused],
  [/^(EHOSTUNREACH|EHOSTDOWN|ENETUNREACH)$/, 'refused', CALL_TROUBLES.noRoute],
  [/^(ECONNRESET|ECONNABORTED|ENETRESET|EPIPE|UND_ERR_SOCKET)$/, 'reset', CALL_TROUBLES.brokeOff],
  [/^ERR_TLS_CUT_IN_HANDSHAKE$/, 'reset', TROUBLES.cutInHandshake.detail],
  // The connection ended before the whole answer arrived.
  [/^(UND_ERR_RES_CONTENT_LENGTH_MISMATCH|HPE_INVALID_EOF_STATE)$/, 'reset', CALL_TROUBLES.brokeOff],
  [/^(ETIMEDOUT|UND_ERR_CONNECT_TIMEOUT)$/, 'timeout', CALL_TROUBLES.noConnectionInTime],
  [/^DEPTH_ZERO_SELF_SIGNED_CERT$/, 'tls', TROUBLES.selfSigned.detail],
  [
    /^(UNABLE_TO_(GET_ISSUER|VERIFY_LEAF)|SELF_SIGNED|CERT_UNTRUSTED|INVALID_CA)/,
    'tls',
    TROUBLES.unknownAuthority.detail,
  ],
  [/^(ERR_TLS_CERT_ALTNAME_|HOSTNAME_MISMATCH)/, 'tls', TROUBLES.wrongName.detail],
  [/^CERT_HAS_EXPIRED$/, 'tls', TROUBLES.expired.detail],
  [/^CERT_NOT_YET_VALID$/, 'tls', TROUBLES.notYetValid.detail],
  [/^CERT_REVOKED$/, 'tls', TROUBLES.revoked.detail],
  [/^ERR_SSL_(WRONG_VERSION_NUMBER|HTTP_REQUEST|PACKET_LENGTH_TOO_LONG)$/, 'tls', TROUBLES.noTls.detail],
  [
    /^ERR_SSL_(UNSUPPORTED_PROTOCOL|WRONG_SSL_VERSION|UNSAFE_LEGACY_|\w+_(KEY|MD)_TOO_(SMALL|WEAK)|WRONG_SIGNATURE_TYPE)/,
    'tls',
    TROUBLES.oldProtocol.detail,
  ],
  [/^(EPROTO|INVALID_PURPOSE|PATH_LENGTH_EXCEEDED)$/, 'tls', CALL_TROUBLES.notTrusted],
  [/^(ERR_TLS|ERR_SSL|ERR_OSSL|CERT|CRL|UNABLE_TO|DEPTH_ZERO)_/, 'tls', CALL_TROUBLES.notTrusted],
  // The machine ran out of a resource, which is no fault of an instance.
  [/^(EMFILE|ENFILE|ENOBUFS|ENOMEM|EADDRNOTAVAIL|ENETDOWN|EACCES|EPERM)$/, 'own_network', CALL_TROUBLES.noResource],
  [/^HPE_TLS$/, 'unreadable', TROUBLES.onlyTls.detail],
  [/^HPE_HTTP2$/, 'unreadable', TROUBLES.onlyHttp2.detail],
  // Something answered, but not in HTTP: often a wrong port, or a proxy. No restart of an instance cures that. With
  // ERR_ASSERTION undici's parser received something that it takes for impossible.
  [/^(HPE_INVALID|ERR_ASSERTION)$/, 'unreadable', CALL_TROUBLES.notHttp],
  [/^UND_ERR_HEADERS_OVERFLOW$/, 'unreadable', TROUBLES.longHead.detail],
  [/^UND_ERR_(DESTROYED|CLOSED)$/, 'aborted', CALL_TROUBLES.closing],
];

/** How what is no HTTP/1.1 begins: with a record of TLS (RFC 8446 section 5.1), or with HTTP/2's SETTINGS (RFC 9113 section 6.5). */
const OTHER_PROTOCOLS: readonly (readonly [begins: RegExp, code: string])[] = [
  [/^[\x14-\x17]\x03[\x00-\x04]/, 'HPE_TLS'],
  [/^\x00[\s\S]{2}\x04[\x00\x01]\x00{4}/, 'HPE_HTTP2'],
];

/** Undici ends the connection so when an answer that nobody asked for comes first (100 Continue, 101). */
const UNASKED = /^bad (response|upgrade)$/u;

/**
 * What an error of a socket, of TLS or of the HTTP client means. An unforeseen error is `unknown_state`, which
 * does not count as failing.
 *
 * @param hasCertificate whether we show a client certificate; without one, a gateway that judges it wants one
 * @param hadHead whether the head of the answer had arrived. If not, and undici complains about a length, it refuses a
 *   head that contradicts itself: two lengths, or one beside chunks.
 */
export function explainNetworkError(
  error: unknown,
  { hasCertificate = false, hadHead = true }: { readonly hasCertificate?: boolean; readonly hadHead?: boolean } = {},
): NetworkTrouble {
  if (error instanceof ProxyError) return { cause: 'not_the_gateway', detail: proxyDetail(error), refusedByTls: false };
  const codes = codesOf(error);
  if (!hadHead && isRefusedHead(error, codes)) {
    return { cause: 'unreadable', detail: TROUBLES.oddHead.detail, refusedByTls: false };
  }
  for (const code of codes) {
    const alert = HANDSHAKE_ALERTS.find(([ends]) => ends.test(code))?.[1];
    if (alert !== undefined) {
      const isMissing = alert === TROUBLES.clientCertificateRefused.detail && !hasCertificate;
      const text = isMissing ? TROUBLES.clientCertificateWanted.detail : alert;
      return { cause: 'tls', detail: `${text} (${code})`, refusedByTls: true };
    }
    const meaning = MEANINGS.find(([codes]) => codes.test(code));
    if (meaning !== undefined) return { cause: meaning[1], detail: `${meaning[2]} (${code})`, refusedByTls: false };
  }
  const detail = `${CALL_TROUBLES.unforeseen} (${codes[0] ?? 'without a code'})`;
  return { cause: 'unknown_state', detail, refusedByTls: false };
}

function isRefusedHead(error: unknown, codes: readonly string[]): boolean {
  if (codes.includes('UND_ERR_RES_CONTENT_LENGTH_MISMATCH')) return true;
  return codes.includes('UND_ERR_SOCKET') && error instanceof Error && UNASKED.test(error.message);
}

/** What a proxy does wrong says nothing of the gateway behind it. */
function proxyDetail({ status, code }: ProxyError): string {
  if (status === null) return `${TROUBLES.noProxy.detail} (${code ?? 'without an answer'})`;
  return `${status === 407 ? TROUBLES.proxyLogin.detail : TROUBLES.noTunnel.detail} (HTTP ${status})`;
}

/** Connecting to a name with several addresses fails with one error for each of them. */
function codesOf(error: unknown): string[] {
  if (typeof error !== 'object' || error === null) return [];
  // Undici 7 omits the parser's code, but has the data that could not be parsed.
  if ('name' in error && error.name === 'HTTPParserError') return [parserCode('data' in error ? error.data : null)];
  const own = 'code' in error && typeof error.code === 'string' ? [error.code] : [];
  return error instanceof AggregateError ? [...own, ...error.errors.flatMap(codesOf)] : own;
}

/** @param data no text at all if the end came too soon */
function parserCode(data: unknown): string {
  if (data === '') return 'HPE_INVALID_EOF_STATE';
  return (typeof data === 'string' && OTHER_PROTOCOLS.find(([begins]) => begins.test(data))?.[1]) || 'HPE_INVALID';
}
