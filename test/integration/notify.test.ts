import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { readFileSync, writeFileSync } from 'node:fs';
import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import { bodyOf, listenHttp } from '../gateway/wire.ts';
import { Lookout } from './lookout.ts';
import { runDaemon, simulate, TOKEN, writeConfig } from './harness.ts';

interface Delivery {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

type Answer = (response: ServerResponse) => void;
const takes: Answer = (response) => response.writeHead(204).end();
const fails: Answer = (response) => response.writeHead(500).end('out of order');
const hangs: Answer = () => undefined;

const SECRET_PATH = '/hook/hunter2-0123456789-secret';

/** A real receiver, which ends with the test. Its answers can be changed; it remembers what it took. */
async function startReceiver(first: Answer) {
  let answer = first;
  let asked = 0;
  const taken: Delivery[] = [];
  const lookout = new Lookout();
  const { url } = await listenHttp((request, response) => {
    void bodyOf(request).then((body) => {
      asked += 1;
      if (answer === takes) taken.push({ headers: request.headers, body });
      answer(response);
      lookout.look();
    });
  });
  return {
    url: url + SECRET_PATH,
    taken,
    asked: () => asked,
    become(next: Answer) {
      answer = next;
    },
    until: (isSo: () => boolean) => lookout.until(isSo),
  };
}

const events = (deliveries: readonly Delivery[], name: string): string[] =>
  deliveries
    .map(({ body }) => JSON.parse(body) as { type: string; subject?: string })
    .filter(({ subject }) => subject === name)
    .map(({ type }) => type.replace('smileapi-watchdog.', ''));

const SECRET = 'whsec_aHVudGVyMmh1bnRlcjJodW50ZXIyaHVudGVyMg==';
const WANTED = ['down', 'healed'];

describe('while fifty instances fail', () => {
  it('a receiver that hangs and one that answers 500 get each event when they are back; nothing waits for them', async () => {
    const names = Array.from({ length: 50 }, (_, index) => `55119000000${String(index).padStart(2, '0')}`);
    const simulator = await simulate(Object.fromEntries(names.map((name) => [name, 'connected'])));
    const [good, broken, slow] = [await startReceiver(takes), await startReceiver(fails), await startReceiver(hangs)];
    const receiver = (name: string, url: string, timeout = '10s') => ({
      name,
      url,
      secret: SECRET,
      events: WANTED,
      timeout,
    });
    // On a busy machine an answer may come too late, and the same message a second time.
    const hasAll = ({ taken }: { taken: readonly Delivery[] }): boolean =>
      names.every((name) => events(taken, name).includes('healed'));
    const daemon = await runDaemon(
      writeConfig(simulator, {
        top: {
          notify: [receiver('good', good.url), receiver('broken', broken.url), receiver('slow', slow.url, '500ms')],
        },
      }),
    );
    await Promise.all(names.map((name) => daemon.phase(name, 'healthy')));
    for (const name of names) {
      simulator.set(name, {
        probe: 'disconnected',
        onRestart: [{ answers: 'accepted', effect: { after: 0, becomes: 'connected' } }],
      });
    }
    // All fifty are found, restarted and healed, and the good receiver knows, while the others have taken nothing.
    await Promise.all(names.map((name) => daemon.seen((event) => event.type === 'healed' && event.name === name)));
    await good.until(() => hasAll(good));
    await broken.until(() => broken.asked() > 0);
    await slow.until(() => slow.asked() > 0);
    expect([broken.taken, slow.taken]).toEqual([[], []]);

    broken.become(takes);
    slow.become(takes);
    await broken.until(() => hasAll(broken));
    await slow.until(() => hasAll(slow));
    for (const { taken } of [good, broken, slow]) {
      for (const name of names) expect([...new Set(events(taken, name))]).toEqual(['down', 'healed']);
      for (const { headers, body } of taken) new Webhook(SECRET).verify(body, headers as Record<string, string>);
    }
    expect(await metrics(daemon.url)).not.toContain('watchdog_events_dropped_total{sink="notify"}');
    expect(daemon.log()).toContain('notify_failing');
    for (const secret of [TOKEN, SECRET, 'hunter2-0123456789-secret']) expect(daemon.log()).not.toContain(secret);
    // On a slow machine the receivers fail for longer, and are then tried again after up to a minute.
  }, 180_000);
});

describe('notifications', () => {
  const BREAKS = '5511900000001';

  it('notifications reach a chat in its own format, with nothing secret in them', async () => {
    const simulator = await simulate({ [BREAKS]: 'qr', '5511900000002': 'connected' });
    const chat = await startReceiver(takes);
    const notify = [{ name: 'ops', url: chat.url, format: 'slack', groupWait: '0s' }];
    await runDaemon(writeConfig(simulator, { top: { notify } }));
    await chat.until(() => chat.taken.length === 1);
    expect(chat.taken[0]?.body).toContain(`Needs a human: ${BREAKS}`);
    expect(chat.taken[0]?.body).not.toContain(TOKEN);
  });

  it('notifications are not repeated by a restart of the daemon, but the end of an incident is sent', async () => {
    const simulator = await simulate({ [BREAKS]: 'qr' });
    const flow = await startReceiver(takes);
    const notify = [{ name: 'flow', url: flow.url }];
    const file = writeConfig(simulator, { top: { notify } });
    const first = await runDaemon(file);
    await flow.until(() => flow.taken.length === 1);
    await first.stop();
    const second = await runDaemon(file);
    await second.seen(({ type }) => type === 'probe_finished');
    simulator.set(BREAKS, 'connected');
    await flow.until(() => flow.taken.length === 2);
    expect(events(flow.taken, BREAKS)).toEqual(['needs_human', 'recovered']);
  });

  it('waiting notifications go to the corrected URL after a reload', async () => {
    const simulator = await simulate({ [BREAKS]: 'qr' });
    const [wrong, right] = [await startReceiver(fails), await startReceiver(takes)];
    const top = (url: string) => ({ notify: [{ name: 'flow', url }] });
    const file = writeConfig(simulator, { top: top(wrong.url) });
    const daemon = await runDaemon(file);
    await wrong.until(() => wrong.asked() > 0);
    const config = JSON.parse(readFileSync(file, 'utf8')) as object;
    writeFileSync(file, JSON.stringify({ ...config, ...top(right.url) }));
    expect(await daemon.reload('api')).toMatchObject({ ok: true, waitingForRestart: [] });
    await right.until(() => right.taken.length === 1);
    expect(events(right.taken, BREAKS)).toEqual(['needs_human']);
  });

  it('notifications that a dead receiver has not taken when the daemon stops are counted as dropped', async () => {
    const simulator = await simulate({ [BREAKS]: 'qr' });
    const dead = await startReceiver(fails);
    const notify = [{ name: 'dead', url: dead.url }];
    const daemon = await runDaemon(writeConfig(simulator, { top: { notify } }));
    await dead.until(() => dead.asked() > 0);
    await daemon.stop();
    expect(daemon.log()).toContain('notify_dropped');
    expect(daemon.log()).not.toContain('hunter2-0123456789-secret');
  });
});

async function metrics(url: string): Promise<string> {
  return await (await fetch(`${url}/metrics`)).text();
}
