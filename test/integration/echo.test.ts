import { describe, expect, it } from 'vitest';
import type { FleetEvent } from '../../src/core/event.ts';
import type { Simulator } from '../../src/simulator/smileapi-server.ts';
import type { Clock } from '../../src/time/clock.ts';
import { bodyOf, listenHttp } from '../gateway/wire.ts';
import { parseExposition } from '../http/parse-exposition.ts';
import { areStatesInDatabase } from '../postgres/states.ts';
import { pacedClock } from '../simulator/paced-clock.ts';
import { arrival, runDaemon, simulateGateway, TOKEN, writeConfig, type RunningDaemon } from './harness.ts';

const [ANA, BIA] = ['5511999990001', '5511999990002'];
const HOOK_TOKEN = 'hook-token-1';

/** An hour passes within 12 seconds; within 36 where each state is saved in a database. */
const echoClock = (): Clock => (areStatesInDatabase() ? pacedClock(100, 4_000) : pacedClock(300, 2_000));

interface Webhook {
  readonly instance: string;
  readonly data: { readonly key: { readonly remoteJid: string }; readonly message: { readonly conversation: string } };
}

/**
 * An Evolution API of two numbers whose webhooks reach the daemon, and a daemon that has the first send the second a message every
 * five minutes.
 */
async function start(activity: object): Promise<{
  readonly simulator: Simulator;
  readonly daemon: RunningDaemon;
  readonly webhooks: readonly Webhook[];
}> {
  const webhooks: Webhook[] = [];
  let deliver = (_: string): Promise<unknown> => Promise.resolve();
  const relay = await listenHttp((request, response) => {
    void bodyOf(request).then(async (body) => {
      webhooks.push(JSON.parse(body) as Webhook);
      await deliver(body);
      response.end();
    });
  });
  const simulator = await simulateGateway('evolution', [ANA, BIA], `${relay.url}/`);
  const file = writeConfig(simulator, {
    account: { gateway: 'evolution', username: undefined, hookToken: HOOK_TOKEN },
    defaults: {
      probe: { every: '1m', retryEvery: '30s', recoverEvery: '30s', timeout: '1m' },
      restart: { grace: '10m', cooldown: '1m', retries: 0, timeout: '1m' },
      activity: { silentAfter: '1h', ...activity },
    },
    top: {
      instances: [
        { account: 'acme', id: ANA, activity: { echo: { every: '5m', to: BIA } } },
        { account: 'acme', id: BIA },
      ],
    },
  });
  const daemon = await runDaemon(file, { TOKEN }, echoClock());
  const url = `${daemon.url}/api/v1/hooks/gateway?token=${HOOK_TOKEN}`;
  const headers = { 'content-type': 'application/json' };
  deliver = (body) => fetch(url, { method: 'POST', headers, body });
  return { simulator, daemon, webhooks };
}

const began = (event: FleetEvent): boolean => event.type === 'silence_began' && event.name === ANA;

async function echoes(daemon: RunningDaemon): Promise<Readonly<Record<string, number>>> {
  const text = await (await fetch(`${daemon.url}/metrics`)).text();
  const samples = parseExposition(text).filter(({ name }) => name === 'watchdog_echoes_total');
  return Object.fromEntries(samples.map(({ labels, value }): [string, number] => [labels['outcome'] ?? '', value]));
}

/** Resolves when both messages of the first ten minutes have come back, if not more. */
async function heardTwice(daemon: RunningDaemon): Promise<void> {
  await expect.poll(async () => (await echoes(daemon))['returned']).toBeGreaterThanOrEqual(2);
}

/** Of all requests that the gateway got, those that are neither probes nor messages. */
function others(simulator: Simulator): readonly string[] {
  return simulator
    .log()
    .map(({ method, path }) => `${method} ${path}`)
    .filter((request) => !/^(GET \/instance\/connectionState|POST \/message\/sendText)\/\d+$|^GET \/$/.test(request));
}

describe('a message by which an instance is to be heard', () => {
  it('goes through gateway and webhook and shows life; where it is missing the instance is silent, and nothing else is done', async () => {
    const { simulator, daemon, webhooks } = await start({});
    await heardTwice(daemon);
    expect(await echoes(daemon)).toEqual({ returned: webhooks.length });
    expect([...new Set(webhooks.map(({ instance }) => instance))]).toEqual([BIA]);
    for (const { data } of webhooks) {
      expect(data.key.remoteJid).toBe(`${ANA}@s.whatsapp.net`);
      expect(data.message.conversation).toMatch(/^watchdog-echo-[0-9a-f]{16}$/);
    }
    expect(simulator.counts(ANA).restarts).toBe(0);

    simulator.deaf.add(ANA);
    await daemon.next(began);
    const shown = (await daemon.api(`/api/v1/instances/${ANA}`)) as { phase: string; activity: object };
    expect(shown).toMatchObject({ phase: 'healthy', activity: { silentSince: expect.any(String) as unknown } });
    // It is sent on, so that the end is seen as soon.
    await arrival(simulator, 1, { kind: 'other', id: ANA });
    simulator.deaf.delete(ANA);
    const ended = await daemon.next((event) => event.type === 'silence_ended');
    expect(ended).toMatchObject({ name: ANA, why: 'activity' });
    expect(others(simulator)).toEqual([]);
    expect(daemon.log()).not.toContain('"restart_started"');
  });

  it('has a silent instance restarted once where that is wanted, however long it stays deaf', async () => {
    const { simulator, daemon } = await start({ restart: true });
    await heardTwice(daemon);
    simulator.deaf.add(ANA);
    await daemon.next(began);
    const restarted = await daemon.seen((event) => event.type === 'restart_started');
    expect(restarted).toMatchObject({ name: ANA, intent: { trigger: 'silence' } });
    await daemon.phase(ANA, 'restarting');
    await daemon.next((event) => event.type === 'healed' && event.name === ANA);
    await arrival(simulator, 2, { kind: 'other', id: ANA });
    expect(others(simulator)).toEqual([`POST /instance/restart/${ANA}`]);
    expect((await echoes(daemon))['missing']).toBeGreaterThan(0);
  });
});
