import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { render } from '../../src/notify/formats/render.ts';
import { Masks } from '../../src/redaction/masks.ts';
import { have } from '../deploy/tools.ts';
import { bodyOf, listenHttp } from '../gateway/wire.ts';
import { message, notice, receiverSettings } from './notices.ts';

/** What its HTTP API does with a body, by the library of the real Apprise; exits with 1 where that refuses it. */
const NOTIFY = `
import apprise, json, sys
said = json.load(sys.stdin)
services = apprise.Apprise()
services.add(sys.argv[1])
sent = services.notify(body=said["body"], title=said["title"], notify_type=said["type"], body_format=said["format"])
sys.exit(0 if sent else 1)
`;

interface Body {
  readonly title: string;
  readonly body: string;
  readonly type: string;
}

/** Has Apprise pass a message on to a service of ours; what that gets. */
async function passedOn(text: string): Promise<unknown> {
  let received: unknown = null;
  const { port } = await listenHttp((request, response) => {
    void bodyOf(request).then((body) => {
      received = JSON.parse(body);
      response.end();
    });
  });
  const url = `json://127.0.0.1:${port}`;
  const child = spawn('/usr/bin/python3', ['-c', NOTIFY, url], { stdio: ['pipe', 'inherit', 'inherit'] });
  child.stdin.end(text);
  const [code] = (await once(child, 'exit')) as [number];
  expect(code).toBe(0);
  return received;
}

it.runIf(have('apprise')).each([
  ['began', 'failure'],
  ['ended', 'success'],
] as const)('Apprise passes on what it gets, as it is: a notice that %s', async (stage, type) => {
  const settings = receiverSettings({ format: 'apprise', url: 'https://apprise.example/notify/ops' });
  const text = 'Recepção <b>&amp; *x* is down 😀';
  const given = notice({ stage, name: 'Recepção', text, news: null });
  const style = { language: 'pt-BR', pageUrl: 'https://watchdog.example' } as const;
  const rendered = render(message(given), settings, new Masks(() => []), style);
  const sent = 'body' in rendered ? rendered.body : '';
  const { title, body } = JSON.parse(sent) as Body;
  expect(body).toContain('https://watchdog.example/');
  expect(await passedOn(sent)).toMatchObject({ title, message: body, type });
});
