import { expect, it } from 'vitest';
import { PHASES } from '../../src/core/instance/instance.ts';
import { listenHttp } from '../gateway/wire.ts';
import { commandLine } from './command-line.ts';

const NOBODY = Object.fromEntries(PHASES.map((phase) => [phase, 0]));
const at = '2026-01-01T00:00:00.000Z';
const STATUS = {
  ...{
    startedAt: at,
    now: at,
    generation: '1',
    writable: true,
    version: '1',
    accounts: [],
    remedyTexts: {},
    ownNetwork: { up: true },
  },
  ...{ instances: { total: 0, disabled: 0, byPhase: NOBODY }, dryRun: false, durable: true, stateTrouble: null },
  ...{
    config: { lastReloadSuccessful: true, lastSuccessAt: at, problems: [], waitingForRestart: [] },
    unsaved: 0,
    maintenance: [],
  },
  troubles: [],
};

/** One of several daemons that share the accounts, whose answers lack this. */
async function startLacking(lack: object): Promise<string> {
  const { url } = await listenHttp(({ url = '' }, response) => {
    response.setHeader('content-type', 'application/json');
    const body = url.includes('/status') ? STATUS : { instances: [], groups: [], total: 0, nextCursor: null };
    response.end(JSON.stringify({ ...body, ...lack }));
  });
  return url;
}

it.each(['status', 'instances', 'report --json'])(
  '%s says what the answers of several replicas lack',
  async (command) => {
    const whole = await startLacking({ missing: [], changing: [] });
    const call = (url: string, env: Record<string, string> = {}) =>
      commandLine([...command.split(' '), '--url', url], env);
    const { exit, output } = await call(whole);
    expect({ exit, lacks: /missing|Without/.test(output) }).toEqual({ exit: 0, lacks: false });
    const lacking = await startLacking({ missing: [{ replica: 'two\u001b[2J', reason: 'no' }], changing: ['acme'] });
    const found = await call(lacking);
    expect(found.exit).toBe(command === 'instances' ? 0 : 1);
    expect(found.output.match(/Part of this is missing: no answer from two.*/gu)).toHaveLength(1);
    expect(found.output).toContain('Without acme: another replica is taking over.');
    expect(found.output).not.toContain('\u001b');
    expect((await call(lacking, { LANG: 'pt_BR' })).output).toContain('Falta uma parte: sem resposta de two');
  },
);

it('status says which replicas cannot renew their leases, and which have different configs', async () => {
  const part = { accounts: 1, instances: 1, leaseTrouble: null };
  const one = { ...part, replica: 'one', config: 'c1' };
  const two = { ...part, replica: 'two', config: 'c2', leaseTrouble: 'connect ECONNREFUSED' };
  const output = async (...replicas: object[]): Promise<string> =>
    (await commandLine(['status', '--url', await startLacking({ replicas, missing: [], changing: [] })], {})).output;
  const found = await output(one, two, { ...one, replica: 'three' });
  expect(found).toContain('two cannot renew its leases, so it restarts nothing: connect ECONNREFUSED\n');
  expect(found).toContain('the configs of replicas differ (one, three; two): give all the same one\n');
  expect(await output(one, { ...one, replica: 'three' })).not.toMatch(/leases|configs/);
});
