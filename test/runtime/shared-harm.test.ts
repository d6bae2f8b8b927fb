import { describe, expect, it } from 'vitest';
import { DAY, MINUTE } from '../../src/core/time.ts';
import { watching } from '../../src/assembly/notices.ts';
import type { Account } from '../../src/runtime/fleet/account.ts';
import { FakeGateway } from '../fleet/fake-gateway.ts';
import { testAccount, testGuards } from '../fleet/fleet.ts';
import { fleetClock, FORTY, ids, prepareReload, startSmallFleet, type SmallFleet } from '../fleet/small-fleet.ts';

const ORIGIN = 'http://fake';
const NAMES = ids(12).map((id) => (id === '1' ? 'acme' : `acme${id}`));
const GUARD = { maxUnhealthy: { type: 'percent', percent: 100 }, stormCooldown: 2 * MINUTE } as const;

/** Twelve accounts of the same gateway, with one number each. */
const startTogether = (more: Parameters<typeof startSmallFleet>[0] = {}): Promise<SmallFleet> =>
  startSmallFleet({ ids: ids(12), origins: NAMES.map(() => ORIGIN), guard: GUARD, ...more });

/** A gateway that loses its session at each restart. */
function gatewayThatHarms(fleet: Pick<SmallFleet, 'gateway'>): void {
  fleet.gateway.onRestart = (id) => fleet.gateway.causes.set(id, 'pairing_required');
}

/** They fail one after the other, so that it is no storm. */
async function failInTurn({ gateway, clock }: SmallFleet, numbers: readonly string[]): Promise<void> {
  for (const id of numbers) {
    gateway.causes.set(id, 'disconnected');
    await clock.run(15 * MINUTE);
  }
}

async function withHarm(): Promise<SmallFleet> {
  const fleet = await startTogether();
  gatewayThatHarms(fleet);
  await fleet.clock.run(MINUTE);
  await failInTurn(fleet, ids(5));
  return fleet;
}

const harmful = (fleet: SmallFleet): boolean[] =>
  [...fleet.watch.fleet.accounts.values()].map(({ isHarmful }) => isHarmful);

describe('restarts that harm several accounts of one gateway', () => {
  it('hold the restarts of all of them, as one incident', async () => {
    const fleet = await withHarm();
    expect(fleet.gateway.restarts.map(({ id }) => id)).toEqual(['1', '2']);
    expect(fleet.published('harmful_began')).toMatchObject([
      { gateway: { origin: ORIGIN, accounts: NAMES }, harmed: 2, within: DAY },
    ]);
    expect(harmful(fleet)).toEqual(NAMES.map(() => true));
    expect([...watching(fleet.watch.fleet, []).harmful]).toMatchObject([
      { type: 'harmful_began', gateway: { origin: ORIGIN, accounts: NAMES }, harmed: 2 },
    ]);
    expect(fleet.instance('n5').state.holds).toEqual(['harmful']);
  });

  it('are made again once any of them is released, also after another start', async () => {
    const fleet = await withHarm();
    const { clock, gateway, watch, store } = fleet;
    const acme4 = watch.fleet.accounts.get('acme4')!;
    gateway.onRestart = (id) => gateway.causes.set(id, 'connected');
    expect(await watch.control.release(acme4, 'ana')).toEqual({ harmed: 2, saved: true });
    expect(harmful(fleet)).toEqual(NAMES.map(() => false));
    const ended = fleet.published('harmful_ended').filter((event) => 'gateway' in event);
    expect(ended).toMatchObject([{ gateway: { origin: ORIGIN }, by: 'ana' }]);
    await clock.run(MINUTE);
    expect(gateway.restarts.map(({ id }) => id).sort()).toEqual(ids(5));
    await watch.stop();
    const next = await startTogether({ clock, gateway, store });
    await clock.run(5 * MINUTE);
    expect(harmful(next)).toEqual(NAMES.map(() => false));
    expect(next.published('harmful_began')).toEqual([]);
  });

  it('are one incident also where one account alone has had too many', async () => {
    const fleet = await startSmallFleet({ ids: ids(6), origins: [ORIGIN, ORIGIN], guard: GUARD });
    gatewayThatHarms(fleet);
    await fleet.clock.run(MINUTE);
    await failInTurn(fleet, ['1', '3', '5']);
    expect(fleet.published('harmful_began')).toMatchObject([{ gateway: { origin: ORIGIN } }]);
    const [acme] = fleet.watch.fleet.accounts.values();
    expect(await fleet.watch.control.release(acme!, 'ana')).toMatchObject({ harmed: 2 });
    expect(harmful(fleet)).toEqual([false, false]);
  });

  it('no longer count of an account that was released before its gateway was held', async () => {
    const fleet = await startTogether();
    gatewayThatHarms(fleet);
    await fleet.clock.run(MINUTE);
    await failInTurn(fleet, ['1']);
    const [acme, other] = fleet.watch.fleet.accounts.values();
    expect(await fleet.watch.control.release(other!, 'ana')).toMatchObject({ harmed: 0 });
    expect(await fleet.watch.control.release(acme!, 'ana')).toMatchObject({ harmed: 1 });
    expect(fleet.published('harmful_ended')).toMatchObject([{ account: 'acme' }]);
    await failInTurn(fleet, ['2']);
    expect(harmful(fleet)).toEqual(NAMES.map(() => false));
    await failInTurn(fleet, ['3']);
    expect(harmful(fleet)).toEqual(NAMES.map(() => true));
  });

  it('end the canaries of a storm of the gateway until a person releases the account', async () => {
    const fleet = await startTogether({ guard: { ...FORTY, maxHarmed: 9 } });
    const { gateway, clock, watch } = fleet;
    gatewayThatHarms(fleet);
    await clock.run(MINUTE);
    for (const id of ids(8)) gateway.causes.set(id, 'disconnected');
    await clock.run(40 * MINUTE);
    expect(gateway.restarts).toHaveLength(1);
    const harmed = fleet.instance(`n${gateway.restarts[0]!.id}`);
    await watch.control.release(harmed.account, 'ana');
    await clock.run(10 * MINUTE);
    expect(gateway.restarts).toHaveLength(2);
  });
});

