import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { NOTIFY_TOPICS, type NotifyFormat } from '../../src/core/notification.ts';
import { judge } from '../../src/notify/delivery/answer.ts';
import { Masks } from '../../src/redaction/masks.ts';
import { render } from '../../src/notify/formats/render.ts';
import type { InstanceFacts, Notice } from '../../src/notify/notice.ts';
import type { Style } from '../../src/notify/formats/in-words.ts';
import { message, notice, receiverSettings } from './notices.ts';

// Neither ntfy nor the HTTP API of Apprise is a package of Debian or npm, so bodies are held to what they publish.

/** https://docs.ntfy.sh/publish/#publish-as-json and #limitations; what is not there is not sent. */
const NTFY = z.strictObject({
  topic: z.string().regex(/^[-_A-Za-z0-9]{1,64}$/),
  message: z.string().refine((text) => text !== '' && Buffer.byteLength(text) <= 4_096),
  title: z.string().min(1).max(1_000),
  priority: z.int().min(1).max(5),
  // https://docs.ntfy.sh/emojis/
  tags: z.array(z.enum(['red_circle', 'orange_circle', 'green_circle', 'large_blue_circle'])),
  click: z.url({ protocol: /^https?$/ }).optional(),
});

/** `PersistentNotificationRequest` of https://github.com/caronc/apprise-api/blob/master/swagger.yaml, version 1.4.0. */
const APPRISE = z.strictObject({
  body: z.string().min(1),
  title: z.string().optional(),
  type: z.enum(['info', 'success', 'warning', 'failure']),
  format: z.enum(['text', 'markdown', 'html']),
  tag: z.string().optional(),
});

const STYLES: readonly Style[] = [
  { language: 'en', pageUrl: null },
  { language: 'pt-BR', pageUrl: 'https://watchdog.example/base' },
];
const HOSTILE = ['', '\u0000\u202e<b>&', '😀'.repeat(9_000), 'ção '.repeat(9_000)];
const NONE = new Masks(() => []);

describe.each<[NotifyFormat, string, z.ZodType]>([
  ['ntfy', 'https://push.example/sub/ops_Team-1', NTFY],
  ['apprise', 'https://apprise.example/notify/ops', APPRISE],
])('what is sent to %s', (format, url, schema) => {
  const settings = receiverSettings({ format, url });

  it.each(NOTIFY_TOPICS)('follows its published schema: %s', (topic) => {
    for (const stage of ['began', 'lasts', 'ended', 'happened'] as const) {
      for (const style of STYLES) {
        for (const text of HOSTILE) {
          const body = bodyOf(render(message(notice({ topic, stage, text, news: null })), settings, NONE, style));
          expect(schema.safeParse(body).error).toBeUndefined();
        }
      }
    }
  });
});

it('has nothing for Apprise that it would take for a mention of Discord or Slack, and call everyone', () => {
  const facts: InstanceFacts = {
    ...{ displayName: '@everyone <!channel> <@U123>', phoneNumberId: '1', labels: { unit: '@here' } },
    ...{ cause: 'disconnected', detail: '<!subteam^S1>', next: { type: 'only_probe', why: 'needs_human' } },
  };
  const style: Style = { language: 'en', pageUrl: null };
  const body = bodyOf(render(message(notice({ facts })), receiverSettings({ format: 'apprise' }), NONE, style));
  expect(JSON.stringify(body)).toContain('everyone');
  expect(JSON.stringify(body)).not.toMatch(/@\w|<[!@#]/);
});

it.each(['है', '漢', '😀'])(
  'shortens the names of ntfy, not what to do, where a list in another script is too long: %s',
  (sign) => {
    const listed = (index: number): Notice =>
      notice({
        ...{ topic: 'needs_human', name: `n${index}` },
        facts: {
          ...{ displayName: `${index} ${sign.repeat(96 / sign.length)}`, phoneNumberId: `${index}`, labels: {} },
          ...{ cause: 'pairing_required', detail: null, next: { type: 'only_probe', why: 'needs_human' } },
        },
        news: null,
      });
    const many = Array.from({ length: 19 }, (_, index) => listed(index + 1));
    const settings = receiverSettings({ format: 'ntfy', url: 'https://ntfy.example/ops' });
    const given = { ...message(listed(0), ...many), count: 50 };
    const body = NTFY.parse(bodyOf(render(given, settings, NONE, { language: 'en', pageUrl: null })));
    const lines = body.message.split('\n');
    expect(lines).toHaveLength(24);
    expect(lines.slice(0, 20).every((line, index) => line.startsWith(`${index} ${sign}`) && line.endsWith('…'))).toBe(
      true,
    );
    expect(lines.slice(20).join('\n')).toMatch(/^and 30 more\nWhat to do: .*phone\.\nThe watchdog .*\n.* UTC$/);
  },
);

it('has a text for ntfy that is short enough however many lines it has', () => {
  const template = { title: null, text: '漢\n'.repeat(1_700) };
  const settings = receiverSettings({ format: 'ntfy', url: 'https://ntfy.example/ops', template });
  const body = NTFY.parse(bodyOf(render(message(notice()), settings, NONE, { language: 'en', pageUrl: null })));
  expect(body.message).toMatch(/^(漢\n)+.*…$/);
});

it('has no title for ntfy that it would decode as a header of a mail, and so make a link or hide text', () => {
  const word = '=?utf-8?q?https=3A=2F=2Fevil=2Eexample?=';
  const facts: InstanceFacts = {
    ...{ displayName: `==??${word}`, phoneNumberId: '1', labels: {} },
    ...{ cause: 'disconnected', detail: word, next: { type: 'only_probe', why: 'needs_human' } },
  };
  const style: Style = { language: 'en', pageUrl: null };
  const templates = [
    null,
    { title: '{{displayName}} {{detail}}', text: null },
    { title: '=?utf-8?q?=41?=', text: null },
  ];
  for (const template of templates) {
    const settings = receiverSettings({ format: 'ntfy', url: 'https://ntfy.example/ops', template });
    const { title } = NTFY.parse(bodyOf(render(message(notice({ facts })), settings, NONE, style)));
    expect(title).toContain('utf-8');
    expect(title).not.toContain('=?');
  }
});

it('counts an answer of Apprise that nobody got the message as a refusal, which may pass', () => {
  const nobody = { status: 204, retryAfter: null, body: '' };
  expect(judge(nobody, NONE, 0, 'apprise')).toMatchObject({
    reason: expect.stringContaining('no services') as unknown,
  });
  expect(judge(nobody, NONE, 0, 'apprise')?.final).toBe(false);
  expect(judge({ ...nobody, status: 200 }, NONE, 0, 'apprise')).toBeNull();
  expect(judge(nobody, NONE, 0, 'standard')).toBeNull();
});

function bodyOf(rendered: ReturnType<typeof render>): unknown {
  if (!('body' in rendered)) throw new Error('it is not sent as a body');
  return JSON.parse(rendered.body);
}
