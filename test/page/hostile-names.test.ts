import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { FAST, runDaemon, simulate, writeConfig } from '../integration/harness.ts';
import { commandLine } from '../cli/command-line.ts';
import { browserForTests, openPage, PATIENCE, row, violations, withoutChromium } from './browser.ts';

const HTML = '<img src=x onerror=alert(1)>';
const OVERRIDE = '\u{202e}';
const NAMES = {
  html: `"><script>alert(1)</script>${HTML}`,
  turned: `${OVERRIDE}gnp.exe\u{2066}`,
  arabic: 'متجر الرياض',
  pictures: '👩‍👩‍👧 Loja 🏳️‍🌈 São João',
  endless: 'W'.repeat(100),
  formula: '=HYPERLINK("http://evil.example")',
  mentions: '@everyone <!channel>',
};
const LABELS = {
  unit: `${HTML}'"&`,
  ['k'.repeat(63)]: 'V'.repeat(256),
  formula: '=1+1',
};
const LOOKS = [
  { locale: 'en-GB', viewport: { width: 1280, height: 800 } },
  { locale: 'pt-BR', viewport: { width: 360, height: 740 } },
] as const;

/** Nothing became an element, nothing turns the direction of writing, and nothing is wider than the window. */
async function expectHarmless(page: Page, width: number, view: string): Promise<void> {
  expect(await page.locator('img, main script').count(), view).toBe(0);
  expect(await page.locator('body').innerText(), view).not.toMatch(/[\u{202a}-\u{202e}\u{2066}-\u{2069}]/u);
  expect(await page.evaluate('document.documentElement.scrollWidth'), view).toBe(width);
  expect(await violations(page), view).toEqual([]);
}

describe.skipIf(withoutChromium)('hostile names and labels', { timeout: 4 * PATIENCE }, () => {
  const browser = browserForTests();

  it('are text everywhere: pages, badges, tables, CSV', async () => {
    const ids = Object.keys(NAMES).map((_, index) => `${1_190_000 + index}`);
    const simulator = await simulate(Object.fromEntries(ids.map((id) => [id, 'banned' as const])));
    const instances = Object.entries(NAMES).map(([name, displayName], index) => ({
      ...{ account: 'acme', name, displayName, phoneNumberId: ids[index], labels: LABELS },
    }));
    const page = { public: { groupBy: 'label:unit', hideNumbers: false } };
    const daemon = await runDaemon(writeConfig(simulator, { defaults: FAST, top: { instances, page } }));
    await Promise.all(Object.keys(NAMES).map((name) => daemon.phase(name, 'needs_human')));

    for (const { locale, viewport } of LOOKS) {
      const { page: shown } = await openPage(browser(), daemon.url, '#/?by=label:unit', { locale, viewport });
      await row(shown, 'html').getByText(NAMES.html).waitFor();
      await row(shown, 'turned').getByText('gnp.exe').first().waitFor();
      await expectHarmless(shown, viewport.width, 'fleet');
      for (const name of ['html', 'endless']) {
        await shown.goto(`${daemon.url}/#/instance/${name}`);
        await shown.locator('h1', { hasText: name === 'html' ? HTML : NAMES.endless }).waitFor();
        await shown.getByText(LABELS.unit).first().waitFor();
        await expectHarmless(shown, viewport.width, `instance ${name}`);
      }
      await shown.goto(`${daemon.url}/#/incidents`);
      await shown.locator('.incidents').waitFor();
      await expectHarmless(shown, viewport.width, 'incidents');
      await shown.goto(`${daemon.url}/public`);
      await shown.getByText(HTML).first().waitFor();
      await expectHarmless(shown, viewport.width, 'public');
    }

    const text = async (path: string): Promise<string> => (await fetch(`${daemon.url}${path}`)).text();
    expect(await text('/badge/html.svg')).not.toContain('<img');
    expect(await text('/badge/turned.svg')).not.toContain(OVERRIDE);
    const group = encodeURIComponent('=1+1');
    expect(await text(`/badge/${group}.svg?by=label:formula`)).toContain('=1+1 30d');
    expect(await text('/api/v1/availability?groupBy=label:formula&format=csv')).toMatch(/\r\n'=1\+1,/);
    const { output } = await commandLine(['status', '--url', daemon.url]);
    expect(output).not.toMatch(/[\u{202a}-\u{202e}\u{2066}-\u{2069}]/u);
    expect(output).toContain(NAMES.formula);
    const report = await commandLine(['report', '--by', 'instance', '--url', daemon.url]);
    expect(report.output).toMatch(/^NAME +CALLED +LABELS +MONTH /);
    expect(report.output).toContain(NAMES.arabic);
  });
});
