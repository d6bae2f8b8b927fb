import type { AccountWebhooks } from '../../core/webhook.ts';
import type { Conditions, Profile } from '../profiles/profile.ts';
import { EVENT_PATHS, MESSAGE_EVENTS } from '../profiles/signs.ts';
import { compileConditions } from './conditions.ts';
import { keysOf, valueAt } from './places.ts';

/**
 * Reads the webhooks of a gateway. A body is parsed, and of unknown type; undefined: there is none that can be read. `event`
 * is the name of the event in the URL; null: there is none.
 */
export interface WebhookReader {
  /** Whether it reports a message. What the profile does not say is known by its usual names. */
  readonly isMessage: (body: unknown, event: string | null) => boolean;
  /** Whether it reports that a message is being sent, and nothing of what reaches the instance. */
  readonly isSent: (body: unknown, event: string | null) => boolean;
  /** What webhooks of all instances of an account say; null: the profile does not describe them. */
  readonly ofAccount: AccountWebhooks | null;
}

/** Longer ids name no instance. */
export const LONGEST_ID = 256;
const FORM = /^application\/x-www-form-urlencoded\b/iu;
/** WuzAPI sends forms, with what happened as JSON in this field. */
const JSON_FIELD = 'jsonData';

/** Prepares what the profile says about webhooks once. */
export function compileWebhooks({ webhook }: Pick<Profile, 'webhook'>): WebhookReader {
  const { message = null, sent = null } = webhook ?? {};
  const isOne = message === null ? isUsualMessage : matcherOf(message);
  const isSent = sent === null ? never : matcherOf(sent);
  const isMessage: WebhookReader['isMessage'] = (body, event) => isOne(body, event) && !isSent(body, event);
  if (webhook === null) return { isMessage, isSent, ofAccount: null };
  const places = webhook.id.map(keysOf);
  const isConnection = webhook.event === null ? never : matcherOf(webhook.event);
  return {
    isMessage,
    isSent,
    ofAccount: {
      idAt: webhook.id,
      idsIn: (body) => [...new Set(places.flatMap((keys) => idsOf(valueAt(body, keys))))],
      kindOf(body, event) {
        if (isConnection(body, event)) return 'connection';
        if (isSent(body, event)) return 'sent';
        return isOne(body, event) ? 'message' : 'other';
      },
    },
  };
}

const never = (): boolean => false;

/** The body of a webhook: JSON, whatever it is declared as, or the fields of a form; undefined: it cannot be read. */
export function parseWebhook(text: string, contentType: string): unknown {
  // A byte order mark may be skipped (RFC 8259 section 8.1).
  const whole = parsed(text.replace(/^\u{feff}/u, ''));
  // curl declares JSON as a form, unless an option says otherwise.
  if (whole !== undefined || !FORM.test(contentType)) return whole;
  const fields = Object.fromEntries(new URLSearchParams(text));
  const json = parsed(fields[JSON_FIELD] ?? '');
  return typeof json === 'object' && json !== null ? { ...json, ...fields } : fields;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Something that is no JSON says nothing that could be read.
    return undefined;
  }
}

/** A name is the same in the URL and in the body, however it is written. */
function matcherOf(conditions: Conditions): (body: unknown, event: string | null) => boolean {
  const isNamed = namedIn(Object.values(conditions).flat());
  const checks = Object.entries(conditions).map(([place, expected]) => {
    const keys = keysOf(place);
    const check = compileConditions({ [place]: expected });
    const isNamedHere = namedIn([expected].flat());
    return (body: unknown): boolean => check(0, body) || isNamedHere(valueAt(body, keys));
  });
  return (body, event) => isNamed(event) || (body !== undefined && checks.every((check) => check(body)));
}

const isUsualName = namedIn(MESSAGE_EVENTS);

function isUsualMessage(body: unknown, event: string | null): boolean {
  return isUsualName(event) || EVENT_PATHS.some((path) => isUsualName(valueAt(body, path)));
}

function namedIn(values: readonly unknown[]): (name: unknown) => boolean {
  const texts = values.filter((name) => typeof name === 'string').filter((name) => !name.startsWith('~'));
  const names = new Set(texts.map(plainName));
  // What has no letters is no name.
  names.delete('');
  return (name) => typeof name === 'string' && names.has(plainName(name));
}

/** `messages.upsert`, `messages-upsert` and `MESSAGES_UPSERT` are one name. */
function plainName(name: string): string {
  return name.length > 64 ? '' : name.toLowerCase().replace(/[^a-z]/g, '');
}

/** A phone number, perhaps with its device (`:12`), as WhatsApp writes it. A LID (`@lid`) has digits that are no phone number. */
const JID = /^(\d{8,15})(?:[.:]\d{1,5})*(@(?:s\.whatsapp\.net|c\.us))$/;

/** What stands there, and what else it may be called: without its device, and the number alone. */
function idsOf(value: unknown): readonly string[] {
  const id = idOf(value);
  if (id === null) return [];
  const [, number, server] = JID.exec(id) ?? [];
  return number === undefined || server === undefined ? [id] : [id, number + server, number];
}

/** What stands at the place of an id, where it can be one; null: it cannot. */
export function idOf(value: unknown): string | null {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? String(value) : null;
  return typeof value === 'string' && value !== '' && value.length <= LONGEST_ID ? value : null;
}
