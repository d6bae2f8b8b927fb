import type { IncomingMessage } from 'node:http';

/** A message that an instance was asked to send. */
export interface SentMessage {
  readonly phoneNumberId: string;
  readonly to: string;
  readonly text: string;
}

const LONGEST_BODY = 64 * 1024;

/** What stands in a body in the places of the placeholders of its template: `{to}@c.us` finds the number. */
export function valuesIn(template: unknown, body: unknown): Readonly<Record<string, string>> {
  if (typeof template === 'string') {
    const names = [...template.matchAll(/\{(\w+)\}/gu)].map(([, name]) => name ?? '');
    if (names.length === 0 || typeof body !== 'string') return {};
    const parts = template.split(/\{\w+\}/u).map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/gu, String.raw`\$&`));
    const match = new RegExp(`^${parts.join('(.*)')}$`, 'u').exec(body) ?? [];
    return Object.fromEntries(names.map((name, index) => [name, match[index + 1] ?? '']));
  }
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
