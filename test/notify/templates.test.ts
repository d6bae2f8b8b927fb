import { describe, expect, it } from 'vitest';
import { ENGLISH, message, notice, receiverSettings } from './notices.ts';
import { NOTIFY_FORMATS, NOTIFY_TOPICS, type NotifyFormat } from '../../src/core/notification.ts';
import type { Message, Notice } from '../../src/notify/notice.ts';
import { inWords, titleOf, type Style } from '../../src/notify/formats/in-words.ts';
import { moodOf } from '../../src/notify/severity.ts';
import { Masks } from '../../src/redaction/masks.ts';
import { withoutLinks } from '../../src/notify/formats/escape.ts';
import { render } from '../../src/notify/formats/render.ts';

const NONE = new Masks(() => []);

const LINKED: Style = { language: 'en', pageUrl: 'https://watchdog.example' };

function rendered(format: NotifyFormat, given: Message = message(notice()), masks = NONE, style = LINKED): unknown {
  const chatId = format === 'telegram' ? '-1001234' : null;
  const url = format === 'ntfy' ? 'https://ntfy.example/ops' : 'https://hooks.example/x';
  const mail = format === 'email' ? { from: 'dog@example.org', to: ['ops@example.org'] } : {};
  const found = render(given, receiverSettings({ format, chatId, url, ...mail }), masks, style);
  return 'body' in found ? JSON.parse(found.body) : found;
}

/** A notice with a text that comes from outside, in the log line and in the words of a chat. */
const says = (detail: string): Notice => {
  const { news } = notice();
  return notice({
    text: `support is down: disconnected (${detail})`,
    fields: { detail },
    news: news === null ? null : ({ ...news, detail } as typeof news),
  });
};

const fleet = (count: number): Message => {
  const notices = Array.from({ length: Math.min(count, 20) }, (_, index) => notice({ name: `n${index}` }));
  return { ...message(notices[0]!, ...notices.slice(1)), count };
};

const HOSTILE =
  '<!channel> <@U123> <https://evil.example|click> @everyone @here @bob /start #ops *bold* _it_ ~s~ `code` ' +
  '[a](https://evil.example) <b>b</b> <a href="tg://user?id=1">x</a> & &amp; \u202eevil\u0007 "quoted" \\';

describe.each(NOTIFY_FORMATS)('the format %s', (format) => {
  it('shows one incident', () => {
    expect(rendered(format)).toMatchSnapshot();
  });

  it('shows its end', () => {
    const news = { type: 'storm_ended', at: 0, account: 'acme', quietUntil: null } as const;
    const about = { topic: 'storm', incident: 'storm:acme', news } as const;
    const ended = notice({ ...about, stage: 'ended', name: null, text: 'storm: over in acme', fields: {} });
    expect(rendered(format, message({ ...ended, at: ended.at + 600_000, level: 'info' }))).toMatchSnapshot();
  });

  it('shows hostile text as text', () => {
    expect(rendered(format, message(says(HOSTILE)))).toMatchSnapshot();
  });

  it('stays within what the service takes, whatever the text', () => {
    for (const text of ['&'.repeat(100_000), '*'.repeat(100_000), '@a '.repeat(100_000), '\u{1f600}'.repeat(50_000)]) {
      const found = rendered(format, message(says(text)));
      const body = JSON.stringify(found);
      // For machines it is in the fields as well, which the core has bounded.
      if (!/cloudevents|standard/.test(format)) expect(Buffer.byteLength(body)).toBeLessThan(70_000);
      for (const length of lengthsOf(withoutFields(found))) expect(length).toBeLessThanOrEqual(LIMITS[format]);
      expect(body).not.toMatch(/\\ud[89ab]../i);
    }
  });

  it('masks secrets, and stays JSON', () => {
    const secret = 'h*nter_2-s3cret';
    const masks = new Masks(() => [secret]);
    const text = `support is down: ${secret} "${secret}"`;
    const hostile = { ...says(text), fields: { detail: [secret] } };
    const body = JSON.stringify(rendered(format, message(hostile), masks));
    expect(body).toMatch(/\*\*\*|\*\\\\\*/);
    expect(body).not.toContain('s3cret');
  });
});

/** Without what the core has bounded already. */
function withoutFields(found: unknown): unknown {
  const { data, ...rest } = found as { data?: { detail?: unknown } };
  return { ...rest, data: { ...data, detail: '' } };
}

const LIMITS: Readonly<Record<NotifyFormat, number>> = {
  cloudevents: 10_000,
  standard: 10_000,
  slack: 3_000,
  discord: 4_096,
  telegram: 20_000,
  alertmanager: 10_000,
  email: 10_100,
  ntfy: 4_000,
  apprise: 3_600,
};

function lengthsOf(value: unknown): number[] {
  if (typeof value === 'string') return [value.length];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(lengthsOf) : [];
}

describe('what affects all accounts of a gateway', () => {
  const ofGateway = (more: Partial<Notice> = {}): Notice =>
    notice({
      ...{ topic: 'storm', name: null, account: null, accounts: ['acme', 'beta'], incident: 'storm:https://g.example' },
      ...{
        text: 'storm: 9 of 12 instances of https://g.example are failing',
        fields: { gateway: 'https://g.example' },
        news: { type: 'storm_began', at: 0, account: 'acme', sick: 9, allowed: 4, watched: 12 },
      },
      ...more,
    });

  it('has the gateway in its title, or stands under it in a list', () => {
    expect(titleOf(message(ofGateway()))).toBe('Storm: https://g.example');
    const two = { ...message(ofGateway(), ofGateway({ fields: { gateway: 'https://h.example' } })), count: 2 };
    expect(titleOf(two)).toBe('Storm: 2 times');
    expect(inWords(two, ENGLISH, 'UTC').lines.slice(0, 2)).toEqual(['https://g.example', 'https://h.example']);
  });

  it.each(['cloudevents', 'standard'] as const)('names the gateway for machines (%s), and no account', (format) => {
    const text = JSON.stringify(rendered(format, message(ofGateway())));
    expect(text).toContain('"gateway":"https://g.example"');
    expect(text).not.toMatch(/acme|beta/);
  });
});

