import type { ReceiverSettings } from '../../src/core/notification.ts';
import { HOUR, SECOND } from '../../src/core/time.ts';
import type { Style } from '../../src/notify/formats/in-words.ts';
import type { Message, Notice } from '../../src/notify/notice.ts';

/** A notice of an instance that is down, but for what is given. */
export function notice(more: Partial<Notice> = {}): Notice {
  const name = more.name === undefined ? 'support' : more.name;
  return {
    id: 'process-1',
    topic: 'down',
    stage: 'began',
    incident: `instance:${String(name)}`,
    at: 1_767_225_600_000,
    since: 1_767_225_540_000,
    level: 'warn',
    name,
    account: 'acme',
    accounts: ['acme'],
    news: {
      ...{
        type: 'phase_changed',
        at: 1_767_225_600_000,
        name: String(name),
        account: 'acme',
        from: 'suspect',
        to: 'down',
      },
      ...{ cause: 'disconnected', detail: 'instance.state "close"', failures: 3, failingSince: 1_767_225_540_000 },
    },
    facts: null,
    text: `${String(name)} is down: disconnected (instance.state "close")`,
    fields: { from: 'suspect', to: 'down', cause: 'disconnected', failures: 3 },
    ...more,
  };
}

export const ENGLISH: Style = { language: 'en', pageUrl: null };

export function message(...notices: [Notice, ...Notice[]]): Message {
  return { notices, count: notices.length, queuedAt: 0 };
}

/** A chat that wants the usual, but for what is given. */
export function receiverSettings(more: Partial<ReceiverSettings> = {}): ReceiverSettings {
  return {
    name: 'ops',
    url: 'https://hooks.example.org/services/T000/B000/XXXXXXXXXXXXXXXXXXXXXXXX',
    format: 'slack',
    contentType: 'application/json',
    chatId: null,
    from: null,
    to: [],
    token: null,
    timezone: 'UTC',
    template: null,
    quiet: null,
    secret: null,
    proxy: null,
    events: ['down', 'exhausted', 'needs_human', 'storm'],
    accounts: [],
    groupWait: 10 * SECOND,
    remindEvery: 4 * HOUR,
    flapping: { changes: 6, within: HOUR },
    timeout: 10 * SECOND,
    giveUpAfter: HOUR,
    ...more,
  };
}

/** A receiver that does not answer, until that is given up. */
export function hangs(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(new Error('aborted')));
  });
}
