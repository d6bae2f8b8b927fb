import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { expect, it, onTestFinished } from 'vitest';
import { ENGLISH, message, notice, receiverSettings } from '../../../test/notify/notices.ts';
import { Masks } from '../../redaction/masks.ts';
import { judge } from './answer.ts';
import { requestOf, type MailRequest } from './request.ts';
import { mailTransport } from './smtp-transport.ts';

const NONE = new Masks(() => []);

/** A mail server, and what it has taken. */
async function startMailServer(options: SMTPServerOptions = {}) {
  const taken: { readonly from: string; readonly to: readonly string[]; readonly text: string }[] = [];
  const server = new SMTPServer({
    disabledCommands: ['STARTTLS'],
    allowInsecureAuth: true,
    onAuth: ({ username, password }, _, done) =>
      password === 'p@ss' ? done(null, { user: username }) : done(new Error('535 wrong password')),
    onData(stream, { envelope: { mailFrom, rcptTo } }, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const from = mailFrom === false ? '' : mailFrom.address;
        taken.push({ from, to: rcptTo.map(({ address }) => address), text: Buffer.concat(chunks).toString() });
        done();
      });
    },
    ...options,
  });
  server.on('error', () => undefined);
  const { server: listening } = server;
  server.listen(0, '127.0.0.1');
  await once(listening, 'listening');
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
  return { port: (listening.address() as AddressInfo).port, taken };
}

const mailTo = (port: number, login = 'dog:p%40ss@', given = notice()): MailRequest =>
  requestOf(
    message(given),
    receiverSettings({
      ...{ format: 'email', url: `smtp://${login}127.0.0.1:${port}`, timeout: 60_000 },
      ...{ from: 'Watchdog <dog@example.org>', to: ['ana@example.org', 'rui@example.org'] },
    }),
    NONE,
    0,
    { ...ENGLISH, pageUrl: 'https://watchdog.example' },
  ) as MailRequest;
const send = (request: MailRequest) => mailTransport(request, new AbortController().signal);

it('mails a message to everybody, with an urgency, and as one conversation for each incident', async () => {
  const { port, taken } = await startMailServer();
  for (const stage of ['began', 'ended'] as const) {
    expect(judge(await send(mailTo(port, undefined, notice({ stage, id: stage }))), NONE, 0)).toBeNull();
  }
  const [began, ended] = taken;
  expect(began).toMatchObject({ from: 'dog@example.org', to: ['ana@example.org', 'rui@example.org'] });
  const header = (mail: string | undefined, name: string): string | undefined =>
    new RegExp(`^${name}: (.*)$`, 'im').exec(mail ?? '')?.[1]?.trim();
  expect(header(began?.text, 'references')).toBe(header(ended?.text, 'references'));
  expect(header(began?.text, 'message-id')).not.toBe(header(ended?.text, 'message-id'));
  expect([header(began?.text, 'x-priority'), header(ended?.text, 'x-priority')]).toEqual(['1 (Highest)', undefined]);
  expect(began?.text).toContain('https://watchdog.example/#/instance/support');
});

it.each([
  'x\r\nBcc: eve@evil.example\r\n\r\nbody',
  'x\n.\nMAIL FROM:<eve@evil.example>',
  '\u{202e}evil\u{2066} 😀 São João',
  'W'.repeat(2_000),
])('has a hostile name, %j, in one line of its subject and nowhere else', async (displayName) => {
  const { port, taken } = await startMailServer();
  const facts = {
    displayName,
    phoneNumberId: '1',
    labels: {},
    cause: null,
    detail: null,
    next: { type: 'nothing' } as const,
  };
  expect(judge(await send(mailTo(port, undefined, notice({ facts }))), NONE, 0)).toBeNull();
  expect(taken).toMatchObject([{ to: ['ana@example.org', 'rui@example.org'] }]);
  const [head = ''] = taken[0]?.text.split('\r\n\r\n') ?? [];
  const names = head.split(/\r\n(?!\s)/).map((line) => line.split(':')[0]?.toLowerCase());
  expect(names.filter((name) => name === 'subject')).toHaveLength(1);
  expect(names).not.toContain('bcc');
  expect(Math.max(...head.split('\r\n').map((line) => line.length))).toBeLessThan(998);
  // U+202E in the ways of RFC 2047.
  expect(head).not.toMatch(/=E2=80=AE|4oCu/);
});

it.each([
  ['a wrong password, which can be corrected', 'dog:wrong@', {}, false],
  ['a full mailbox, which may be emptied', '', { onRcptTo: refusing(452) }, false],
  ['an unknown mailbox, which is final', '', { onRcptTo: refusing(550) }, true],
] as const)('of %s it says what the server said', async (_, login, options, final) => {
  const { port, taken } = await startMailServer({ authOptional: true, ...options });
  const refusal = judge(await send(mailTo(port, login)), NONE, 0);
  expect(refusal).toMatchObject({ final, reason: expect.stringMatching(/535|452|550/) as unknown });
  expect(refusal?.reason).not.toContain('wrong@');
  expect(taken).toEqual([]);
});

it('names neither the address nor the user when nothing answers, and ends with the signal', async () => {
  const { port } = await startMailServer();
  await expect(send(mailTo(1))).rejects.toThrow(/^no answer of the mail server: E?[A-Z]+$/);
  const hanging = mailTransport(mailTo(port), AbortSignal.abort());
  await expect(hanging).rejects.toThrow('no answer of the mail server');
});

function refusing(code: number): NonNullable<SMTPServerOptions['onRcptTo']> {
  return (_, __, done) => done(Object.assign(new Error(`no such place`), { responseCode: code }));
}