describe('a reload', () => {
  /** With one more account at the gateway, or without all but the first. */
  async function reload({ clock, gateway, watch }: SmallFleet, change: 'more' | 'one'): Promise<void> {
    const before = [...watch.fleet.accounts.values()];
    const more: Account = testAccount(clock, { name: 'new', origin: ORIGIN, gateway });
    const accounts = change === 'more' ? [...before, more] : before.slice(0, 1);
    const instances = [...watch.fleet.instances.values()]
      .filter(({ account }) => accounts.includes(account))
      .map(({ account, name }) => ({ id: name.slice(1), account: account.name }));
    const added = change === 'more' ? [{ id: '99', account: 'new' }] : [];
    const guards = testGuards({ guard: GUARD });
    (await prepareReload(watch, { accounts, instances: [...instances, ...added], guards }))();
  }

  it('that adds an account keeps what is held because of harm, and says nothing new', async () => {
    const fleet = await withHarm();
    await reload(fleet, 'more');
    expect(harmful(fleet)).toEqual([...NAMES, 'new'].map(() => true));
    await fleet.clock.run(20 * MINUTE);
    expect(fleet.gateway.restarts).toHaveLength(2);
    expect(fleet.published('harmful_began')).toHaveLength(1);
    expect(fleet.published('harmful_ended')).toEqual([]);
  });

  it('that leaves one account ends what was held together', async () => {
    const fleet = await withHarm();
    await reload(fleet, 'one');
    expect(harmful(fleet)).toEqual([false]);
    expect(fleet.published('harmful_ended')).toMatchObject([{ gateway: { origin: ORIGIN } }]);
  });

  it('that leaves the one account that was harmed too often says so of it', async () => {
    const fleet = await startSmallFleet({ ids: ids(6), origins: [ORIGIN, ORIGIN], guard: GUARD });
    gatewayThatHarms(fleet);
    await fleet.clock.run(MINUTE);
    await failInTurn(fleet, ['1', '3']);
    await reload(fleet, 'one');
    expect(harmful(fleet)).toEqual([true]);
    const [together, alone] = fleet.published('harmful_began');
    expect(together).toMatchObject({ gateway: { origin: ORIGIN } });
    expect(alone).toMatchObject({ account: 'acme', harmed: 2 });
    expect(alone).not.toHaveProperty('gateway');
  });

  it('that adds an account in a storm does not try another canary before its time', async () => {
    const clock = fleetClock();
    const gateway = new FakeGateway(clock);
    const guard = { ...FORTY, stormCooldown: 60 * MINUTE };
    const fleet = await startTogether({ clock, gateway, guard });
    gateway.onRestart = () => undefined;
    await clock.run(MINUTE);
    for (const id of ids(8)) gateway.causes.set(id, 'disconnected');
    await clock.run(20 * MINUTE);
    expect(gateway.restarts).toHaveLength(1);
    const accounts = [...fleet.watch.fleet.accounts.values()];
    const more = testAccount(clock, { name: 'new', origin: ORIGIN, gateway });
    const instances = [...ids(12), '99'].map((id, index) => ({ id, account: [...NAMES, 'new'][index]! }));
    const guards = testGuards({ guard });
    (await prepareReload(fleet.watch, { accounts: [...accounts, more], instances, guards }))();
    await clock.run(20 * MINUTE);
    expect(gateway.restarts).toHaveLength(1);
    expect(fleet.published('storm_began')).toHaveLength(1);
    for (const id of ids(8)) gateway.causes.set(id, 'connected');
    await clock.run(5 * MINUTE);
    expect(fleet.published('storm_ended')).toHaveLength(1);
  });
});