describe('a chat', () => {
  it.each(['slack', 'discord', 'telegram'] as const)('(%s) lists fifty instances in one message', (format) => {
    expect(rendered(format, fleet(50))).toMatchSnapshot();
  });

  it('a Slack message has no text that could be a mention or a link', () => {
    const text = JSON.stringify(rendered('slack', message(says(HOSTILE)), NONE, ENGLISH));
    expect(text).not.toMatch(/[<>]/);
    for (const part of JSON.stringify(rendered('slack', undefined, NONE, ENGLISH)).match(/"type":"mrkdwn"[^}]*/g) ?? [
      '',
    ]) {
      expect(part).toContain('"verbatim":true');
    }
  });

  it('a Discord message mentions nobody, and has every sign of markdown escaped', () => {
    const { allowed_mentions, embeds } = rendered('discord', message(says(HOSTILE))) as {
      allowed_mentions: unknown;
      embeds: { description: string }[];
    };
    expect(allowed_mentions).toEqual({ parse: [] });
    expect(embeds[0]?.description.replaceAll(/\\[^a-z0-9\s]/gi, '')).not.toMatch(/[\\*_~`|<>[\]#@]/);
  });

  it('a Telegram message has no tag but ours, and no mention, command or hashtag', () => {
    const { text } = rendered('telegram', message(says(HOSTILE))) as { text: string };
    expect(text.match(/<[^>]*>/g)).toEqual(['<b>', '</b>']);
    expect(text).not.toMatch(/(?<!\w)[@#]\w|(?<!\S)\/\w/);
  });
});

describe('addresses in a chat', () => {
  it.each([
    ['https://evil.example/login', 'https[:]//evil[.]example/login'],
    ['evil.example, www.Evil.com. a@mail.evil.com', 'evil[.]example, www[.]Evil[.]com. a@mail[.]evil[.]com'],
    ['tg://user?id=1 slack://x', 'tg[:]//user?id=1 slack[:]//x'],
    ['évil.com evil。com xn--a.xn--p1ai 10.0.0.1:80', 'évil[.]com evil[.]com xn--a[.]xn--p1ai 10[.]0[.]0[.]1:80'],
    ['evil.example。x evil.example．1', 'evil[.]example[.]x evil[.]example[.]1'],
    ['evil.भारत evil.ไทย. x', 'evil[.]भारत evil[.]ไทย. x'],
    ['instance.state "x", state.path, 1.5 s, v1.2.3', 'instance.state "x", state.path, 1.5 s, v1.2.3'],
  ])('cannot become links: %s', (text, shown) => {
    expect(withoutLinks(text)).toBe(shown);
  });
});

describe('machines', () => {
  it.each([
    [600, 570],
    [10, 0],
  ])('show an alert of %i s over before its end, because clocks differ, and not before it began', (lasted, shown) => {
    const began = notice();
    const ended = { ...began, stage: 'ended', since: began.at, at: began.at + lasted * 1_000 } as const;
    const [alert] = rendered('alertmanager', message(ended)) as { startsAt: string; endsAt: string }[];
    expect(Date.parse(alert!.endsAt) - Date.parse(alert!.startsAt)).toBe(shown * 1_000);
  });

  it('show for a while what happened at one moment', () => {
    const happened = { ...notice(), stage: 'happened', incident: null, since: null } as const;
    const [alert] = rendered('alertmanager', message(happened)) as { startsAt: string; endsAt: string }[];
    expect(Date.parse(alert!.endsAt) - Date.parse(alert!.startsAt)).toBe(900_000);
  });

  it('get CloudEvents 1.0 with all that it requires', () => {
    const settings = receiverSettings({ format: 'cloudevents' });
    expect(render(message(notice()), settings, NONE, ENGLISH)).toMatchObject({ contentType: 'application/json' });
    const event = rendered('cloudevents') as Record<string, string>;
    for (const name of ['id', 'source', 'specversion', 'type']) expect(event[name]).toMatch(/^\S+$/);
    for (const name of Object.keys(event)) expect(name).toMatch(/^[a-z0-9]{1,20}$/);
  });
});

describe('titles', () => {
  it('exist for every topic and course', () => {
    for (const topic of NOTIFY_TOPICS) {
      for (const course of ['began', 'lasts', 'ended', 'happened'] as const) {
        expect(titleOf(message(notice({ topic, stage: course })))).toMatch(/^[A-Z].+: support$/);
      }
    }
  });

  it('say of what is over that it is good', () => {
    const moods = NOTIFY_TOPICS.map((topic) => moodOf(notice({ topic, stage: 'ended' })));
    expect(new Set(moods)).toEqual(new Set(['good']));
    expect(moodOf(notice({ topic: 'down' }))).toBe('bad');
    expect(moodOf(notice({ topic: 'storm' }))).toBe('worrying');
    expect(moodOf(notice({ topic: 'reset', level: 'info', stage: 'happened' }))).toBe('neutral');
  });
});
