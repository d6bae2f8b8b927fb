import { describe, expect, it } from 'vitest';
import { hasPostgres, sharedPostgres } from '../postgres/server.ts';
import { tcpProxy } from '../postgres/tcp-proxy.ts';
import { arrival, FAST, LONG_COOLDOWN, runDaemon, runProcess, simulate, TOKEN, writeConfig } from './harness.ts';
import { healedOnce, NEIGHBOUR, outageWithoutRestart, probesWithoutState, SICK } from './trouble.ts';

/** A restart that comes before the lease is renewed is not sent, and the next one waits for the cooldown. */
const SOON_AGAIN = { defaults: { ...FAST, restart: { ...FAST.restart, cooldown: '3s' } }, leaseFor: '3s' };

/** A fleet of two whose state is in an empty database behind a proxy. */
async function fleet(
  sick: 'connected' | 'disconnected' | 'restart_lies',
  { defaults = LONG_COOLDOWN, leaseFor = '30s', ...top }: { defaults?: object; leaseFor?: string; api?: object } = {},
) {
  const server = await sharedPostgres();
  const database = (await server.database()).replace(/.*\//, '');
  const proxy = await tcpProxy(server.port);
  const simulator = await simulate({ [SICK]: sick, [NEIGHBOUR]: 'connected' });
  const url = server.url(database, proxy.port).replace('postgres@', 'postgres:hunter2@');
  const state = { state: { url: '${DATABASE_URL}' }, cluster: { leaseFor } };
  const file = writeConfig(simulator, { defaults, top: { ...state, ...top } });
  /** As if nobody had renewed them for longer than they last. */
  const endLeases = () => server.sql("update watchdog.lease set until = now() - interval '1 s'", database);
  return { proxy, simulator, file, env: { TOKEN, DATABASE_URL: url }, endLeases };
}

describe.skipIf(!hasPostgres())('a daemon with its state in PostgreSQL', { timeout: 120_000 }, () => {
  it('goes on probing while the database is away, says so, restarts nothing, and restarts once it is back', async () => {
    const { proxy, simulator, file, env } = await fleet('connected', SOON_AGAIN);
    const daemon = await runDaemon(file, env);
    await Promise.all([SICK, NEIGHBOUR].map((name) => daemon.phase(name, 'healthy')));
    proxy.set('cut');
    await outageWithoutRestart(daemon, simulator);
    expect(await daemon.api('/api/v1/status')).toMatchObject({ unsaved: 1 });
    proxy.set('fair');
    await healedOnce(daemon, simulator);
    expect(daemon.log()).not.toContain('hunter2');
  });

  it('starts without the database, and finds it by itself', async () => {
    const { proxy, simulator, file, env } = await fleet('disconnected', SOON_AGAIN);
    proxy.set('cut');
    const daemon = await runDaemon(file, env);
    await probesWithoutState(daemon, simulator, 'PostgreSQL', 'It is tried again');
    expect(await daemon.api('/api/v1/status')).toMatchObject({ durable: false });
    proxy.set('fair');
    await daemon.line('"event":"state_found"');
    await healedOnce(daemon, simulator);
  });

  it('watches nothing while another one owns the accounts, and takes over with its cooldowns when that is killed', async () => {
    const { simulator, file, env, endLeases } = await fleet('restart_lies');
    const first = runProcess(['run', '-c', file], env);
    await first.line('"event":"restart_finished"');
    const second = await runDaemon(file, env);
    expect(await second.api('/api/v1/status')).toMatchObject({ durable: true });
    expect(second.log()).not.toContain(SICK);
    await first.end('SIGKILL');
    await endLeases();
    await second.line('"event":"accounts_claimed"', 'no longer renewed');
    await second.line('"hold":"cooldown"', SICK);
    await arrival(simulator, 5, { kind: 'probe', id: SICK });
    expect(simulator.counts(SICK).restarts).toBe(1);
  });

  it('makes the restarts that the command asks for', async () => {
    const { simulator, file, env } = await fleet('connected', { api: { token: 'token-of-the-api' } });
    const alone = runProcess(['restart', '-c', file, SICK, '--json'], env);
    expect(await alone.exit).toBe(0);
    const daemon = await runDaemon(file, env);
    const args = ['restart', '-c', file, SICK, '--json', '--url', daemon.url];
    expect(await runProcess(args, env).exit).toBe(1);
    expect(await runProcess([...args, '--force'], env).exit).toBe(0);
    expect(simulator.counts(SICK).restarts).toBe(2);
  });
});
