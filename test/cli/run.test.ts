import { describe, expect, it } from 'vitest';
import { bodyOf, listenHttp } from '../gateway/wire.ts';
import { FAST, simulate, TOKEN, writeConfig } from '../integration/harness.ts';
import { commandLine } from './command-line.ts';

/** The first message of a daemon that runs in this environment, as a receiver gets it. */
async function firstMessage(env: Record<string, string>, top: object = {}): Promise<string> {
  const simulator = await simulate({ '1190000': 'qr' });
  let take: (body: string) => void = () => undefined;
  const message = new Promise<string>((resolve) => (take = resolve));
  const { url } = await listenHttp((request, response) => {
    void bodyOf(request).then((body) => {
      take(body);
      response.end('{}');
    });
  });
  const notify = [{ name: 'phone', url: `${url}/topic`, format: 'ntfy', groupWait: '0s' }];
  const file = writeConfig(simulator, { defaults: FAST, top: { notify, log: { level: 'fatal' }, ...top } });
  const stop = new AbortController();
  const running = commandLine(['run', '-c', file], { TOKEN, ...env }, { stop: stop.signal });
  const found = await message;
  stop.abort();
  expect((await running).exit).toBe(0);
  return found;
}

describe('messages of a daemon', () => {
  it.each<[Record<string, string>, object, string]>([
    [{ LANG: 'pt_BR.UTF-8' }, {}, 'Precisa de alguém: 1190000'],
    [{ LANG: 'pt_BR.UTF-8' }, { lang: 'en' }, 'Needs a human: 1190000'],
    [{ LANG: 'C.UTF-8' }, {}, 'Needs a human: 1190000'],
    [{ LANG: 'C.UTF-8' }, { lang: 'pt-BR' }, 'Precisa de alguém: 1190000'],
  ])('in the environment %o with %o begin with "%s"', async (env, top, title) => {
    expect(await firstMessage(env, top)).toContain(`"title":"${title}"`);
  });
});
