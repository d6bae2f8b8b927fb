import { readFileSync, writeFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { FAST, runDaemon, type RunningDaemon, simulate, watchOver, writeConfig } from '../integration/harness.ts';
import { phoneNumberIdAt } from '../../src/simulator/simulator.ts';
import { openBrowser, openPage, PATIENCE, violations, withoutChromium } from './browser.ts';

const PHONE = { width: 360, height: 740 };
const LOOKS = (['light', 'dark'] as const).flatMap((colorScheme) =>
  ([{ width: 1280, height: 800 }, PHONE] as const).map((viewport) => ({ colorScheme, viewport })),
);

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
  let browser: Browser;
  beforeAll(async () => {
    browser = await openBrowser();
    return () => browser.close();
  }, PATIENCE);

  it('axe finds nothing, in light and dark, wide and on a phone, nor is anything wider than the phone', async () => {
    const daemon = await variousFleet();
    for (const look of LOOKS) {
      const { page } = await openPage(browser, daemon.url, '#/', look);
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
    const { page } = await openPage(browser, daemon.url, '#/', { colorScheme: 'dark' });
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
    const { page } = await openPage(browser, daemon.url);
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

  it('filters 10,000 instances within 200 ms, and has few of them in the page', async () => {
    const ids = Array.from({ length: 10_000 }, (_, index) => phoneNumberIdAt(index));
    const simulator = await simulate(Object.fromEntries(ids.map((id) => [id, 'connected' as const])));
    const defaults = { ...FAST, probe: { ...FAST.probe, every: '60s', timeout: '10s' } };
    const daemon = await runDaemon(writeConfig(simulator, { defaults }));
    const { page } = await openPage(browser, daemon.url);
    await page.getByText('10,000 instances', { exact: true }).waitFor();
    expect(await page.locator('.row').count()).toBeLessThan(60);
    const measured = await page.evaluate<{ text: string; found: string; ms: number }[]>(MEASURE);
    expect(measured.map(({ found }) => found.split(' ')[0])).toEqual(['1', '10,000', '111', '1', '10,000', '111']);
    const times = measured.map(({ ms }) => ms).sort((a, b) => a - b);
    console.log(
      `filters of 10,000 instances, input to painted frame: ${times.map((ms) => ms.toFixed(0)).join(', ')} ms`,
    );
    expect(times[Math.floor(times.length / 2)]).toBeLessThan(200);

    await page.evaluate('scrollTo(0, document.documentElement.scrollHeight)');
    await page.getByRole('link').last().waitFor();
    expect(await page.locator('.row').count()).toBeLessThan(60);
  });
});

/** From each input to the frame after the one that shows what it filters. */
const MEASURE = `(async () => {
  const input = document.querySelector('input[type=search]');
  const value = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value');
  const painted = () => new Promise((resolve) => {
    requestAnimationFrame(() => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = resolve;
      port2.postMessage(0);
    });
  });
  const measured = [];
  for (const text of ['551190000123 00 4', '5511', '00012', '5511900009999', '', 'acme 0012']) {
    await painted();
    const start = performance.now();
    value.set.call(input, text);
    input.dispatchEvent(new Event('input', { bubbles: true }));
    await painted();
    measured.push({ text, found: document.querySelector('.found').textContent, ms: performance.now() - start });
  }
  return measured;
})()`;
