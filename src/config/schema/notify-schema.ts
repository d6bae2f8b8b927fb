import { z } from 'zod';
import { MACHINE_FORMATS, NOTIFY_FORMATS, NOTIFY_TOPICS, SEVERITIES, USUAL_TOPICS } from '../../core/notification.ts';
import { fileOf, notTogether } from './paired-keys.ts';
import { durationText, fileText, mistake, nameText, patternText, proxyText, timezoneText } from '../values/scalars.ts';
import { templateMistake } from '../values/template-text.ts';

const URL_REMEDY =
  'Write "${NAME}" and set that environment variable to what the receiver gave you, https://host/path.';
const KEY_REMEDY = 'Write whsec_ and the base64 of 24 to 64 random bytes, such as from: openssl rand -base64 32.';

function isMailUrl(text: string): boolean {
  return /^smtps?:/.test(text);
}

/** Why a text cannot be the URL of a receiver; null when it can. It is a secret, so no message shows any of it. */
export function webhookUrlMistake(text: string): string | null {
  if (!/^(https?|smtps?):\/\/[^\s/]\S*$/.test(text) || !URL.canParse(text)) return 'is not a web address';
  if (isMailUrl(text)) return null;
  const { username, password } = new URL(text);
  return username === '' && password === '' ? null : 'holds a user name or a password';
}

/** Why a text cannot be the key of a signature; null when it can. */
export function signingKeyMistake(text: string): string | null {
  const base64 = text.replace(/^whsec_/, '');
  const isBase64 = /^[A-Za-z0-9+/]+={0,2}$/.test(base64) && base64.length % 4 === 0;
  const bytes = isBase64 ? Buffer.from(base64, 'base64').length : 0;
  return bytes >= 24 && bytes <= 64 ? null : 'is not a key of 24 to 64 bytes in base64';
}

