import { describe, expect, it } from 'vitest';
import { troubleIn, TROUBLES } from '../../core/trouble.ts';
import { explainNetworkError } from './network-error.ts';

const errorWith = (code: string, message = 'secret message') => Object.assign(new Error(message), { code });

describe('an error of the network', () => {
  it.each([
    ['ENOTFOUND', 'dns'],
    ['EAI_AGAIN', 'dns'],
    ['ECONNREFUSED', 'refused'],
    ['EHOSTUNREACH', 'refused'],
    ['ENETUNREACH', 'refused'],
    ['ECONNRESET', 'reset'],
    ['EPIPE', 'reset'],
    ['UND_ERR_SOCKET', 'reset'],
    ['UND_ERR_RES_CONTENT_LENGTH_MISMATCH', 'reset'],
    ['ETIMEDOUT', 'timeout'],
    ['UND_ERR_CONNECT_TIMEOUT', 'timeout'],
    ['CERT_HAS_EXPIRED', 'tls'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'tls'],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'tls'],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'tls'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'tls'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'tls'],
    ['EPROTO', 'tls'],
    ['UND_ERR_HEADERS_OVERFLOW', 'unreadable'],
    ['ERR_ASSERTION', 'unreadable'],
    ['UND_ERR_DESTROYED', 'aborted'],
  ])('%s is %s', (code, cause) => {
    const trouble = explainNetworkError(errorWith(code));
    expect(trouble.cause).toBe(cause);
    expect(trouble.detail).toContain(`(${code})`);
  });

  it.each(['EMFILE', 'ENFILE', 'ENOMEM', 'EADDRNOTAVAIL'])('%s is our own trouble and no instance’s', (code) => {
    expect(explainNetworkError(errorWith(code)).cause).toBe('own_network');
  });

  it.each([
    [new Error('x'), 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH', 'unreadable'],
    [new Error('bad response'), 'UND_ERR_SOCKET', 'unreadable'],
    [new Error('bad upgrade'), 'UND_ERR_SOCKET', 'unreadable'],
    [new Error('other side closed'), 'UND_ERR_SOCKET', 'reset'],
  ])('before the head of an answer: %s (%s) is %s', (error, code, cause) => {
    expect(explainNetworkError(Object.assign(error, { code }), { hadHead: false }).cause).toBe(cause);
  });

  it('a head that is too long has a remedy of its own', () => {
    const { detail } = explainNetworkError(errorWith('UND_ERR_HEADERS_OVERFLOW'));
    expect(troubleIn(detail)).toBe(TROUBLES.longHead);
  });

  it('with several addresses is explained by the first that is understood', () => {
    const both = new AggregateError([errorWith('EWEIRD'), new AggregateError([errorWith('ECONNREFUSED')])]);
    expect(explainNetworkError(both)).toMatchObject({ cause: 'refused', detail: 'connection refused (ECONNREFUSED)' });
  });

  const OLDER = 'ERR_SSL_SSLV3_ALERT';
  const NEWER = 'ERR_SSL_SSL/TLS_ALERT';
  const { clientCertificateWanted: wanted, clientCertificateRefused: notTaken } = TROUBLES;
  it.each([
    ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', false, wanted],
    ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', true, wanted],
    [`${OLDER}_BAD_CERTIFICATE`, false, wanted],
    [`${OLDER}_BAD_CERTIFICATE`, true, notTaken],
    [`${NEWER}_CERTIFICATE_EXPIRED`, true, notTaken],
    [`${NEWER}_CERTIFICATE_REVOKED`, true, notTaken],
    ['ERR_SSL_TLSV1_ALERT_UNKNOWN_CA', true, notTaken],
    ['ERR_SSL_TLSV1_ALERT_ACCESS_DENIED', true, notTaken],
    [`${OLDER}_HANDSHAKE_FAILURE`, false, TROUBLES.handshakeRefused],
    [`${NEWER}_HANDSHAKE_FAILURE`, false, TROUBLES.handshakeRefused],
    ['ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION', false, TROUBLES.oldProtocol],
    ['ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL', false, TROUBLES.onlyHttp2],
    ['ERR_SSL_TLSV1_UNRECOGNIZED_NAME', false, TROUBLES.unknownHostName],
  ])('%s, with a client certificate: %s, is a refusal by TLS with a remedy of its own', (code, has, trouble) => {
    const found = explainNetworkError(errorWith(code), { hasCertificate: has });
    expect(found).toEqual({ cause: 'tls', detail: `${trouble.detail} (${code})`, refusedByTls: true });
  });

  it.each([
    ['DEPTH_ZERO_SELF_SIGNED_CERT', TROUBLES.selfSigned],
    ['SELF_SIGNED_CERT_IN_CHAIN', TROUBLES.unknownAuthority],
    ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', TROUBLES.unknownAuthority],
    ['ERR_TLS_CERT_ALTNAME_INVALID', TROUBLES.wrongName],
    ['CERT_HAS_EXPIRED', TROUBLES.expired],
    ['CERT_NOT_YET_VALID', TROUBLES.notYetValid],
    ['CERT_REVOKED', TROUBLES.revoked],
    ['ERR_SSL_WRONG_VERSION_NUMBER', TROUBLES.noTls],
    ['ERR_SSL_UNSUPPORTED_PROTOCOL', TROUBLES.oldProtocol],
    ['ERR_SSL_DH_KEY_TOO_SMALL', TROUBLES.oldProtocol],
  ])('%s has a remedy of its own', (code, trouble) => {
    expect(explainNetworkError(errorWith(code))).toMatchObject({ cause: 'tls', detail: `${trouble.detail} (${code})` });
  });

  it.each(['ERR_SSL_SSLV3_ALERT_BAD_RECORD_MAC', 'ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC', 'EPROTO'])(
    '%s can come after a request was taken, so it is no refusal',
    (code) => expect(explainNetworkError(errorWith(code))).toMatchObject({ cause: 'tls', refusedByTls: false }),
  );

  it.each([new Error('secret message'), errorWith('EWEIRD'), 'secret message', null, undefined, { code: 7 }])(
    'that nobody foresaw is not a failure: %s',
    (error) => expect(explainNetworkError(error).cause).toBe('unknown_state'),
  );

  it('is never shown in its own words, which may repeat what was sent', () => {
    for (const code of ['ECONNRESET', 'EWEIRD']) {
      expect(explainNetworkError(errorWith(code)).detail).not.toContain('secret');
    }
  });
});
