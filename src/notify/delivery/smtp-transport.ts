import { createTransport, type SentMessageInfo } from 'nodemailer';
import type { WebhookAnswer } from './answer.ts';
import type { MailRequest } from './request.ts';

/** What an SMTP server answers when no other attempt can do better (RFC 5321, 4.2.3): no such mailbox, not accepted. */
const REFUSED_FOR_GOOD = new Set([550, 551, 552, 553, 554]);
const BEYOND_REPAIR = 422;
const MAY_PASS = 503;

/**
 * Mails over SMTP. Its answers are put as those of HTTP: 200, 503 for what may pass, 422 for what does not. A password is
 * only sent over TLS, unless the server is on this machine.
 */
export async function mailTransport(
  { url, proxy, mail, timeout }: MailRequest,
  signal: AbortSignal,
): Promise<WebhookAnswer> {
  const address = new URL(url);
  const isHere = ['localhost', '127.0.0.1', '[::1]'].includes(address.hostname);
  const transport = createTransport({
    host: address.hostname.replace(/^\[|\]$/g, ''),
    ...(address.port !== '' && { port: Number(address.port) }),
    secure: address.protocol === 'smtps:',
    requireTLS: address.username !== '' && !isHere,
    ignoreTLS: isHere && address.protocol === 'smtp:',
    ...(address.username !== '' && {
      auth: { user: decodeURIComponent(address.username), pass: decodeURIComponent(address.password) },
    }),
    connectionTimeout: timeout,
    greetingTimeout: timeout,
    socketTimeout: timeout,
    ...(proxy !== null && { proxy }),
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const stopped = new Promise<never>((_, reject) => {
    const stop = (): void => reject(new Error('stopped'));
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
  const { from, to, subject, text, messageId, references, urgent } = mail;
  try {
    // Without a listener of its own, the loser of the race would be an unhandled rejection.
    stopped.catch(() => undefined);
    const sent = transport.sendMail({
      from,
      to: [...to],
      subject,
      text,
      messageId,
      ...(references !== null && { references, inReplyTo: references }),
      ...(urgent && { priority: 'high' as const }),
      headers: { 'Auto-Submitted': 'auto-generated' },
    });
    const { response } = (await Promise.race([sent, stopped])) as SentMessageInfo & { readonly response: string };
    return { status: 200, retryAfter: null, body: response };
  } catch (error) {
    return answerOf(error);
  } finally {
    transport.close();
  }
}

/** @throws Error when the server gave no answer; it names neither the address nor the user */
function answerOf(error: unknown): WebhookAnswer {
  const { code, responseCode, response } = error as { code?: unknown; responseCode?: unknown; response?: unknown };
  if (typeof responseCode !== 'number') {
    throw new Error(`no answer of the mail server: ${typeof code === 'string' ? code : 'unknown error'}`);
  }
  // A password can be corrected, so that one is tried again.
  const isFinal = REFUSED_FOR_GOOD.has(responseCode) && code !== 'EAUTH';
  return {
    status: isFinal ? BEYOND_REPAIR : MAY_PASS,
    retryAfter: null,
    body: typeof response === 'string' ? response : `SMTP ${responseCode}`,
  };
}
