import type { Transport } from './delivery-queue.ts';
import type { HttpTransport } from './http-transport.ts';
import { mailTransport } from './smtp-transport.ts';

/** Posts what is to be posted, and mails what is to be mailed. */
export function transportOver(http: Pick<HttpTransport, 'send'>): Transport {
  return (request, signal) => ('mail' in request ? mailTransport(request, signal) : http.send(request, signal));
}
