import { describe, expect, it } from 'vitest';
import { PUBLIC_WORDS } from '../../src/language/public-words.ts';
import { watchOver } from '../integration/harness.ts';
import { browserForTests, openPage, PATIENCE, row, violations, withoutChromium } from './browser.ts';
import { READERS } from './readers.ts';

const PAGE = { public: { groupBy: 'account', hideNumbers: false } };
const MAINTENANCE = [
  {
    name: 'nightly',
    cron: `0 ${(new Date().getUTCHours() + 12) % 24} * * *`,
    timezone: 'UTC',
    duration: '1m',
    instances: ['1190000'],
  },
  { name: 'now', cron: '* * * * *', timezone: 'UTC', duration: '2m', instances: ['1190000'] },
];

describe.skipIf(withoutChromium)('the page for everybody', { timeout: 3 * PATIENCE }, () => {
  const browser = browserForTests();

  it('announces maintenance in the language of its reader, and its badges are images', async () => {
    const { daemon } = await watchOver({ '1190000': 'connected' }, { top: { page: PAGE, maintenance: MAINTENANCE } });
    await daemon.phase('1190000', 'healthy');
    for (const { language, locale } of READERS) {
      const words = PUBLIC_WORDS[language];
      const { page } = await openPage(browser(), daemon.url, '#/', { locale });
      await page.goto(`${daemon.url}/public`);
      await page.getByText(words.planned('nightly', '')).waitFor();
      await page.getByText(words.open('now')).waitFor();
      expect(await violations(page)).toEqual([]);
      for (const badge of ['1190000.svg', 'acme.svg?by=account']) {
        await page.goto(`${daemon.url}/badge/${badge}`);
        expect(await page.locator('svg').getAttribute('role')).toBe('img');
      }
    }
  });

  it('shows groups and no numbers to those who have its token, and nothing to others', async () => {
    const publicPage = { groupBy: 'label:unit', hideNumbers: true, token: 'public-token-1' };
    const instances = [{ account: 'acme', phoneNumberId: '1190000', labels: { unit: 'Recife' } }];
    const { daemon } = await watchOver({ '1190000': 'banned' }, { top: { page: { public: publicPage }, instances } });
    await daemon.phase('1190000', 'needs_human');
    for (const { language, locale } of READERS) {
      const words = PUBLIC_WORDS[language];
      const { page } = await openPage(browser(), daemon.url, 'public', { locale });
      expect(await page.locator('body').innerText()).not.toContain('Recife');
      await page.goto(`${daemon.url}/public?token=public-token-1`);
      await page.locator('section', { hasText: 'Recife' }).getByText(words.partly('1', '1')).waitFor();
      expect(await page.content()).not.toContain('1190000');
      expect(await violations(page)).toEqual([]);
      await page.getByRole('link', { name: words.renew }).click();
      await page.getByRole('link', { name: words.stay }).waitFor();
    }
  });
});

describe.skipIf(withoutChromium)('a search for QR', { timeout: 3 * PATIENCE }, () => {
  const browser = browserForTests();

  it('finds the instances that wait for a scan, in both languages', async () => {
    const { daemon } = await watchOver({ '1190000': 'connected', '1190001': 'qr' });
    await daemon.phase('1190001', 'needs_human');
    for (const { locale, catalogue } of READERS) {
      const { page } = await openPage(browser(), daemon.url, '#/', { locale });
      await row(page, '1190000').waitFor();
      await page.getByLabel(catalogue.page.frame.search).fill('qr');
      await row(page, '1190000').waitFor({ state: 'detached' });
      expect(await row(page, '1190001').count()).toBe(1);
    }
  });
});
