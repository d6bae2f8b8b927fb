import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium, type Browser, type BrowserContextOptions, type Locator, type Page } from 'playwright-core';
import { beforeAll, expect, onTestFinished } from 'vitest';

const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
/** A busy machine fails no test. */
export const PATIENCE = 120_000;

/** Whether to leave out the tests in a browser. Where everything must be tested they are never left out. */
export const withoutChromium = !existsSync(CHROMIUM) && process.env['CI'] !== 'true';
if (withoutChromium) {
  console.warn(`The status page is not tested: there is no ${CHROMIUM}. Install chromium, or set CHROMIUM to one.`);
}

function launch(): Promise<Browser> {
  return chromium.launch({
    executablePath: CHROMIUM,
    timeout: PATIENCE,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

/** Starts a browser before the tests, and ends it after them. */
export function browserForTests(): () => Browser {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launch();
    return () => browser.close();
  }, PATIENCE);
  return () => browser;
}

/** The page, and whatever happened in it that must not happen. */
export interface Opened {
  readonly page: Page;
  /** Errors, violations of the policy, requests to another host, and dialogs that some text has opened. */
  readonly trouble: readonly string[];
}

/** Opens the page of a daemon; it is closed with the test, which fails if there was any trouble. */
export async function openPage(
  browser: Browser,
  url: string,
  hash = '#/',
  options: BrowserContextOptions = {},
): Promise<Opened> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE);
  const trouble: string[] = [];
  page.on('console', (message) => {
    // A refused or failed request is reported by the page itself.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) {
      trouble.push(message.text());
    }
  });
  page.on('pageerror', (error) => trouble.push(String(error)));
  page.on('dialog', (dialog) => {
    trouble.push(`a dialog of the browser: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('request', (request) => {
    const { protocol, origin } = new URL(request.url());
    if (protocol !== 'data:' && origin !== new URL(url).origin) trouble.push(`a request to ${request.url()}`);
  });
  onTestFinished(async () => {
    await context.close();
    expect(trouble).toEqual([]);
  });
  await page.goto(`${url}/${hash}`);
  return { page, trouble };
}

/** What axe has against the page as it is: rule and places, a line each. */
export async function violations(page: Page): Promise<readonly string[]> {
  // As a script of the page it would be refused.
  await page.evaluate(AXE);
  return page.evaluate<readonly string[]>(`axe.run().then(({ violations }) =>
    violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => id + ' ' + target + ' ' + failureSummary)))`);
}

/** The row of an instance in the fleet. */
export function row(page: Page, name: string): Locator {
  return page.locator(`.row[data-name="${name}"]`);
}
