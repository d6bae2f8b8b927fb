import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { FAST, watchOver } from '../integration/harness.ts';
import { row, browserForTests, openPage, PATIENCE, violations, withoutChromium } from './browser.ts';

const TOKEN = 'write-token-1';
/** The part of the address after #. */
const hash = (page: Page): string => new URL(page.url()).hash;

describe.skipIf(withoutChromium)('the status page over time', { timeout: 3 * PATIENCE }, () => {
  const browser = browserForTests();

  it('shows incidents, availability, filters that stay, and acts on many at once', async () => {
    const { simulator, daemon } = await watchOver(
      {
        '1190000': 'connected',
        '1190001': 'connected',
        '1190002': { probe: 'disconnected', onRestart: [{ answers: 'accepted', effect: null }] },
      },
      { defaults: { ...FAST, restart: { ...FAST.restart, enabled: false } }, top: { api: { token: TOKEN } } },
    );
    await daemon.phase('1190002', 'down');
    const { page } = await openPage(browser(), daemon.url);
    await page.evaluate(`localStorage.setItem('smileapi-watchdog.token', '${TOKEN}')`);

    // The sick ones are in the title, for tabs that nobody looks at.
    await expect.poll(() => page.title()).toMatch(/^\(1\) Fleet/);
    expect(await page.locator('link[rel=icon]').getAttribute('href')).toContain('svg');

    // Many at once, by filter; a duration is checked while it is typed.
    await page.getByLabel('Search').fill('CONNECTED');
    await expect.poll(() => hash(page)).toBe('#/?q=CONNECTED');
    await page.getByLabel('Search').fill('healthy');
    await page.getByText('2 of 3 instances').waitFor();
    await page.getByRole('button', { name: 'Pause these' }).click();
    const dialog = page.getByRole('dialog', { name: 'Pause 2 instances?' });
    await dialog.getByLabel('Reason').fill('férias');
    await dialog.getByLabel('For (such as').fill('2 weeks?');
    await dialog.getByText('Write a length of time').waitFor();
    expect(await violations(page)).toEqual([]);
    await dialog.getByLabel('For (such as').fill('2h');
    await dialog.getByRole('button', { name: 'Pause 2 instances' }).click();
    await dialog.getByText('2 of 2 instances done.').waitFor();
    await dialog.getByRole('button', { name: 'Close' }).click();
    await page.getByLabel('Search').fill('ferias');
    await row(page, '1190000').getByText('Paused').first().waitFor();
    await page.getByRole('button', { name: 'Clear filters' }).click();
    await page.getByRole('button', { name: 'Paused 2' }).click();
    await page.getByText('2 of 3 instances').waitFor();
    await page.getByRole('button', { name: 'Restart these' }).click();
    await page.getByText('2: paused by an operator').waitFor();
    await page.getByRole('button', { name: 'Cancel' }).click();

    // Back from an instance, the filters and the focus are where they were.
    await page.getByRole('link', { name: '1190001' }).click();
    await page.getByRole('heading', { name: 'Availability' }).waitFor();
    await page.getByRole('button', { name: '24 hours' }).waitFor();
    await page.getByRole('button', { name: '90 days' }).click();
    await page.getByText('paused or maintenance').first().waitFor();
    expect(await violations(page)).toEqual([]);
    await page.goBack();
    await page.locator('a:focus', { hasText: '1190001' }).waitFor();
    expect(hash(page)).toBe('#/?mark=paused');
    await page.getByText('2 of 3 instances').waitFor();

    // What is wrong is an incident, and what was stays one.
    await page.getByRole('link', { name: 'Incidents' }).click();
    await page.getByText('disconnected from WhatsApp').waitFor();
    await page.getByRole('cell', { name: 'lasts' }).waitFor();
    simulator.set('1190002', 'connected');
    await page.getByText('by itself').waitFor();
    await page.getByLabel('Search').fill('itself');
    await page.getByText('1 incident', { exact: true }).waitFor();
    expect(await violations(page)).toEqual([]);
    await page.getByRole('button', { name: 'Forget the token' }).click();
    await page.getByRole('button', { name: 'Forget the token' }).waitFor({ state: 'detached' });
    expect(await page.evaluate('localStorage.length')).toBe(0);
  });
});
