import { Buffer } from 'node:buffer';
import type { IncomingMessage, ServerResponse } from 'node:http';

/** A message that an instance was asked to send. */
export interface SentMessage {
  readonly phoneNumberId: string;
  readonly to: string;
  readonly text: string;
}

export const BODY_LIMIT_BYTES = 64 * 1024;

/** Reads the values of `{name}` out of texts that a template made; null: it made another text. `value` is how one looks. */
export function readerOf(template: string, value = '(.*?)'): (text: string) => Readonly<Record<string, string>> | null {
  const names = [...template.matchAll(/\{(\w+)\}/gu)].map(([, name]) => name ?? '');
  const parts = template.split(/\{\w+\}/u).map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/gu, String.raw`\$&`));
  const pattern = new RegExp(`^${parts.join(value)}$`, 'u');
  return (text) => {
    const match = pattern.exec(text);
    return match && Object.fromEntries(names.map((name, index) => [name, match[index + 1] ?? '']));
  };
}

/** What stands in a body in the places of the placeholders of its template: `{to}@c.us` finds the number. */
export function valuesIn(template: unknown, body: unknown): Readonly<Record<string, string>> {
  if (typeof template === 'string') return (typeof body === 'string' ? readerOf(template)(body) : null) ?? {};
  if (typeof template !== 'object' || template === null || typeof body !== 'object' || body === null) return {};
  const values = Object.entries(template).map(([key, part]) => valuesIn(part, (body as Record<string, unknown>)[key]));
  return Object.assign({}, ...values) as Record<string, string>;
}

/** The JSON of a request; undefined: there is none. */
export async function jsonOf(request: IncomingMessage, response: ServerResponse): Promise<unknown> {
  try {
    return JSON.parse((await bodyOf(request, response)) ?? '');
  } catch {
    return undefined;
  }
}

/**
 * The whole body; null once it exceeds the limit, and then the connection ends with the answer. Never settles when the
 * caller disconnects.
 */
export function bodyOf(request: IncomingMessage, response: ServerResponse): Promise<string | null> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= BODY_LIMIT_BYTES) {
        chunks.push(chunk);
        return;
      }
      request.removeAllListeners('data').removeAllListeners('end').pause();
      response.setHeader('Connection', 'close');
      resolve(null);
    });
    request.on('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
  });
}
