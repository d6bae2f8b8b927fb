import { describe, expect, it } from 'vitest';
import { echoMarkIn } from '../../src/core/silence/echo.ts';
import { compileWebhooks, parseWebhook } from '../../src/gateway/answers/webhook.ts';
import { builtIn } from './answers.ts';
import { CAPTURED_HOOKS, readHook } from './captures.ts';

// Written from the situation that stands in the first line of each capture: which instance it is about, and what it says.
const EXPECTED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  evolution: {
    ack: 'e1: other',
    closed: 'e1: connection',
    connecting: 'e1: connection',
    contact: 'e1: other',
    logout: 'e1: connection',
    message: 'e1: message',
    'message-by-phone': 'e1: message',
    open: 'e1: connection',
    qr: 'e1: connection',
    sent: 'e1: sent',
    'status-closed': 'e1: connection',
  },
  'wwebjs-api': {
    ack: 's9: other',
    authenticated: 's9: connection',
    'change-state': 's9: connection',
    disconnected: 's9: connection',
    message: 's9: message',
    'message-by-phone': 's9: message',
    'message-created': 's9: message',
    qr: 's9: connection',
    ready: 's9: connection',
    sent: 's9: sent',
  },
  wppconnect: {
    ack: 'w1: other',
    'browser-closed': 'w1: connection',
    closed: 'w1: connection',
    'in-chat': 'w1: connection',
    message: 'w1: message',
    'message-by-phone': 'w1: message',
    'not-logged': 'w1: connection',
    qr: 'w1: connection',
    scanned: 'w1: connection',
    sent: 'w1: sent',
    unlinked: 'w2: connection',
  },
  // What ran names no instance.
  wuzapi: { ack: 'none: other', message: 'none: message', 'message-by-phone': 'none: message' },
  waha: {
    ack: 'default: other',
    connected: 'default: connection',
    message: 'default: message',
    'message-any': 'default: message',
    'message-by-phone': 'default: message',
    sent: 'default: sent',
    starting: 'default: connection',
    stopped: 'default: connection',
    working: 'default: connection',
  },
};

/** Of a message that was sent to be heard. */
const HOLD_THE_MARK: ReadonlySet<string> = new Set([
  ...[
    'evolution sent',
    'wwebjs-api ack',
    'wwebjs-api sent',
    'wppconnect ack',
    'wppconnect sent',
    'waha ack',
    'waha sent',
  ],
]);

it('are all in the table', () => {
  const inTable = Object.entries(EXPECTED).flatMap(([gateway, hooks]) =>
    Object.keys(hooks).map((name) => `${gateway} ${name}`),
  );
  expect(inTable.toSorted()).toEqual(CAPTURED_HOOKS.map(([gateway, name]) => `${gateway} ${name}`).toSorted());
});

describe('a webhook of', () => {
  it.each(CAPTURED_HOOKS)('%s: %s', (gateway, name) => {
    const { contentType, body } = readHook(gateway, name);
    const { ofAccount, isMessage } = compileWebhooks(builtIn(gateway));
    const parsed = parseWebhook(body, contentType);
    const kind = ofAccount?.kindOf(parsed, null);
    expect(`${(ofAccount?.idsIn(parsed) ?? []).join(' or ') || 'none'}: ${kind}`).toBe(EXPECTED[gateway]?.[name]);
    // Only a message is a sign of life, and only what WhatsApp has taken is an echo.
    expect(echoMarkIn(body) !== null).toBe(HOLD_THE_MARK.has(`${gateway} ${name}`));
    expect(isMessage(parsed, null)).toBe(kind === 'message');
  });
});
