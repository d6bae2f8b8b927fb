import { readFileSync, writeFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { runDaemon, type RunningDaemon, simulate, watchOver, writeConfig } from '../integration/harness.ts';
import { browserForTests, openPage, PATIENCE, violations, withoutChromium } from './browser.ts';

/** Colours and widths have nothing to do with each other. */
const LOOKS = [
  { colorScheme: 'light', viewport: { width: 1280, height: 800 } },
  { colorScheme: 'dark', viewport: { width: 360, height: 740 } },
] as const;

async function variousFleet(): Promise<RunningDaemon> {
  const simulator = await simulate({
    '1190000': 'connected',
    '1190001': 'banned',
    '1190002': 'restart_denied',
    '1190003': 'unknown_state',
  });
  const daemon = await runDaemon(
    writeConfig(simulator, { top: { api: { token: 'write-token-1' } }, state: ':memory:' }),
  );
  await daemon.phase('1190002', 'exhausted');
  return daemon;
}

/** The focused element: what it is, and what it says. */
const focused = (page: Page): Promise<string> =>
  page.evaluate<string>(
    `(({ tagName, textContent }) => tagName + ' ' + textContent.trim().slice(0, 40))(document.activeElement)`,
  );

describe.skipIf(withoutChromium)('the status page is for everybody', { timeout: 4 * PATIENCE }, () => {
  const browser = browserForTests();

  it('axe finds nothing, in light and wide, and in dark on a phone, nor is anything wider than the phone', async () => {
    const daemon = await variousFleet();
    for (const look of LOOKS) {
      const { page } = await openPage(browser(), daemon.url, '#/', look);
      await page.locator('.row').first().waitFor();
      expect(await violations(page)).toEqual([]);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(look.viewport.width);
      await page.goto(`${daemon.url}/#/instance/1190002`);
      await page.locator('.plot canvas').waitFor();
      await page.locator('summary').first().click();
      expect(await violations(page)).toEqual([]);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(look.viewport.width);
      await page.getByRole('button', { name: 'Pause' }).click();
      expect(await violations(page)).toEqual([]);
    }
  });

  it('tells above all what befalls the whole fleet: a reload that failed with its places, a dry run, memory alone', async () => {
    const { file, daemon } = await watchOver({ '1190000': 'connected' }, { top: { dryRun: true }, state: ':memory:' });
    const { page } = await openPage(browser(), daemon.url, '#/', { colorScheme: 'dark' });
    await page.getByText('Dry run.').waitFor();
    writeFileSync(file, readFileSync(file, 'utf8').replace('"maxUnhealthy": "100%"', '"maxUnhealthy": "lots"'));
    await fetch(`${daemon.url}/-/reload`, { method: 'POST' });
    await page.getByText('The last reload failed.').waitFor();
    expect(await page.locator('.notice-details').innerText()).toMatch(/config\.yaml:\d+:\d+ +guard\.maxUnhealthy: /);
    await page.getByText('The state is not durable.').waitFor();
    expect(await violations(page)).toEqual([]);

    await daemon.stop();
    await page.locator('[data-stale]').waitFor();
    expect(await violations(page)).toEqual([]);
  });

  it('can be walked through with the keyboard alone', async () => {
    const daemon = await variousFleet();
    const { page } = await openPage(browser(), daemon.url);
    await page.locator('.row').first().waitFor();
    await page.keyboard.press('Tab');
    expect(await focused(page)).toBe('A Skip to content');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    expect(await focused(page)).toMatch(/^BUTTON All/);
    await page.keyboard.press('Tab');
    await page.keyboard.press('Space');
    expect(await page.getByRole('button', { name: /^Exhausted/, pressed: true }).count()).toBe(1);
    expect(await page.locator('.row').count()).toBe(1);

    await page.getByRole('button', { name: 'Since' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('columnheader', { name: 'Since' }).and(page.locator('[aria-sort=ascending]')).waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('119');
    await page.getByRole('link', { name: '1190002' }).focus();
    await page.keyboard.press('Enter');
    await page.locator('h1:focus').waitFor();
    await page.getByRole('button', { name: 'Restart' }).waitFor();
    await page.keyboard.press('Tab');
    expect(await focused(page)).toBe('BUTTON Restart');
    await page.keyboard.press('Enter');
    await page.locator('dialog :focus').waitFor();
    await page.keyboard.press('Escape');
    await page.locator('dialog').waitFor({ state: 'detached' });
    expect(await focused(page)).toBe('BUTTON Restart');
  });
});
