import { X509Certificate } from 'node:crypto';
import tls, { type SecureContext } from 'node:tls';
import type { EpochMs } from '../../../core/time.ts';

/** How a gateway's certificate is judged. */
export interface TlsSettings {
  readonly context: SecureContext;
  readonly rejectUnauthorized: boolean;
  /** Whether we have a certificate to show, too. */
  readonly hasCertificate: boolean;
  /** Receives the certificate of the other side from each handshake that shows it; resumed sessions do not. */
  readonly onCertificate: (endsAt: EpochMs) => void;
}

/** What this side shows of itself where a gateway wants a client certificate; both are PEM. */
export interface ClientCertificate {
  /** The certificate, and after it those that lead to its authority. */
  readonly cert: string;
  readonly key: string;
}

/**
 * Prepares TLS once, for reading the authorities takes longer than a handshake. `ca` (PEM) takes the place of the
 * system's authorities; null keeps them. Throws where `ca` holds no certificate, or where certificate and key of `client`
 * are none, or not of each other.
 */
export function tlsSettings(
  ca: string | null,
  insecureSkipVerify: boolean,
  client: ClientCertificate | null,
  onCertificate: TlsSettings['onCertificate'],
): TlsSettings {
  // The secure context itself passes over anything that is no certificate, and then trusts nobody.
  try {
    if (ca !== null) new X509Certificate(ca);
  } catch (cause) {
    throw new Error('tls.caFile: holds no certificate in PEM form (-----BEGIN CERTIFICATE-----)', { cause });
  }
  const context = tls.createSecureContext({ ...(ca === null ? {} : { ca }), ...client });
  return { context, rejectUnauthorized: !insecureSkipVerify, hasCertificate: client !== null, onCertificate };
}
