import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { FAST, watchOver } from '../integration/harness.ts';
import { browserForTests, openPage, PATIENCE, row, violations, withoutChromium } from './browser.ts';
import { READERS, walkers } from './readers.ts';

const TOKEN = 'write-token-1';
/** The part of the address after #. */
const hash = (page: Page): string => decodeURIComponent(new URL(page.url()).hash);
/** What the button for spreadsheets saves: the name of the file, and the names of its columns. */
async function saved(page: Page, button: string): Promise<readonly [string, string]> {
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: button }).click();
  const file = await download;
  const [head = ''] = readFileSync(await file.path(), 'utf8').split('\r\n');
  return [file.suggestedFilename(), head.replaceAll('\u{feff}', '')];
}
const withoutAccents = (text: string): string => text.normalize('NFD').replaceAll(/\p{M}/gu, '');

describe.skipIf(withoutChromium)('the status page over time', { timeout: 4 * PATIENCE }, () => {
  const browser = browserForTests();

  it.each(walkers('pt-BR'))(
    'shows incidents, availability, filters that stay, and acts on many at once, in $language',
    async ({ language, locale, catalogue: { words, page: said } }) => {
      const { actions, bulk, dialog, fleet, frame, incidents, instance, past } = said;
      const { simulator, daemon } = await watchOver(
        {
          '1190000': 'connected',
          '1190001': 'connected',
          '1190002': { probe: 'disconnected', onRestart: [{ answers: 'accepted', effect: null }] },
        },
        { defaults: { ...FAST, restart: { ...FAST.restart, enabled: false } }, top: { api: { token: TOKEN } } },
      );
      await daemon.phase('1190002', 'down');
      const { page } = await openPage(browser(), daemon.url, '#/', { locale });
      await page.evaluate(`localStorage.setItem('smileapi-watchdog.token', '${TOKEN}')`);

      // The sick ones are in the title, for tabs that nobody looks at.
      await expect.poll(() => page.title()).toContain(`(1) ${frame.fleet}`);
      expect(await page.locator('link[rel=icon]').getAttribute('href')).toContain('svg');

      // Many at once, by filter; a duration is checked while it is typed.
      const search = page.getByLabel(frame.search);
      const cause = words.causes.disconnected.toUpperCase();
      await search.fill(cause);
      await expect.poll(() => hash(page)).toBe(`#/?q=${cause.replaceAll(' ', '+')}`);
      await page.getByText(fleet.found(1, 3)).waitFor();
      await search.fill(withoutAccents(words.phases.healthy.label));
      await page.getByText(fleet.found(2, 3)).waitFor();
      await page.getByRole('button', { name: bulk.these(actions.pause.button) }).click();
      const asked = page.getByRole('dialog', { name: bulk.title(actions.pause.button, 2) });
      await asked.getByLabel(dialog.reason, { exact: true }).fill('férias');
      await asked.getByLabel(dialog.pauseFor).fill('2 weeks?');
      await asked.getByText(dialog.notALength).waitFor();
      expect(await violations(page)).toEqual([]);
      await asked.getByLabel(dialog.pauseFor).fill('2h');
      await asked.getByRole('button', { name: bulk.button(actions.pause.button, 2) }).click();
      await asked.getByText(bulk.done(2, 2)).waitFor();
      await asked.getByRole('button', { name: dialog.close }).click();
      await search.fill('ferias');
      await row(page, '1190000').locator('.badge', { hasText: fleet.marks.paused.label }).waitFor();
      await row(page, '1190000').and(page.locator('.row-paused')).waitFor();
      await page.getByRole('button', { name: fleet.clear }).click();
      await page.getByRole('button', { name: `${fleet.marks.paused.label} 2` }).click();
      await page.getByText(fleet.found(2, 3)).waitFor();
      await page.getByRole('button', { name: bulk.these(actions.restart.button) }).click();
      await page.getByText(`2: ${words.holds.paused}`).waitFor();
      await page.getByRole('button', { name: dialog.cancel }).click();

      // Back from an instance, the filters and the focus are where they were.
      await page.getByRole('link', { name: '1190001' }).click();
      await page.getByRole('heading', { name: instance.availability }).waitFor();
      await page.getByRole('button', { name: past.spans['24h'] }).waitFor();
      await page.getByRole('button', { name: past.spans['90d'] }).click();
      await page.locator('.past-legend', { hasText: past.kinds.paused }).waitFor();
      const between = language === 'pt-BR' ? ';' : ',';
      const pastColumns = ['name', 'from', 'availability', 'healthy'].join(between);
      expect(await saved(page, frame.saveCsv)).toEqual(['1190001.csv', expect.stringContaining(pastColumns)]);
      expect(await violations(page)).toEqual([]);
      await page.goBack();
      await page.locator('a:focus', { hasText: '1190001' }).waitFor();
      expect(hash(page)).toBe('#/?mark=paused');
      await page.getByText(fleet.found(2, 3)).waitFor();

      // What is wrong is an incident, and what was stays one.
      await page.getByRole('link', { name: frame.incidents }).click();
      await page.getByText(words.causes.disconnected).waitFor();
      await page.getByRole('cell', { name: incidents.lasts }).waitFor();
      simulator.set('1190002', 'connected');
      await page.getByText(incidents.ends.by_itself).waitFor();
      const columns = ['kind', 'name', 'displayName', 'account'].join(between);
      expect(await saved(page, frame.saveCsv)).toEqual(['incidents.csv', expect.stringContaining(columns)]);
      await search.fill(incidents.ends.restart);
      await page.getByText(incidents.none).waitFor();
      await search.fill(incidents.ends.by_itself);
      await page.getByText(incidents.count(1), { exact: true }).waitFor();
      expect(await violations(page)).toEqual([]);
      await page.getByRole('button', { name: frame.forgetToken }).click();
      await page.getByRole('button', { name: frame.forgetToken }).waitFor({ state: 'detached' });
      expect(await page.evaluate('localStorage.length')).toBe(0);
    },
  );

  it('has a bar for each of the 24 hours that are summed up, which says when it begins also where clocks go back', async () => {
    const { daemon } = await watchOver({ '1190000': 'connected' }, { defaults: FAST });
    await daemon.phase('1190000', 'healthy');
    const shown = READERS.map(async ({ locale, catalogue: { page: said } }) => {
      const { page } = await openPage(browser(), daemon.url, '#/', { locale, timezoneId: 'America/New_York' });
      await page.route('**/api/v1/instances/*/availability', async (route) => {
        const response = await route.fetch();
        const past = (await response.json()) as { readonly hours: readonly object[] };
        // The 25 hours that the history keeps; in the night before the last of them clocks went back.
        const last = Date.parse('2026-11-01T12:00:00Z');
        const hours = Array.from({ length: 25 }, (_, index) => ({
          ...past.hours[0],
          from: new Date(last - (24 - index) * 3_600_000).toISOString(),
        }));
        await route.fulfill({ response, json: { ...past, hours } });
      });
      await page.getByRole('link', { name: '1190000' }).click();
      await page.getByRole('button', { name: said.past.spans['24h'] }).waitFor();
      const texts = await page.locator('.past-bars li .hidden').allTextContents();
      expect(await violations(page)).toEqual([]);
      return texts.map((text) => text.split(': ')[0] ?? '');
    });
    for (const texts of await Promise.all(shown)) {
      expect(texts).toHaveLength(24);
      expect(new Set(texts).size).toBe(24);
      expect(texts.filter((text) => text.includes('01:00'))).toEqual([
        expect.stringMatching(/01:00 (GMT-4|EDT)$/),
        expect.stringMatching(/01:00 (GMT-5|EST)$/),
      ]);
    }
  });
});
