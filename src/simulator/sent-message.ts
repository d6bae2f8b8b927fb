import type { IncomingMessage } from 'node:http';

/** A message that an instance was asked to send. */
export interface SentMessage {
  readonly phoneNumberId: string;
  readonly to: string;
  readonly text: string;
}

const LONGEST_BODY = 64 * 1024;

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
export async function jsonOf(request: IncomingMessage): Promise<unknown> {
  let text = '';
  for await (const chunk of request) {
    text += String(chunk);
    if (text.length > LONGEST_BODY) return undefined;
  }
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
