import { describe, expect, it } from 'vitest';
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

  it('with several addresses is explained by the first that is understood', () => {
    const both = new AggregateError([errorWith('EWEIRD'), new AggregateError([errorWith('ECONNREFUSED')])]);
    expect(explainNetworkError(both)).toEqual({ cause: 'refused', detail: 'connection refused (ECONNREFUSED)' });
  });

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
