import { readFileSync, writeFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import type { HappenedParts } from '../../src/language/happened.ts';
import { runDaemon, type RunningDaemon, simulate, watchOver, writeConfig } from '../integration/harness.ts';
import { browserForTests, openPage, PATIENCE, violations, withoutChromium } from './browser.ts';
import { READERS, type Reader } from './readers.ts';

const WIDE = { width: 1280, height: 800 };
const PHONE = { width: 360, height: 740 };
const LOOKS = [
  { locale: 'en-GB', colorScheme: 'light', viewport: WIDE },
  { locale: 'en-GB', colorScheme: 'dark', viewport: PHONE },
  { locale: 'pt-BR', colorScheme: 'dark', viewport: WIDE },
  { locale: 'pt-BR', colorScheme: 'light', viewport: PHONE },
] as const;
type Look = (typeof LOOKS)[number];

/** Words of most English sentences, and of no Portuguese one. */
const ENGLISH = /.*\b(the|of|and|is|are|was|not|with|until|this)\b.*/gi;

const API_TOKEN = 'write-token-1';

async function variousFleet(): Promise<RunningDaemon> {
  const simulator = await simulate({
    '1190000': 'connected',
    '1190001': 'banned',
    '1190002': 'restart_denied',
    '1190003': 'unknown_state',
  });
  const top = { api: { token: API_TOKEN }, page: { public: { groupBy: 'account', hideNumbers: false } } };
  const daemon = await runDaemon(writeConfig(simulator, { top, state: ':memory:' }));
  await daemon.phase('1190002', 'exhausted');
  return daemon;
}

/** Nothing for axe, nothing wider than the window, and in the language of the browser alone. */
async function expectGood(page: Page, { locale, viewport }: Look, view: string): Promise<void> {
  expect(await violations(page), view).toEqual([]);
  expect(await page.evaluate('document.documentElement.scrollWidth'), view).toBe(viewport.width);
  expect(await page.evaluate('document.documentElement.lang'), view).toBe(locale === 'pt-BR' ? 'pt-BR' : 'en');
  // What a gateway says stays as it is: in brackets, or as its whole answer.
  const text = (await page.evaluate<string>('document.body.innerText')).replaceAll(/\([^)]*\)|"[^"]*"/g, '');
  const english = text.match(ENGLISH) ?? [];
  if (locale === 'pt-BR') expect(english, view).toEqual([]);
  else expect(english.length, view).toBeGreaterThan(0);
}

/** The focused element: what it is, and what it says. */
const focused = (page: Page): Promise<string> =>
  page.evaluate<string>(
    `(({ tagName, textContent }) => tagName + ' ' + textContent.trim().slice(0, 40))(document.activeElement)`,
  );

describe.skipIf(withoutChromium)('the status page is for everybody', { timeout: 4 * PATIENCE }, () => {
  const browser = browserForTests();

  it('in both languages, light and dark, wide and on a phone, with a mouse, a keyboard or a screen reader', async () => {
    const daemon = await variousFleet();
    await Promise.all(
      LOOKS.map(async (look) => {
        const { page } = await openPage(browser(), daemon.url, '#/', look);
        await page.locator('.row').first().waitFor();
        await expectGood(page, look, 'fleet');
        await page.goto(`${daemon.url}/#/instance/1190002`);
        await page.locator('.plot canvas').waitFor();
        await page.locator('summary').first().click();
        await page.getByRole('button', { name: look.locale === 'pt-BR' ? 'Reconhecer' : 'Acknowledge' }).click();
        await expectGood(page, look, 'instance');
        await page.goto(`${daemon.url}/#/incidents`);
        await page.locator('.incidents').waitFor();
        await expectGood(page, look, 'incidents');
        await page.goto(`${daemon.url}/public`);
        await expectGood(page, look, 'public');
      }),
    );
    for (const reader of READERS) {
      await walkByKeyboard((await openPage(browser(), daemon.url, '#/', { locale: reader.locale })).page, reader);
    }
    await speakPortuguese((await openPage(browser(), daemon.url, '#/', { locale: 'pt-BR' })).page);
  });

  it('shows above all what affects the whole fleet: a reload that failed with its places, a dry run, memory alone', async () => {
    const { file, daemon } = await watchOver({ '1190000': 'connected' }, { top: { dryRun: true }, state: ':memory:' });
    const readers = await Promise.all(
      READERS.map(async ({ locale, catalogue }) => {
        const { page } = await openPage(browser(), daemon.url, '#/', { locale, colorScheme: 'dark' });
        await page.getByText(catalogue.page.notices.dryRun.text).waitFor();
        return { page, notices: catalogue.page.notices };
      }),
    );
    writeFileSync(file, readFileSync(file, 'utf8').replace('"maxUnhealthy": "100%"', '"maxUnhealthy": "lots"'));
    await fetch(`${daemon.url}/-/reload`, { method: 'POST' });
    for (const { page, notices } of readers) {
      await page.getByText(notices.reload.title).waitFor();
      expect(await page.locator('.notice-details').innerText()).toMatch(/config\.yaml:\d+:\d+ +guard\.maxUnhealthy: /);
      await page.getByText(notices.notDurable.text).waitFor();
      expect(await violations(page)).toEqual([]);
    }

    await daemon.stop();
    for (const { page } of readers) {
      await page.locator('[data-stale]').waitFor();
      expect(await violations(page)).toEqual([]);
    }
  });
});

