import { describe, expect, it } from 'vitest';
import { watchOver } from '../integration/harness.ts';
import { browserForTests, openPage, PATIENCE, row, violations, withoutChromium } from './browser.ts';

const PAGE = { public: { groupBy: 'account', hideNumbers: false } };
const MAINTENANCE = [
  { name: 'nightly', cron: '0 0 * * *', timezone: 'UTC', duration: '1m', instances: ['1190000'] },
  { name: 'now', cron: '* * * * *', timezone: 'UTC', duration: '2m', instances: ['1190000'] },
];

describe.skipIf(withoutChromium)('the page for everybody', { timeout: 3 * PATIENCE }, () => {
  const browser = browserForTests();

  it('announces maintenance in the language of its reader, and its badges are images', async () => {
    const { daemon } = await watchOver({ '1190000': 'connected' }, { top: { page: PAGE, maintenance: MAINTENANCE } });
    await daemon.phase('1190000', 'healthy');
    for (const [locale, announced, open] of [
      ['en-GB', 'Planned maintenance: nightly, from ', 'Maintenance goes on now: now'],
      ['pt-BR', 'Manutenção programada: nightly, a partir de ', 'Manutenção em andamento: now'],
    ] as const) {
      const { page } = await openPage(browser(), daemon.url, '#/', { locale });
      await page.goto(`${daemon.url}/public`);
      await page.getByText(announced).waitFor();
      await page.getByText(open).waitFor();
      expect(await violations(page)).toEqual([]);
      for (const badge of ['1190000.svg', 'acme.svg?by=account']) {
        await page.goto(`${daemon.url}/badge/${badge}`);
        expect(await page.locator('svg').getAttribute('role')).toBe('img');
      }
    }
  });
});

describe.skipIf(withoutChromium)('a search for QR', { timeout: 3 * PATIENCE }, () => {
  const browser = browserForTests();

  it('finds the instances that wait for a scan, in both languages', async () => {
    const { daemon } = await watchOver({ '1190000': 'connected', '1190001': 'qr' });
    await daemon.phase('1190001', 'needs_human');
    for (const [locale, label] of [
      ['en-GB', 'Search'],
      ['pt-BR', 'Buscar'],
    ] as const) {
      const { page } = await openPage(browser(), daemon.url, '#/', { locale });
      await row(page, '1190000').waitFor();
      await page.getByLabel(label).fill('qr');
      await row(page, '1190000').waitFor({ state: 'detached' });
      expect(await row(page, '1190001').count()).toBe(1);
    }
  });
});
