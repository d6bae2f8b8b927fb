import { createHash } from 'node:crypto';
import type { Sources } from './read/sources.ts';
import { receiver, type ReceiverInput } from './schema/notify-schema.ts';
import type { EscalateInput } from './schema/policy-schema.ts';

/** The receiver of an escalation: the one that it names, or the one that its own URL makes. */
export function receiverOf({ notify, url = '', secret }: EscalateInput): string {
  if (notify !== undefined) return notify;
  const digest = createHash('sha256').update(JSON.stringify([url, secret]));
  return `escalate-${digest.digest('hex').slice(0, 8)}`;
}

/** Receivers for escalations that have a URL of their own, each once; they are sent nothing else. */
export function escalationReceivers({ main, accounts, instances }: Sources): readonly ReceiverInput[] {
  const found = new Map<string, ReceiverInput>();
  for (const { input } of [{ input: main.input.defaults }, ...accounts, ...instances]) {
    const { escalate } = input.restart;
    if (escalate?.url === undefined) continue;
    const { url, secret } = escalate;
    const name = receiverOf(escalate);
    const made = found.has(name) ? null : receiver.safeParse({ name, url, secret, format: 'standard' });
    if (made?.success === true) found.set(name, { ...made.data, events: [] });
  }
  return [...found.values()];
}