const ADDRESS = /^(?:[^<>@\s,]+@[^<>@\s,]+|[^<>@\r\n,"]{1,100}<[^<>@\s,]+@[^<>@\s,]+>)$/;

function mailAddress() {
  return patternText(
    ADDRESS,
    '{value} is not an address of mail',
    'Write ops@example.org or Watchdog <ops@example.org>.',
  );
}

function timeOfDay(description: string) {
  return z
    .string()
    .transform((text, ctx) => {
      const [, hour, minute] = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(text) ?? [];
      if (hour !== undefined && minute !== undefined) return Number(hour) * 60 + Number(minute);
      mistake(ctx, '{value} is not a time of day', 'Write hours and minutes, in quotes, such as "22:00".');
      return z.NEVER;
    })
    .meta({ description });
}

const quiet = z
  .strictObject({
    from: timeOfDay('When they begin, such as "22:00", in `timezone`.'),
    to: timeOfDay('When they end; before `from`: on the next day.'),
    severities: z
      .array(z.enum(SEVERITIES))
      .min(1)
      .default(['warning', 'info'])
      .meta({ description: 'Messages of these severities wait until the hours are over.' }),
  })
  .refine(({ from, to }) => from !== to, {
    error: 'is when they begin, so that they would never end',
    path: ['to'],
    params: { remedy: 'Write another time, or remove quiet.' },
  });

/** Whether an address of ntfy has a topic; what is no such address at all is reported as that. */
function namesTopic(url: string): boolean {
  return webhookUrlMistake(url) !== null || isMailUrl(url) || TOPIC.test(new URL(url).pathname);
}

/** What an ntfy server takes as the name of a topic: the last part of the path. */
const TOPIC = /\/[-_A-Za-z0-9]{1,64}\/?$/;

function templateText(description: string) {
  return z
    .string()
    .min(1)
    .max(4_000)
    .superRefine((text, ctx) => {
      const found = templateMistake(text);
      if (found !== null) mistake(ctx, found.message, found.remedy);
    })
    .nullable()
    .default(null)
    .meta({ description });
}

const template = z.strictObject({
  title: templateText('Title, or subject; null: ours.'),
  text: templateText('Text below it; null: ours.'),
});

const flapping = z.strictObject({
  changes: z.int().min(2).max(1_000).default(6).meta({
    description:
      'An instance that goes down or comes back this often within `within` flaps; so does an incident of an account or a gateway that begins or ends this often.',
  }),
  within: durationText({
    description: 'The window that is looked at; also how long nothing must change for the flapping to end.',
  }).prefault('1h'),
});

/** Where messages are sent. */
export function webhookUrl() {
  return z.string().refine((text) => webhookUrlMistake(text) === null, {
    error: 'is not a web address without user name and password',
    params: { remedy: URL_REMEDY },
  });
}

/** A key that signs requests. */
export function signingKey() {
  return z.string().refine((text) => signingKeyMistake(text) === null, {
    error: 'is not a key of 24 to 64 bytes in base64',
    params: { remedy: KEY_REMEDY },
  });
}

/** One receiver of notifications as users write it. */
export const receiver = z
  .strictObject({
    name: nameText({ description: 'Unique name of the receiver in logs.' }),
    url: webhookUrl().optional().meta({
      description:
        'Where messages are sent: a web address, or smtp://user:password@host:587 (smtps:// with TLS from the start) for mail. It is a secret, best written as "${NAME}". Excludes `urlFile`.',
      secret: true,
    }),
    urlFile: fileText({ description: 'File that holds `url`, relative to this file.' }).optional(),
    format: z.enum(NOTIFY_FORMATS).default('cloudevents').meta({
      description:
        'Format of messages: CloudEvents 1.0, Standard Webhooks or alerts of Alertmanager, for machines; or that of a chat, mail, ntfy, or the API of Apprise, which leads to a hundred others.',
    }),
    contentType: z.enum(['application/json', 'application/cloudevents+json']).default('application/json').meta({
      description:
        'Media type of the format cloudevents. n8n and most others read JSON under its own name only; SDKs of CloudEvents want the other one.',
    }),
    chatId: patternText(
      /^(-?\d{1,20}|@\w{1,64})$/,
      '{value} is not a chat of Telegram',
      'Write the number of the chat, such as "-1001234567890", or "@channel".',
    )
      .nullable()
      .default(null)
      .meta({ description: 'The chat of a telegram receiver; other formats have none.' }),
    from: mailAddress().nullable().default(null).meta({ description: 'Sender of mail; other formats have none.' }),
    to: z
      .array(mailAddress())
      .max(50)
      .default([])
      .meta({ description: 'Recipients of mail; other formats have none.' }),
    token: z.string().min(1).max(4_000).nullable().default(null).meta({
      description: 'Sent as bearer token, as ntfy and proxies require it; null: none. Excludes `tokenFile`.',
      secret: true,
    }),
    tokenFile: fileOf('token'),
    timezone: timezoneText({ description: 'IANA zone' }).nullable().default(null).meta({
      description: 'IANA time zone of the times in messages and of `quiet`; null: `timezone` of the config.',
    }),
    template: template.nullable().default(null).meta({
      description:
        'Title and text of messages to people, as mustache templates, such as {{displayName}} or {{#remedy}}…{{/remedy}} (docs/notifications.md); null: our words.',
    }),
    quiet: quiet.nullable().default(null).meta({
      description: 'Hours of each day in which messages wait until the end of these hours; null: none.',
    }),
    secret: signingKey().nullable().default(null).meta({
      description: 'Key that signs requests as in Standard Webhooks; null: they are not signed.',
      secret: true,
    }),
    secretFile: fileOf('secret'),
    proxy: proxyText('this receiver'),
    events: z
      .array(z.enum(NOTIFY_TOPICS))
      .min(1)
      .default([...USUAL_TOPICS])
      .meta({ description: `Events that are sent: ${NOTIFY_TOPICS.join(', ')}.` }),
    accounts: z.array(z.string()).default([]).meta({
      description: 'Only events of these accounts, and of the watchdog itself; none: events of all accounts.',
    }),
    groupWait: durationText(
      { description: 'Time for which events are collected; those of one kind become one message. Chats only.' },
      { orZero: true },
    ).prefault('10s'),
    remindEvery: durationText({ description: 'Time between reminders.' })
      .nullable()
      .prefault('4h')
      .meta({ description: 'Time between reminders of an incident that lasts; null: none.' }),
    flapping: flapping.prefault({}).nullable().meta({
      description:
        'When an instance, or an incident of many, counts as flapping: its messages are then held back, and one incident is sent in their place; null: never.',
    }),
    timeout: durationText({ description: 'Deadline of one request.' }).prefault('10s'),
    giveUpAfter: durationText({
      description: 'A message that cannot be delivered within this time is dropped and counted.',
    }).prefault('1h'),
  })
  .check(notTogether('url', 'urlFile'), notTogether('secret', 'secretFile'), notTogether('token', 'tokenFile'))
  .refine(({ url, urlFile }) => url !== undefined || urlFile !== undefined, {
    error: 'has neither "url" nor "urlFile"',
    params: { remedy: 'Add url: "${NAME}" and set that environment variable, or name a urlFile.' },
    when: ({ value }) => typeof value === 'object' && value !== null && !('url' in value) && !('urlFile' in value),
  })
  .refine(({ format, chatId }) => (format === 'telegram') === (chatId !== null), {
    error: 'is required by the format telegram, and allowed only there',
    path: ['chatId'],
    params: { remedy: 'Add chatId: "-100…" to a telegram receiver; remove it from others.' },
  })
  .refine(({ format, from, to }) => (format === 'email') === (from !== null && to.length > 0), {
    error: 'is required by the format email, with "to", and allowed only there',
    path: ['from'],
    params: { remedy: 'Add from: and to: to a receiver of mail; remove them from others.' },
  })
  .refine(({ format, url }) => url === undefined || isMailUrl(url) === (format === 'email'), {
    error: 'does not fit the format',
    path: ['url'],
    params: { remedy: 'Mail needs smtp:// or smtps://, every other format http:// or https://.' },
  })
  .refine(({ format, url }) => format !== 'ntfy' || url === undefined || namesTopic(url), {
    error: 'names no topic of ntfy',
    path: ['url'],
    params: { remedy: 'Write the topic behind the address of the server, such as https://ntfy.example.org/my-topic.' },
  })
  .refine(
    ({ format, template: own, quiet: hours }) => !MACHINE_FORMATS.has(format) || (own === null && hours === null),
    {
      error: 'is for people: a receiver for machines has neither "template" nor "quiet"',
      path: ['format'],
      params: { remedy: 'Remove them, or choose a format for people.' },
    },
  );

export type ReceiverInput = z.output<typeof receiver>;
