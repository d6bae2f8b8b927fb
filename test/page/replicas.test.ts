import type { Locator, Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { FAST, runDaemon, simulate, TOKEN, until, writeConfig, type RunningDaemon } from '../integration/harness.ts';
import { freePort, hasPostgres, sharedPostgres } from '../postgres/server.ts';
import { tcpProxy } from '../postgres/tcp-proxy.ts';
import { browserForTests, openPage, PATIENCE, row, violations, withoutChromium } from './browser.ts';
import { READERS, type Reader } from './readers.ts';

const ACCOUNTS = ['acme', 'shop'];
const accounts = ({ watchdog }: RunningDaemon): readonly string[] => [...watchdog.fleet.accounts.keys()];

/** The incident of an instance that lasts. */
const open = (page: Page, name: string): Locator => page.locator('.incident-open', { hasText: name });

/** Two replicas with an account each, of which the first does not reach the second. */
async function world() {
  const url = await (await sharedPostgres()).database();
  const simulator = await simulate({ '1190000': 'banned' });
  const port = await freePort();
  const way = await tcpProxy(port);
  way.set('cut');
  const account = { baseUrl: simulator.url, username: 'acme', token: '${TOKEN}' };
  const file = writeConfig(simulator, {
    top: {
      listen: '127.0.0.1:${PORT}',
      ...{ state: { url }, defaults: FAST },
      cluster: {
        // On a busy machine shorter ones are not renewed in time, and accounts move while they are looked at.
        leaseFor: '15s',
        replica: '${REPLICA}',
        advertise: 'http://127.0.0.1:${WAY}',
        token: 'cluster-token-1',
      },
      accounts: Object.fromEntries(ACCOUNTS.map((name) => [name, account])),
      instances: ACCOUNTS.map((name) => ({ account: name, name: `${name}-1`, phoneNumberId: '1190000' })),
    },
  });
  const run = (replica: string, own: number, advertised: number): Promise<RunningDaemon> =>
    runDaemon(file, { TOKEN, REPLICA: replica, PORT: `${own}`, WAY: `${advertised}` });
  const one = await run('r1', 0, 1);
  const two = await run('r2', port, way.port);
  await until([one, two], () => [one, two].every((each) => accounts(each).length === 1));
  const [there = ''] = accounts(two);
  // Who watched it before has found it so.
  await until([two], () => two.watchdog.fleet.instances.get(`${there}-1`)?.state.phase === 'needs_human');
  return { url: one.url, here: accounts(one)[0]!, there, way };
}

describe.skipIf(withoutChromium || !hasPostgres())('a part that no replica gives', { timeout: 4 * PATIENCE }, () => {
  const browser = browserForTests();

  it('is said to be missing where it is, in both languages, and comes back by itself', async () => {
    const { url, here, there, way } = await world();
    const readers = await Promise.all(
      READERS.map(async (reader) => ({ reader, ...(await openPage(browser(), url, '#/', { locale: reader.locale })) })),
    );
    await Promise.all(
      readers.map(async ({ reader, page }) => {
        await row(page, `${here}-1`).waitFor();
        expect(await row(page, `${there}-1`).count()).toBe(0);
        await expectLack(page, reader, { here, there });
      }),
    );

    way.set('fair');
    await Promise.all(
      readers.map(async ({ reader, page }) => {
        await open(page, `${there}-1`).waitFor();
        await page.locator('[data-lack]').waitFor({ state: 'detached' });
        await open(page, `${there}-1`).getByRole('link').click();
        await page.getByRole('heading', { name: reader.catalogue.page.instance.availability }).waitFor();
        await page.locator('.past-bars').waitFor();
        expect(await page.locator('[data-lack]').count()).toBe(0);
        await expectOwnLack(page, reader, `${here}-1`);
        // The table was loaded without it.
        await page.evaluate("location.hash = '#/'");
        await row(page, `${there}-1`).waitFor();
      }),
    );
  });
});

/** The incidents lack what lasts there, their table cannot be saved, and the page of an instance has nothing to show. */
async function expectLack(
  page: Page,
  { catalogue }: Reader,
  { here, there }: { readonly here: string; readonly there: string },
): Promise<void> {
  const { frame, incidents, notices } = catalogue.page;
  const lack = page.locator('main [data-lack]');
  await page.evaluate(`location.hash = '#/instance/${there}-1'`);
  await lack.getByText(frame.lacking).waitFor();
  expect(await page.getByText(frame.loading).count()).toBe(0);
  expect(await violations(page)).toEqual([]);

  await page.getByRole('link', { name: frame.incidents }).click();
  await lack.getByText(`${notices.replicas.title(1)}: r2`).waitFor();
  await lack.getByText(incidents.lacking).waitFor();
  await open(page, `${here}-1`).waitFor();
  expect(await open(page, `${there}-1`).count()).toBe(0);
  await page.getByRole('button', { name: frame.saveCsv }).click();
  await page.getByText(frame.notSaved).waitFor();
  expect(await violations(page)).toEqual([]);
}

/** An availability that cannot be read for a while is said to be so, and read again. */
async function expectOwnLack(page: Page, { catalogue }: Reader, name: string): Promise<void> {
  const availability = '**/api/v1/instances/*/availability';
  await page.route(availability, (route) => route.fulfill({ status: 503, json: { detail: 'later' } }));
  await page.evaluate(`location.hash = '#/instance/${name}'`);
  await page.locator('.card-past [data-lack]').getByText(catalogue.page.frame.lacking).waitFor();
  await page.unroute(availability);
  await page.locator('.past-bars').waitFor();
  await page.locator('[data-lack]').waitFor({ state: 'detached' });
}
