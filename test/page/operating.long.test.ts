import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { FAST, HARMED, runDaemon, simulate, watchOver, watchQuickly, writeConfig } from '../integration/harness.ts';
import { browserForTests, openPage, PATIENCE, row, violations, withoutChromium } from './browser.ts';
import { READERS, walkers } from './readers.ts';

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
async function act(page: Page, { button }: { readonly button: string }): Promise<void> {
  await page.getByRole('button', { name: button, exact: true }).click();
  await page.getByRole('dialog').getByRole('button', { name: button, exact: true }).click();
}

/** What the dialog shows of the API's answer. */
const answer = (page: Page, text: string) => page.locator('.answer', { hasText: text });

const close = (page: Page, { dialog }: { readonly dialog: { readonly close: string } }): Promise<void> =>
  page.getByRole('dialog').getByRole('button', { name: dialog.close, exact: true }).click();

describe.skipIf(withoutChromium)('the status page', { timeout: 4 * PATIENCE }, () => {
  const browser = browserForTests();

  describe.each(walkers('en'))('in $language', ({ locale, catalogue: { words, page: said } }) => {
    const { actions, answers, dialog, frame, instance, notices, token } = said;

    it('shows that an instance breaks, restarts it for a user with the token, and shows that it heals', async () => {
      const { simulator, daemon } = await watchOver(
        { '1190000': 'connected', '1190001': 'connected' },
        { defaults: UNHURRIED, top: { api } },
      );
      const { page } = await openPage(browser(), daemon.url, '#/', { locale });
      await row(page, '1190000').and(page.locator('[data-phase=healthy]')).waitFor();
      await page.evaluate('window.sameDocument = true');

      simulator.set('1190000', 'disconnected');
      await row(page, '1190000').and(page.locator('[data-phase=suspect]')).waitFor();
      await row(page, '1190000').getByText(words.causes.disconnected).waitFor();

      await page.getByRole('link', { name: '1190000' }).click();
      await act(page, actions.restart);
      const prompt = page.getByRole('dialog', { name: token.title });
      await prompt.getByText(token.toWrite).waitFor();
      await prompt.getByLabel(token.label).fill('wrong');
      await prompt.getByRole('button', { name: token.use }).click();
      await prompt.getByText(token.wrong).waitFor();
      await prompt.getByLabel(token.label).fill(API_TOKEN);
      await prompt.getByRole('button', { name: token.use }).click();
      await answer(page, answers.restartCall(answers.withStatus(words.outcomes.accepted, 200))).waitFor();
      await close(page, said);
      await page.getByText(`✓ ${instance.healed}`).waitFor();
      expect(simulator.counts('1190000').restarts).toBe(1);

      // Asked once: the next call has it. It is in the storage of this browser and nowhere else.
      await act(page, actions.probe);
      await answer(page, `${words.verdicts.healthy}: ${words.causes.connected}`).waitFor();
      await close(page, said);
      expect(await page.evaluate('sessionStorage.length + document.cookie.length')).toBe(0);
      expect(await page.content()).not.toContain(API_TOKEN);

      await page.getByRole('link', { name: frame.back }).click();
      await row(page, '1190000').and(page.locator('[data-phase=healthy]')).waitFor();
      expect(await page.evaluate('window.sameDocument')).toBe(true);
    });

    it('pauses with a reason and a length that is checked while it is typed, shows what holds a restart, and resumes', async () => {
      const { daemon } = await watchOver({ '1190000': 'connected' }, { defaults: UNHURRIED, top: { api } });
      const { page } = await openPage(browser(), daemon.url, '#/instance/1190000', { locale });
      await page.evaluate(`localStorage.setItem('smileapi-watchdog.token', '${API_TOKEN}')`);
      await page.getByRole('button', { name: actions.pause.button, exact: true }).click();
      const asked = page.getByRole('dialog', { name: actions.pause.question });
      await asked.getByLabel(dialog.reason, { exact: true }).fill('new phone');
      await asked.getByLabel(dialog.pauseFor).fill('2 weeks');
      await asked.getByText(dialog.notALength).waitFor();
      await page.keyboard.press('Enter');
      expect(await asked.getByLabel(dialog.pauseFor).inputValue()).toBe('2 weeks');
      await asked.getByLabel(dialog.pauseFor).fill('2h');
      await asked.getByText(dialog.notALength).waitFor({ state: 'detached' });
      await asked.getByRole('button', { name: actions.pause.button, exact: true }).click();
      await answer(page, `${dialog.done} ${answers.pause}`).waitFor();
      await close(page, said);
      const fact = page.locator('.fact').filter({ has: page.getByText(instance.paused, { exact: true }) });
      await fact.getByText('new phone').waitFor();

      await act(page, actions.restart);
      await answer(page, answers.holdEnds(words.holds.paused, '')).waitFor();
      await page.getByRole('button', { name: dialog.force }).click();
      await answer(page, answers.restartCall(answers.withStatus(words.outcomes.accepted, 200))).waitFor();
      await close(page, said);

      await act(page, actions.resume);
      await answer(page, `${dialog.done} ${answers.resume}`).waitFor();
    });

    it('shows that restarts did harm, and releases the account', async () => {
      const { daemon } = await watchOver({ '1190000': HARMED, '1190001': HARMED }, { top: { api } });
      const { page } = await openPage(browser(), daemon.url, '#/instance/1190000', { locale });
      await page.evaluate(`localStorage.setItem('smileapi-watchdog.token', '${API_TOKEN}')`);
      await page.getByText(`✗ ${instance.didHarm}`).waitFor();
      const banner = page.locator('.notice', { hasText: notices.harmful.title('acme') });
      await banner.getByText(notices.harmful.text).waitFor();
      expect(await violations(page)).toEqual([]);

      await banner.getByRole('button', { name: `${actions.release.button} acme` }).click();
      await page.getByRole('dialog', { name: actions.release.question }).getByText(actions.release.means).waitFor();
      await page.getByRole('dialog').getByRole('button', { name: actions.release.button, exact: true }).click();
      await answer(page, answers.release(2)).waitFor();
      await banner.waitFor({ state: 'detached' });
      await close(page, said);
      await daemon.seen((event) => event.type === 'harmful_ended' && event.by === 'api');
    });

    it('shows what a hostile gateway says as text, as soon as it says it', async () => {
      const { simulator, daemon } = await watchOver({ '1190000': 'connected' }, { defaults: UNHURRIED, top: { api } });
      const { page } = await openPage(browser(), daemon.url, '#/instance/1190000', { locale });
      await page.evaluate(`localStorage.setItem('smileapi-watchdog.token', '${API_TOKEN}')`);
      await page.locator('.standing[data-phase=healthy]').waitFor();
      simulator.set('1190000', {
        probe: { httpStatus: 200, body: JSON.stringify({ instance: { state: HOSTILE } }) },
        onRestart: [{ answers: { httpStatus: 500, body: JSON.stringify({ message: HOSTILE }) }, effect: null }],
      });
      await page.getByText(HOSTILE).first().waitFor();
      await act(page, actions.restart);
      await answer(page, answers.withStatus(words.outcomes.rejected, 500)).waitFor();
      await close(page, said);
      await page.getByText(instance.answer).click();
      expect(await page.locator('pre').innerText()).toContain(HOSTILE);
      expect(await page.locator('img').count()).toBe(0);
    });
  });

  it('offers no release where no token is configured', async () => {
    const { daemon } = await watchOver({ '1190000': HARMED, '1190001': HARMED });
    for (const { locale, catalogue } of READERS) {
      const { actions, notices } = catalogue.page;
      const { page } = await openPage(browser(), daemon.url, '#/', { locale });
      await page.getByText(notices.harmful.title('acme')).waitFor();
      expect(await page.getByRole('button', { name: `${actions.release.button} acme` }).count()).toBe(0);
    }
  });

  it('marks instances of which nothing is known, in the fleet and on the page of an instance', async () => {
    const guard = { startup: '0s', maxUnhealthy: '100%', blindAfter: '1s' };
    const { simulator, daemon } = await watchQuickly(
      { '1190000': 'banned', '1190001': 'unknown_state' },
      { defaults: FAST, top: { guard } },
    );
    await daemon.phase('1190000', 'needs_human');
    simulator.set('1190000', 'unknown_state');
    const facts = await Promise.all(
      READERS.map(async ({ locale, catalogue: { page: said } }) => {
        const { page } = await openPage(browser(), daemon.url, '#/', { locale });
        await page.getByText(said.notices.accountBlind.title('acme')).waitFor();
        await row(page, '1190000').getByText(said.fleet.nothingKnownFor('')).waitFor();
        expect(await row(page, '1190000').getAttribute('data-phase')).toBe('needs_human');
        await page.getByRole('link', { name: '1190000' }).click();
        const fact = page.getByText(said.instance.nothingKnownFor, { exact: true });
        await fact.waitFor();
        return fact;
      }),
    );
    simulator.set('1190000', 'banned');
    for (const fact of facts) await fact.waitFor({ state: 'detached' });
  });

  it('asks for the token to read where the fleet is not for everybody', async () => {
    const simulator = await simulate({ '1190000': 'connected' });
    const top = { api: { ...api, readToken: 'read-token-1' } };
    const daemon = await runDaemon(writeConfig(simulator, { defaults: UNHURRIED, top }));
    for (const { locale, catalogue } of READERS) {
      const { dialog, frame, token } = catalogue.page;
      const { page } = await openPage(browser(), daemon.url, '#/', { locale });
      const prompt = page.getByRole('dialog', { name: token.title });
      await prompt.getByText(token.toRead).waitFor();
      await prompt.getByRole('button', { name: dialog.cancel }).click();
      await page.locator('.connection').getByText(frame.tokenNeeded).waitFor();
      await page.getByRole('button', { name: frame.enterToken }).click();
      await prompt.getByLabel(token.label).fill('read-token-1');
      await page.keyboard.press('Enter');
      await row(page, '1190000').waitFor();
    }
  });

  it('marks what it shows as stale while the watchdog is away, and goes on when it is back', async () => {
    const { simulator, daemon: first } = await watchOver({ '1190000': 'connected' }, { defaults: UNHURRIED });
    const pages = await Promise.all(
      READERS.map(async ({ locale, catalogue: { page: said } }) => {
        const { page } = await openPage(browser(), first.url, '#/', { locale });
        await row(page, '1190000').and(page.locator('[data-phase=healthy]')).waitFor();
        return { page, said };
      }),
    );

    await first.stop();
    for (const { page, said } of pages) {
      await page.locator('[data-stale]').getByText(said.frame.reconnects).waitFor();
      expect(await row(page, '1190000').count()).toBe(1);
    }

    simulator.set('1190000', 'disconnected');
    const listen = new URL(first.url).host;
    await runDaemon(writeConfig(simulator, { defaults: UNHURRIED, top: { listen } }));
    for (const { page, said } of pages) {
      await row(page, '1190000').and(page.locator('[data-phase=suspect]')).waitFor();
      expect(await page.locator('[data-stale]').count()).toBe(0);
      await page.locator('[data-connection=live]').getByText(said.frame.live).waitFor();
    }
  });
});
