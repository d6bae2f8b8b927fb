import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import type { Preset } from '../../src/simulator/instance/behaviour.ts';
import { FAST, type RunningDaemon, TOKEN, watchOver } from '../integration/harness.ts';
import { browserForTests, openPage, PATIENCE, violations, withoutChromium } from './browser.ts';
import { READERS } from './readers.ts';

/** More than a window shows. */
const INSTANCES = 60;
/** Lets the focus go around the whole page once. */
const MOST_STEPS = 200;

const hash = (page: Page): Promise<string> => page.evaluate<string>('location.hash');
const scrolled = (page: Page): Promise<number> => page.evaluate<number>('scrollY');
const focused = (page: Page): Promise<string> =>
  page.evaluate<string>('document.activeElement.textContent.trim() || document.activeElement.tagName');

/** Moves the focus on, as a person without a mouse does, until it is on what says this. */
async function tabTo(page: Page, says: string, key: 'Tab' | 'Shift+Tab' = 'Tab'): Promise<void> {
  for (let step = 0; step < MOST_STEPS; step += 1) {
    await page.keyboard.press(key);
    if ((await focused(page)) === says) return;
  }
  throw new Error(`nothing that says ${says} can be reached by ${key}`);
}

async function search(page: Page, text: string): Promise<void> {
  await page.keyboard.press('/');
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.type(text);
}

function largeFleet(): Promise<{ readonly daemon: RunningDaemon }> {
  const ids = Array.from({ length: INSTANCES }, (_, index): [string, Preset] => [`${1_190_000 + index}`, 'connected']);
  return watchOver(Object.fromEntries(ids), { defaults: FAST, top: { api: { token: TOKEN } } });
}

describe.skipIf(withoutChromium)('the status page in', { timeout: 4 * PATIENCE }, () => {
  const browser = browserForTests();

  describe.each(READERS)('$language', ({ language, locale, catalogue: { page: words } }) => {
    it('says without JavaScript what else there is, and in no other language', async () => {
      const { daemon } = await watchOver({ '1190000': 'connected' });
      const { page } = await openPage(browser(), daemon.url, '', { locale, javaScriptEnabled: false });
      const shown = page.locator(`noscript p[lang="${language}"]`);
      expect(await shown.isVisible()).toBe(true);
      expect(await page.locator('noscript p:visible').count()).toBe(1);
      expect(await shown.innerText()).toContain('smileapi-watchdog status');
      await page.keyboard.press('Tab');
      await page.keyboard.press('Enter');
      await page.waitForURL(/\/api\/v1\/status$/);
      expect(await page.locator('body').innerText()).toContain('"byPhase"');
    });

    it('has many instances paused, resumed and restarted without a mouse, and says how it went', async () => {
      const { daemon } = await largeFleet();
      const { page } = await openPage(browser(), daemon.url, '#/', { locale });
      await page.evaluate(`localStorage.setItem('smileapi-watchdog.token', '${TOKEN}')`);
      await page.getByText(words.frame.instances(INSTANCES), { exact: true }).waitFor();
      await search(page, '119000');
      await page.getByText(words.fleet.found(10, INSTANCES)).waitFor();
      const { actions, bulk, dialog } = words;

      const pauseThese = bulk.these(actions.pause.button);
      await tabTo(page, pauseThese);
      await page.keyboard.press('Enter');
      const asked = page.getByRole('dialog', { name: bulk.title(actions.pause.button, 10) });
      await asked.getByText(bulk.means.pause).waitFor();
      await page.keyboard.type('férias');
      await page.keyboard.press('Tab');
      await page.keyboard.type('2 semanas');
      await asked.getByText(dialog.notALength).waitFor();
      await page.keyboard.press('Enter');
      expect(await asked.getByText(bulk.done(10, 10)).count()).toBe(0);
      await page.keyboard.press('ControlOrMeta+a');
      await page.keyboard.type('2h');
      await page.keyboard.press('Enter');
      await asked.getByText(bulk.done(10, 10)).waitFor();
      expect(await violations(page)).toEqual([]);
      await page.keyboard.press('Escape');
      await asked.waitFor({ state: 'detached' });
      expect(await focused(page)).toBe(pauseThese);

      // A restart leaves out what is paused, and says so.
      await tabTo(page, bulk.these(actions.restart.button));
      await page.keyboard.press('Enter');
      await page.getByRole('dialog').getByText(bulk.noneToDo).waitFor();
      expect(await page.getByRole('dialog').innerText()).toContain(bulk.leftOut);
      await page.keyboard.press('Enter');

      await tabTo(page, bulk.these(actions.resume.button), 'Shift+Tab');
      for (const key of ['Enter', 'Tab', 'Enter']) await page.keyboard.press(key);
      await page.getByRole('dialog').getByText(bulk.done(10, 10)).waitFor();
      await page.keyboard.press('Escape');

      await search(page, '119000 1190003');
      await page.getByText(words.fleet.found(1, INSTANCES)).waitFor();
      await tabTo(page, bulk.these(actions.restart.button));
      for (const key of ['Enter', 'Tab', 'Enter']) await page.keyboard.press(key);
      await page.getByRole('dialog').getByText(bulk.done(1, 1)).waitFor();
      await daemon.seen((event) => event.type === 'restart_finished' && event.name === '1190003');
    });

    it.each(['the link', 'the history'])('finds the way back without a mouse by %s', async (way) => {
      const { daemon } = await largeFleet();
      const { page } = await openPage(browser(), daemon.url, '#/?sort=name', { locale });
      await page.getByText(words.frame.instances(INSTANCES), { exact: true }).waitFor();
      await search(page, '119');
      await tabTo(page, '1190045');
      const [place, address] = [await scrolled(page), await hash(page)];
      expect(place).toBeGreaterThan(500);
      expect(address).toContain('q=119');
      await page.keyboard.press('Enter');
      await page.locator('h1:focus', { hasText: '1190045' }).waitFor();
      if (way === 'the history') await page.goBack();
      else {
        await tabTo(page, `← ${words.frame.back}`, 'Shift+Tab');
        await page.keyboard.press('Enter');
      }
      await page.locator('a:focus', { hasText: '1190045' }).waitFor();
      expect([await scrolled(page), await hash(page)]).toEqual([place, address]);
      expect(await page.getByLabel(words.frame.search).inputValue()).toBe('119');
    });
  });
});
