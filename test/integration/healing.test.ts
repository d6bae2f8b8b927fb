import { describe, expect, it } from 'vitest';
import { listenHttp } from '../gateway/wire.ts';
import { PRESETS, type Preset } from '../../src/simulator/instance/behaviour.ts';
import { FAST, metric, runQuickly, simulate, TOKEN, watchQuickly, writeConfig } from './harness.ts';

interface View {
  phase: string;
  remedy: string | null;
  lastProbe: { verdict: string; cause: string; detail: string | null };
  restart: { attempt: number; holds: string[]; last: { outcome: string; healed: boolean; httpStatus: number } | null };
}

describe('against a SmileAPI over real HTTP', () => {
  it('restarts an instance that goes disconnected once, counts it as healed by probes, and never touches its neighbour', async () => {
    const { simulator, daemon } = await watchQuickly({ '5511900000001': 'connected', '5511900000002': 'connected' });
    await daemon.phase('5511900000001', 'healthy');
    await daemon.phase('5511900000002', 'healthy');
    simulator.set('5511900000001', {
      probe: 'disconnected',
      onRestart: [{ answers: 'accepted', effect: { after: 0, becomes: 'connected' } }],
    });
    await daemon.seen(({ type }) => type === 'healed');
    expect(simulator.counts('5511900000001').restarts).toBe(1);
    expect(simulator.counts('5511900000002').restarts).toBe(0);
    const view = (await daemon.api('/api/v1/instances/5511900000001')) as View;
    expect(view).toMatchObject({
      phase: 'healthy',
      restart: { attempt: 1, last: { outcome: 'accepted', healed: true, httpStatus: 200 } },
    });
  });

  it('sends exactly the documented requests', async () => {
    const { simulator, daemon } = await watchQuickly({ '5511900000001': 'disconnected' });
    await daemon.seen(({ type }) => type === 'healed');
    const [probe, restart] = [
      simulator.log().find(({ kind }) => kind === 'probe'),
      simulator.log().find(({ kind }) => kind === 'restart'),
    ];
    expect(probe).toMatchObject({ method: 'GET', path: '/acme/v1/5511900000001/instance' });
    expect(restart).toMatchObject({ method: 'POST', path: '/acme/v1/5511900000001/instance/restart' });
    for (const request of [probe, restart]) {
      expect(request?.headers).toMatchObject({ authorization: `Bearer ${TOKEN}`, accept: 'application/json' });
    }
    expect(restart?.headers['content-length'] ?? '0').toBe('0');
  });

  const ofItsAccount = 'what holds for its whole account';
  it.each<[what: string, Partial<Record<Preset, [phase: string, cause: string, remedy: string]>>]>([
    [
      'what is wrong with an instance',
      {
        qr: ['needs_human', 'pairing_required', 'QR'],
        banned: ['needs_human', 'banned', 'blocked'],
        not_found: ['needs_human', 'not_found', 'phoneNumberId'],
        html: ['unknown', 'not_the_gateway', 'sign in there'],
        unknown_state: ['unknown', 'unknown_state', 'stateWords'],
      },
    ],
    [ofItsAccount, { unauthorized: ['needs_human', 'unauthorized', 'token'] }],
    [ofItsAccount, { rate_limited: ['unknown', 'rate_limited', 'requestsPerSecond'] }],
  ])('never restarts what a restart cannot mend, and says what can: %s', async (_what, expected) => {
    const presets = Object.keys(expected) as Preset[];
    const { simulator, daemon } = await watchQuickly(Object.fromEntries(presets.map((preset) => [preset, preset])));
    for (const preset of presets) {
      const [phase = '', cause, remedy] = expected[preset] ?? [];
      let probes = 0;
      await daemon.seen(
        (event) =>
          event.type === 'probe_finished' &&
          event.name === preset &&
          event.cause === cause &&
          (probes += 1) >= (preset === 'rate_limited' ? 1 : 3),
      );
      const view = (await daemon.api(`/api/v1/instances/${preset}`)) as View;
      expect(view).toMatchObject({
        phase,
        lastProbe: { cause },
        remedy: expect.stringContaining(remedy!) as unknown,
      });
    }
    expect(simulator.requests().restarts).toBe(0);
    expect(simulator.log().filter(({ kind }) => kind === 'restart')).toEqual([]);
  });

  it('calls nothing in a dry run', async () => {
    const { simulator, daemon } = await watchQuickly({ '1190000': 'disconnected' }, { top: { dryRun: true } });
    await daemon.seen((event) => event.type === 'restart_held' && event.hold === 'dry_run');
    await daemon.seen(
      (event) => event.type === 'probe_finished' && daemon.watchdog.fleet.instances.get('1190000')!.state.failures > 10,
    );
    expect(simulator.requests().restarts).toBe(0);
  });

  it('says that only reachability is watched, once per account, when the answer names no state', async () => {
    const { daemon } = await watchQuickly({ '1190000': 'stateless', '1190001': 'stateless' });
    await daemon.phase('1190000', 'healthy');
    await daemon.phase('1190001', 'healthy');
    expect(daemon.log().match(/only reachability/gi)).toHaveLength(1);
  });

  it('probes with the words of the account: statePath and stateWords', async () => {
    const answer = (word: string) => ({
      ...PRESETS.connected,
      probe: { httpStatus: 200, body: JSON.stringify({ status: 200, wa: { link: word } }) },
    });
    const { daemon } = await watchQuickly(
      { '1190001': answer('on air'), '1190002': answer('asleep') },
      {
        account: { statePath: 'wa.link', stateWords: { 'on air': 'healthy', asleep: 'needs_human/pairing_required' } },
        defaults: { ...FAST },
      },
    );
    await daemon.phase('1190001', 'healthy');
    await daemon.phase('1190002', 'needs_human');
  });

  it('measures how late its event loop is', async () => {
    const { daemon } = await watchQuickly({ '1190000': 'connected' });
    await expect.poll(() => metric(daemon, 'watchdog_event_loop_delay_seconds_count')).toBeGreaterThan(0);
  });

  it('gives a sign of life to an outside dead-man switch, whose address is shown nowhere', async () => {
    let asked = 0;
    let enough: () => void = () => undefined;
    const signs = new Promise<void>((resolve) => (enough = resolve));
    const outside = await listenHttp((request, response) => {
      expect([request.method, request.url]).toEqual(['GET', '/ping/secret-id']);
      asked += 1;
      if (asked === 3) enough();
      response.end();
    });
    const url = `${outside.url}/ping/secret-id`;
    const { daemon } = await watchQuickly({ '1190000': 'connected' }, { top: { heartbeat: { url, every: '1s' } } });
    await signs;
    await daemon.stop();
    expect(daemon.log()).not.toContain('secret-id');
  });

  it.each(['hanging', 'server_error'] as const)(
    'takes %s of all instances for one outage of the gateway: no restart, one line, one metric, and no burst after it',
    async (preset) => {
      const ids = Array.from({ length: 8 }, (_, index) => `119000${index}`);
      const simulator = await simulate(Object.fromEntries(ids.map((id) => [id, 'connected'] as const)));
      // Fewer than are sick may be restarted, so the storm that this is as well has something to report.
      const top = { guard: { startup: '0s', maxUnhealthy: '40%', stormCooldown: '1s' } };
      const file = writeConfig(simulator, { defaults: { ...FAST, probe: { ...FAST.probe, timeout: '300ms' } }, top });
      const daemon = await runQuickly(file);
      for (const id of ids) await daemon.phase(id, 'healthy');
      const gauge = async (name: string): Promise<string | undefined> =>
        (await (await fetch(`${daemon.url}/metrics`)).text()).split('\n').find((line) => line.startsWith(`${name}{`));

      simulator.setAll(preset);
      await daemon.seen(({ type }) => type === 'gateway_outage_began');
      for (const id of ids) await daemon.seen(() => daemon.watchdog.fleet.instances.get(id)!.state.failures > 10);
      expect(await gauge('watchdog_gateway_outage')).toBe('watchdog_gateway_outage{account="acme"} 1');
      expect(await gauge('watchdog_storm')).toBe('watchdog_storm{account="acme"} 0');
      const down = (await daemon.api(`/api/v1/instances/${ids[0]!}`)) as View;
      expect(down).toMatchObject({ phase: 'down', restart: { attempt: 0, holds: ['gateway_outage'] } });

      simulator.setAll('connected');
      await daemon.seen(({ type }) => type === 'gateway_outage_ended');
      for (const id of ids) {
        await daemon.seen(() => daemon.watchdog.fleet.instances.get(id)!.state.phase === 'healthy');
      }
      expect(await gauge('watchdog_gateway_outage')).toBe('watchdog_gateway_outage{account="acme"} 0');
      expect(simulator.requests().restarts).toBe(0);
      expect(
        daemon
          .log()
          .match(/"event":"(gateway_outage|storm|restart)_[a-z]+"/gu)
          ?.sort(),
      ).toEqual([
        '"event":"gateway_outage_began"',
        '"event":"gateway_outage_ended"',
        ...ids.map(() => '"event":"restart_held"'),
      ]);
    },
  );
});