/** Each language has a phase of its own to look at, since an acknowledgement lasts. */
const SICK = {
  en: { phase: 'exhausted', name: '1190002', tabs: 1 },
  'pt-BR': { phase: 'needs_human', name: '1190001', tabs: 2 },
} as const;

async function walkByKeyboard(page: Page, { language, catalogue: { words, page: said } }: Reader): Promise<void> {
  const { actions, dialog, answers, fleet, frame, instance } = said;
  const { phase, name, tabs } = SICK[language];
  await page.evaluate(`localStorage.setItem('smileapi-watchdog.token', '${API_TOKEN}')`);
  await page.locator('.row').first().waitFor();
  await page.keyboard.press('Tab');
  expect(await focused(page)).toBe(`A ${frame.skip}`);
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  expect(await focused(page)).toMatch(new RegExp(`^BUTTON ${fleet.all}`));
  for (let tab = 0; tab < tabs; tab += 1) await page.keyboard.press('Tab');
  await page.keyboard.press('Space');
  expect(await page.getByRole('button', { name: `${words.phases[phase].label} 1`, pressed: true }).count()).toBe(1);
  expect(await page.locator('.row').count()).toBe(1);

  const since = page.getByRole('columnheader', { name: fleet.columns.since, exact: true });
  await since.getByRole('button').focus();
  await page.keyboard.press('Enter');
  await since.and(page.locator('[aria-sort=ascending]')).waitFor();
  expect(page.url()).toContain(`phase=${phase}&sort=since`);
  await page.keyboard.press('/');
  await page.keyboard.type('119');
  await page.getByRole('link', { name }).focus();
  await page.keyboard.press('Enter');
  await page.locator('h1:focus').waitFor();
  await page.getByRole('button', { name: actions.restart.button }).waitFor();
  await page.keyboard.press('Tab');
  expect(await focused(page)).toBe(`BUTTON ${actions.restart.button}`);
  await page.keyboard.press('Enter');
  await page.locator('dialog :focus').waitFor();
  await page.keyboard.press('Escape');
  await page.locator('dialog').waitFor({ state: 'detached' });
  expect(await focused(page)).toBe(`BUTTON ${actions.restart.button}`);

  // A trouble is acknowledged, and the list says so.
  for (const { button } of [actions.probe, actions.pause, actions.ack]) {
    await page.keyboard.press('Tab');
    expect(await focused(page)).toBe(`BUTTON ${button}`);
  }
  await page.keyboard.press('Enter');
  await page.locator('dialog input:focus').waitFor();
  await page.keyboard.type('Técnico a caminho');
  await page.keyboard.press('Tab');
  await page.keyboard.type('4h');
  await page.keyboard.press('Enter');
  await page.getByText(`${dialog.done} ${answers.ack}`).waitFor();
  await page.keyboard.press('Escape');
  const mark = fleet.marks.acknowledged.label;
  await page.locator('.standing').getByText(mark).waitFor();
  await page.locator('.fact', { hasText: instance.acknowledged }).getByText('Técnico a caminho').waitFor();
  expect(await page.getByRole('button', { name: actions.ack.button }).count()).toBe(0);
  const parts = { by: 'api', reason: 'Técnico a caminho', until: '…' } as HappenedParts;
  const [event = ''] = said.happened.acknowledged(parts).split('…');
  await page.getByText(event).waitFor();
  await page.goBack();
  await page.locator(`.row[data-name="${name}"]`).getByText(mark).waitFor();
}

/** The search finds what is shown, the dialogs and banners say it, and the other language is a click away and stays. */
async function speakPortuguese(page: Page): Promise<void> {
  await page.getByLabel('Buscar').fill('esgotada tecnico');
  await page.getByText('1 de 4 instâncias').waitFor();
  await page.getByRole('button', { name: 'Reconhecida 2' }).waitFor();
  await page.getByLabel('Buscar').fill('WHATSAPP bloqueou este numero');
  await page.locator('.row[data-name="1190001"]').waitFor();
  await page.getByText('1 de 4 instâncias').waitFor();
  await page.getByRole('button', { name: 'Limpar filtros' }).click();
  await page.getByText('O estado não é durável.').waitFor();
  expect(await page.title()).toMatch(/^\(2\) Instâncias/);
  await page.getByLabel('Agrupar por').selectOption({ label: 'conta' });
  await page.getByRole('columnheader', { name: 'Conta' }).waitFor();
  await page.getByRole('button', { name: 'acme 2 com problema de 4' }).waitFor();
  await page.getByRole('button', { name: 'Pausar estas' }).click();
  const dialog = page.getByRole('dialog', { name: 'Pausar 4 instâncias?' });
  await dialog.getByLabel('Por (como').fill('2 semanas');
  await dialog.getByText('Escreva uma duração').waitFor();
  expect(await violations(page)).toEqual([]);
  await page.keyboard.press('Escape');
  await page.getByLabel('Buscar').fill('bloqueou este numero');
  await page.getByRole('button', { name: 'English' }).click();
  await page.getByText('1 of 4 instances').or(page.getByText('0 of 4 instances')).waitFor();
  await page.getByRole('button', { name: 'Clear filters' }).click();
  await page.reload();
  await page.getByText('4 instances', { exact: true }).waitFor();
  expect(await page.evaluate('document.documentElement.lang')).toBe('en');
  await page.getByRole('button', { name: 'Português' }).click();
  await page.getByText('4 instâncias', { exact: true }).waitFor();
}
