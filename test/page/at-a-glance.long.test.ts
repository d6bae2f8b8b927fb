import { readFileSync, writeFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { FAST, runDaemon, simulate, watchOver, writeConfig } from '../integration/harness.ts';
import { browserForTests, openPage, PATIENCE, row, violations, withoutChromium } from './browser.ts';
import { walkers } from './readers.ts';

const TOKEN = 'write-token-1';

const [WELL, GIVEN_UP, UNKNOWN] = ['1190000', '1190001', '1190002'];
const shown = async (page: Page): Promise<readonly (string | null)[]> =>
  Promise.all((await page.locator('.row').all()).map((each) => each.getAttribute('data-name')));

describe.skipIf(withoutChromium)('at a glance', { timeout: 4 * PATIENCE }, () => {
  const browser = browserForTests();

  it('the fleet shows groups by label, what is blind, what to do, local times, and what its bars mean', async () => {
    const simulator = await simulate({ [WELL]: 'connected', [GIVEN_UP]: 'restart_denied', [UNKNOWN]: 'unknown_state' });
    const instances = [
      { account: 'acme', phoneNumberId: WELL, labels: { cidade: 'Recife' } },
      { account: 'acme', phoneNumberId: GIVEN_UP, labels: { cidade: 'São Luís' } },
      { account: 'acme', phoneNumberId: UNKNOWN },
    ];
    const guard = { startup: '0s', maxUnhealthy: '100%', blindAfter: '1s' };
    const top = { instances, guard, api: { token: TOKEN } };
    const daemon = await runDaemon(writeConfig(simulator, { defaults: FAST, top }));
    await daemon.phase(GIVEN_UP, 'exhausted');

    for (const { locale, timezoneId, catalogue } of walkers('en')) {
      const { words, page: said } = catalogue;
      const { page } = await openPage(browser(), daemon.url, '#/', { locale, timezoneId });

      await page.getByLabel(said.fleet.groupBy).selectOption({ label: 'cidade' });
      await page.getByRole('columnheader', { name: 'cidade', exact: true }).waitFor();
      const group = page.getByRole('button', { name: `São Luís ${said.fleet.sickOf(1, 1)}` });
      await group.click();
      await expect.poll(() => shown(page)).toEqual([GIVEN_UP]);
      expect(await row(page, GIVEN_UP).locator('.cell-group').innerText()).toBe('São Luís');
      await group.click();
      await page.getByRole('button', { name: `${said.fleet.noGroup} 1` }).waitFor();
      await page.getByLabel(said.fleet.groupBy).selectOption({ label: said.fleet.noGroups });

      const blind = page.getByRole('button', { name: `${said.fleet.marks.blind.label} 1` });
      await blind.click();
      await expect.poll(() => shown(page)).toEqual([UNKNOWN]);
      await blind.click();

      const legend = page.locator('.beat-legend').first();
      expect(await legend.innerText()).toContain(said.beats.legend);
      for (const verdict of Object.values(words.verdicts)) expect(await legend.innerText()).toContain(verdict);

      const time = row(page, WELL).locator('time');
      const local = new Intl.DateTimeFormat(locale, { timeZone: timezoneId, dateStyle: 'medium', timeStyle: 'medium' });
      const since = await time.getAttribute('datetime');
      const plain = (text: string | null): string => (text ?? '').replaceAll(/\s/g, ' ');
      expect(plain(await time.getAttribute('title'))).toBe(plain(local.format(Date.parse(since ?? ''))));

      await page.getByRole('link', { name: GIVEN_UP }).click();
      await page.getByText(said.instance.exhausted).waitFor();
      await page.locator('.beat-legend').waitFor();
      expect(await violations(page)).toEqual([]);
    }
  });

  it('what is connected and silent has a mark, a tile and a filter, until a sign of life', async () => {
    const [QUIET, CALM, SICK] = ['1190001', '1190002', '1190003'];
    const simulator = await simulate({
      [WELL]: 'connected',
      [QUIET]: 'connected',
      [CALM]: 'connected',
      [SICK]: 'restart_denied',
    });
    const instances = simulator.phoneNumberIds().map((phoneNumberId) => ({
      ...{ account: 'acme', phoneNumberId },
      ...(phoneNumberId === QUIET ? { activity: { silentAfter: '1s' } } : {}),
    }));
    const file = writeConfig(simulator, { defaults: FAST, top: { instances, api: { token: TOKEN } } });
    const daemon = await runDaemon(file);
    await daemon.seen(({ type }) => type === 'silence_began');
    await daemon.phase(SICK, 'exhausted');

    const marks = await Promise.all(
      walkers('pt-BR').map(async ({ locale, timezoneId, catalogue: { page: said } }) => {
        const { label } = said.fleet.marks.silent;
        const { page } = await openPage(browser(), daemon.url, '#/', { locale, timezoneId });
        const mark = page.locator('.badge', { hasText: label });
        await row(page, QUIET)
          .and(page.locator('.row', { has: mark }))
          .waitFor();
        expect(await mark.count()).toBe(1);
        await row(page, QUIET).getByText(said.fleet.noLifeFor('')).waitFor();
        // It needs a look before what is well, and after what is sick.
        expect(await shown(page)).toEqual([SICK, QUIET, WELL, CALM]);

        const tile = page.getByRole('button', { name: `${label} 1` });
        await tile.click();
        await expect.poll(() => shown(page)).toEqual([QUIET]);
        expect(page.url()).toContain('mark=silent');
        await tile.click();
        await expect.poll(() => shown(page)).toHaveLength(4);
        await page.getByLabel(said.frame.search).fill(label.normalize('NFD').replaceAll(/\p{M}/gu, ''));
        await expect.poll(() => shown(page)).toEqual([QUIET]);
        expect(await violations(page)).toEqual([]);

        await page.getByRole('link', { name: QUIET }).click();
        await page.locator('.fact', { hasText: said.instance.connected }).waitFor();
        const standing = page.locator('.standing').getByText(label);
        await standing.waitFor();
        return standing;
      }),
    );

    // For the silence to stay over.
    writeFileSync(file, readFileSync(file, 'utf8').replace('"silentAfter": "1s"', '"silentAfter": "1h"'));
    const asOperator = { method: 'POST', headers: { authorization: `Bearer ${TOKEN}` } };
    expect((await fetch(`${daemon.url}/-/reload`, asOperator)).status).toBe(200);
    expect((await fetch(`${daemon.url}/api/v1/instances/${QUIET}/activity`, asOperator)).ok).toBe(true);
    for (const mark of marks) await mark.waitFor({ state: 'detached' });
  });

  it('a banner says how many of how many, since when, and leads to them', async () => {
    const sick = { '1190001': 'unauthorized', '1190002': 'unauthorized', '1190003': 'unauthorized' } as const;
    const { daemon } = await watchOver({ [WELL]: 'connected', ...sick });
    await daemon.seen(({ type }) => type === 'refused_began');
    for (const { locale, timezoneId, catalogue } of walkers('en')) {
      const { notices } = catalogue.page;
      const { page } = await openPage(browser(), daemon.url, '#/incidents', { locale, timezoneId });
      const banner = page.locator('.notice', { hasText: notices.refused.title('acme') });
      const extent = banner.locator('.notice-extent');
      await extent.getByText(notices.sick(3, 4)).waitFor();
      const { began } = ((await daemon.api('/api/v1/incidents?kind=refused')) as { incidents: { began: string }[] })
        .incidents[0]!;
      const hour = new Intl.DateTimeFormat(locale, { timeZone: timezoneId, timeStyle: 'short', hourCycle: 'h23' });
      expect(await extent.innerText()).toContain(hour.format(Date.parse(began)));
      await banner.getByRole('link', { name: notices.show('acme') }).click();
      await expect.poll(() => shown(page)).toHaveLength(4);
      expect(page.url()).toContain('account=acme');
    }
  });

  it('incidents name what people call it, at local times, and are cards on a phone', async () => {
    const simulator = await simulate({ [WELL]: 'banned' });
    const instances = [{ account: 'acme', phoneNumberId: WELL, name: 'front', displayName: 'Recepção' }];
    const daemon = await runDaemon(writeConfig(simulator, { defaults: FAST, top: { instances } }));
    await daemon.phase('front', 'needs_human');
    for (const { locale, timezoneId, catalogue } of walkers('pt-BR')) {
      const { incidents, frame } = catalogue.page;
      const viewport = { width: 360, height: 740 };
      const { page } = await openPage(browser(), daemon.url, '#/incidents', { locale, timezoneId, viewport });
      await page.getByRole('link', { name: 'Recepção' }).waitFor();
      const card = page.locator('.incident-open');
      expect(await card.innerText()).toContain('front · acme');
      const began = card.locator('time');
      const local = new Intl.DateTimeFormat(locale, { timeZone: timezoneId, dateStyle: 'medium', timeStyle: 'medium' });
      const plain = (text: string): string => text.replaceAll(/\s/g, ' ');
      expect(plain(await began.innerText())).toBe(
        plain(local.format(Date.parse((await began.getAttribute('datetime')) ?? ''))),
      );
      expect(await page.evaluate('document.querySelector(".incidents").scrollWidth')).toBeLessThanOrEqual(360);
      expect(await page.getByRole('columnheader').count()).toBe(Object.keys(incidents.columns).length);
      await page.getByLabel(frame.search).fill('recepcao');
      await page.getByText(incidents.count(1), { exact: true }).waitFor();
      expect(await violations(page)).toEqual([]);
    }
  });

  it('what was typed stays when the token is not there, and when it is wrong', async () => {
    const { daemon } = await watchOver({ [WELL]: 'connected' }, { top: { api: { token: TOKEN } } });
    for (const { locale, catalogue } of walkers('en')) {
      const { actions, dialog, token: words } = catalogue.page;
      const { page } = await openPage(browser(), daemon.url, `#/instance/${WELL}`, { locale });
      await page.getByRole('button', { name: actions.pause.button }).click();
      const asked = page.getByRole('dialog').filter({ hasText: actions.pause.means });
      await asked.getByLabel(dialog.reason, { exact: true }).fill('celular novo');
      await asked.getByLabel(dialog.pauseFor).fill('2h');
      await page.keyboard.press('Enter');
      const prompt = page.getByRole('dialog', { name: words.title });
      await prompt.getByLabel(words.label).fill('wrong');
      await page.keyboard.press('Enter');
      await prompt.getByText(words.wrong).waitFor();
      await page.keyboard.press('Escape');
      await page.getByRole('dialog').getByRole('button', { name: dialog.back }).click();
      expect(await asked.getByLabel(dialog.reason, { exact: true }).inputValue()).toBe('celular novo');
      expect(await asked.getByLabel(dialog.pauseFor).inputValue()).toBe('2h');
    }
  });
});
