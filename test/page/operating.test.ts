import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { FAST, HARMED, runDaemon, simulate, watchOver, writeConfig } from '../integration/harness.ts';
import { row, browserForTests, openPage, PATIENCE, violations, withoutChromium } from './browser.ts';

const API_TOKEN = 'write-token-1';
const api = { token: API_TOKEN };
/** It would not restart anything by itself within the test. */
const UNHURRIED = {
  ...FAST,
  probe: {
    ...FAST.probe,
    failureThreshold: 1_000,
    failuresWithin: { failures: 30, probes: 30 },
    retryEvery: '3s',
  },
};
const HOSTILE = '<img src=x onerror=alert(1)>';

/** Begins an action on the page of an instance, and confirms it. */
async function act(page: Page, action: string): Promise<void> {
  await page.getByRole('button', { name: action }).click();
  await page.getByRole('dialog').getByRole('button', { name: action }).click();
}

/** What the dialog shows of the API's answer. */
const answer = (page: Page, text: string) => page.locator('.answer', { hasText: text });

describe.skipIf(withoutChromium)('the status page', { timeout: 3 * PATIENCE }, () => {
  const browser = browserForTests();

  it('shows that an instance breaks, restarts it for a user with the token, and shows that it heals', async () => {
    const { simulator, daemon } = await watchOver(
      { '1190000': 'connected', '1190001': 'connected' },
      { defaults: UNHURRIED, top: { api } },
    );
    const { page } = await openPage(browser(), daemon.url);
    await row(page, '1190000').and(page.locator('[data-phase=healthy]')).waitFor();
    await page.evaluate('window.sameDocument = true');

    simulator.set('1190000', 'disconnected');
    await row(page, '1190000').and(page.locator('[data-phase=suspect]')).waitFor();
    await row(page, '1190000').getByText('disconnected from WhatsApp').waitFor();

    await page.getByRole('link', { name: '1190000' }).click();
    await act(page, 'Restart');
    const token = page.getByRole('dialog', { name: 'Token needed' });
    await token.getByLabel('Token').fill('wrong');
    await token.getByRole('button', { name: 'Use token' }).click();
    await page.getByText('That token was not accepted.').waitFor();
    await token.getByLabel('Token').fill(API_TOKEN);
    await token.getByRole('button', { name: 'Use token' }).click();
    await answer(page, 'The restart call: accepted (HTTP status 200).').waitFor();
    await page.getByRole('button', { name: 'Close' }).click();
    await page.getByText('✓ healed').waitFor();
    expect(simulator.counts('1190000').restarts).toBe(1);

    // Asked once: the next call has it. It is in the storage of this browser and nowhere else.
    await act(page, 'Probe');
    await answer(page, 'healthy: connected after').waitFor();
    await page.getByRole('button', { name: 'Close' }).click();
    expect(await page.evaluate('sessionStorage.length + document.cookie.length')).toBe(0);
    expect(await page.content()).not.toContain(API_TOKEN);

    await page.getByRole('link', { name: 'All instances' }).click();
    await row(page, '1190000').and(page.locator('[data-phase=healthy]')).waitFor();
    expect(await page.evaluate('window.sameDocument')).toBe(true);
  });

  it('pauses with a reason, shows what holds a restart, and resumes', async () => {
    const { daemon } = await watchOver({ '1190000': 'connected' }, { defaults: UNHURRIED, top: { api } });
    const { page } = await openPage(browser(), daemon.url, '#/instance/1190000');
    await page.evaluate(`localStorage.setItem('smileapi-watchdog.token', '${API_TOKEN}')`);
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.getByLabel('Reason').fill('new phone');
    await page.getByRole('dialog').getByRole('button', { name: 'Pause' }).click();
    await answer(page, 'Done. Paused.').waitFor();
    await page.getByRole('button', { name: 'Close' }).click();
    await page.getByText('new phone').first().waitFor();

    await act(page, 'Restart');
    await answer(page, 'paused by an operator, ends in').waitFor();
    await page.getByRole('button', { name: 'Restart anyway' }).click();
    await answer(page, 'The restart call: accepted').waitFor();
    await page.getByRole('button', { name: 'Close' }).click();

    await act(page, 'Resume');
    await answer(page, 'Done. Resumed.').waitFor();
  });

  it('shows that restarts did harm, and releases the account', async () => {
    const { daemon } = await watchOver({ '1190000': HARMED, '1190001': HARMED }, { top: { api } });
    const { page } = await openPage(browser(), daemon.url, '#/instance/1190000');
    await page.evaluate(`localStorage.setItem('smileapi-watchdog.token', '${API_TOKEN}')`);
    await page.getByText('✗ did harm').waitFor();
    await page.getByText('Restarts do harm: acme.').waitFor();
    expect(await violations(page)).toEqual([]);

    await page.getByRole('button', { name: 'Release acme' }).click();
    await page.getByRole('dialog').getByText('no longer count').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Release' }).click();
    await answer(page, 'Released. Harmful restarts that no longer count: 2.').waitFor();
    await page.getByText('Restarts do harm: acme.').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Close' }).click();
    await daemon.seen((event) => event.type === 'harmful_ended' && event.by === 'api');
  });

  it('offers no release where no token is configured', async () => {
    const { daemon } = await watchOver({ '1190000': HARMED, '1190001': HARMED });
    const { page } = await openPage(browser(), daemon.url);
    await page.getByText('Restarts do harm: acme.').waitFor();
    expect(await page.getByRole('button', { name: 'Release acme' }).count()).toBe(0);
  });

  it('marks instances of which nothing is known, in the fleet and on the page of an instance', async () => {
    const guard = { startup: '0s', maxUnhealthy: '100%', blindAfter: '1s' };
    const { simulator, daemon } = await watchOver(
      { '1190000': 'banned', '1190001': 'unknown_state' },
      { defaults: FAST, top: { guard } },
    );
    await daemon.phase('1190000', 'needs_human');
    simulator.set('1190000', 'unknown_state');
    const { page } = await openPage(browser(), daemon.url);
    await page.getByText('Nothing is known of acme.').waitFor();
    await row(page, '1190000').getByText('nothing known for').waitFor();
    expect(await row(page, '1190000').getAttribute('data-phase')).toBe('needs_human');
    await page.getByRole('link', { name: '1190000' }).click();
    await page.getByText(/Nothing known for/).waitFor();
    simulator.set('1190000', 'banned');
    await page.getByText(/Nothing known for/).waitFor({ state: 'detached' });
  });

  it('asks for the token to read where the fleet is not for everybody', async () => {
    const simulator = await simulate({ '1190000': 'connected' });
    const top = { api: { ...api, readToken: 'read-token-1' } };
    const daemon = await runDaemon(writeConfig(simulator, { defaults: UNHURRIED, top }));
    const { page } = await openPage(browser(), daemon.url);
    const token = page.getByRole('dialog', { name: 'Token needed' });
    await token.getByRole('button', { name: 'Cancel' }).click();
    await page.getByText('Token needed').waitFor();
    await page.getByRole('button', { name: 'Enter token' }).click();
    await token.getByLabel('Token').fill('read-token-1');
    await page.keyboard.press('Enter');
    await row(page, '1190000').waitFor();
  });

  it('shows what a hostile gateway says as text, as soon as it says it', async () => {
    const { simulator, daemon } = await watchOver({ '1190000': 'connected' }, { defaults: UNHURRIED, top: { api } });
    const { page } = await openPage(browser(), daemon.url, '#/instance/1190000');
    await page.evaluate(`localStorage.setItem('smileapi-watchdog.token', '${API_TOKEN}')`);
    await page.locator('.standing[data-phase=healthy]').waitFor();
    simulator.set('1190000', {
      probe: { httpStatus: 200, body: JSON.stringify({ instance: { state: HOSTILE } }) },
      onRestart: [{ answers: { httpStatus: 500, body: JSON.stringify({ message: HOSTILE }) }, effect: null }],
    });
    await page.getByText(HOSTILE).first().waitFor();
    await act(page, 'Restart');
    await answer(page, 'The restart call: ').waitFor();
    await page.getByRole('button', { name: 'Close' }).click();
    await page.getByText('Answer of the gateway').click();
    expect(await page.locator('pre').innerText()).toContain(HOSTILE);
    expect(await page.locator('img').count()).toBe(0);
  });

  it('marks what it shows as stale while the watchdog is away, and goes on when it is back', async () => {
    const { simulator, daemon: first } = await watchOver({ '1190000': 'connected' }, { defaults: UNHURRIED });
    const { page } = await openPage(browser(), first.url);
    await row(page, '1190000').and(page.locator('[data-phase=healthy]')).waitFor();

    await first.stop();
    await page.locator('[data-stale]').waitFor();
    expect(await row(page, '1190000').count()).toBe(1);

    simulator.set('1190000', 'disconnected');
    const listen = new URL(first.url).host;
    await runDaemon(writeConfig(simulator, { defaults: UNHURRIED, top: { listen } }));
    await row(page, '1190000').and(page.locator('[data-phase=suspect]')).waitFor();
    expect(await page.locator('[data-stale]').count()).toBe(0);
    await page.locator('[data-connection=live]').waitFor();
  });
});
