import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { demoTable, type DemoEnd } from '../../src/cli/demo/demo.ts';
import { speechFor } from '../../src/cli/speech.ts';
import { loadConfig } from '../../src/config/load.ts';
import type { Phase } from '../../src/core/instance/instance.ts';
import type { Cause } from '../../src/core/verdict.ts';
import { anchorsOf, blocksOf, DOCUMENTS, linksOf, read, spansOf } from './markdown.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const readme = read('README.md');
const translation = read('README.pt-BR.md');

/** Variables that configs in the docs take secrets from. */
const ENVIRONMENT = {
  SMILEAPI_TOKEN: 'token',
  EVOLUTION_API_KEY: 'evolution-key',
  ZAPI_CLIENT_TOKEN: 'client-token',
  ZAPI_TOKEN_1: 'own-token-1',
  SLACK_URL: 'https://hooks.slack.com/services/T000/B000/secret',
  TELEGRAM_URL: 'https://api.telegram.org/bot1:secret/sendMessage',
  NTFY_TOPIC: 'secret',
  SMTP_PASSWORD: 'secret',
  N8N_URL: 'https://n8n.example.org/webhook/secret',
  N8N_SECRET: `whsec_${'A'.repeat(32)}`,
};

/** Code without its comments, which a translation may translate. */
const withoutComments = (text: string): string => text.replace(/(^|\s+)# .*$/gm, '');

describe.each([
  ['README.md', readme, 'en'],
  ['README.pt-BR.md', translation, 'pt-BR'],
] as const)('%s', (_, text, language) => {
  it('has fewer than 200 lines', () => {
    expect(text.split('\n').length).toBeLessThan(200);
  });

  it('shows what the demo ends with', () => {
    const end = (name: string, phase: Phase, restarts: number, cause: Cause): DemoEnd => {
      return { name, phase, restarts, cause, fate: '' };
    };
    const ends = [
      end('support', 'healthy', 1, 'connected'),
      end('billing', 'healthy', 2, 'connected'),
      end('warehouse', 'exhausted', 3, 'disconnected'),
      end('outlet', 'needs_human', 0, 'banned'),
    ];
    expect(blocksOf(text).map((block) => block.text)).toContain(
      demoTable(ends, false, speechFor({ env: {} }, language)),
    );
  });

  it.each(['npm run demo', 'npm test', 'npm start'])('names the command %s', (command) => {
    expect(blocksOf(text).some((block) => block.text.includes(`\n${command} `) || block.text.startsWith(command))).toBe(
      true,
    );
  });
});

describe('README.pt-BR.md', () => {
  it('has the commands and configs of README.md', () => {
    // What commands print is in the language of the page, and has no language of code.
    const code = (text: string) =>
      blocksOf(text)
        .filter(({ language }) => language !== '')
        .map((block) => ({ ...block, text: withoutComments(block.text) }));
    expect(code(translation)).toEqual(code(readme));
  });

  it('has as many headings, list items and table rows as README.md', () => {
    const shape = (text: string) => ({
      headings: anchorsOf(text).length,
      items: text.match(/^(- |\d\. )/gm)?.length,
      rows: text.match(/^\|/gm)?.length,
    });
    expect(shape(translation)).toEqual(shape(readme));
  });

  it('links to what README.md links to, and each links to the other', () => {
    // The picture is in the language of the page around it.
    const links = (text: string) =>
      linksOf(text.replace('fleet-pt.png', 'fleet-light.png')).filter((link) => !/^README/.test(link));
    expect(links(translation).toSorted()).toEqual(links(readme).toSorted());
    expect(linksOf(readme)).toContain('README.pt-BR.md');
    expect(linksOf(translation)).toContain('README.md');
  });

  it('names no key, command or word that README.md does not name', () => {
    expect(spansOf(translation).filter((span) => !spansOf(readme).includes(span))).toEqual([]);
  });
});

describe('configs in the docs', () => {
  const configs = DOCUMENTS.flatMap((file) =>
    blocksOf(read(file))
      .filter(({ language, text }) => language === 'yaml' && /^instances:/m.test(text))
      .map(({ text }, index) => ({ file, number: index + 1, text })),
  );

  it('are there', () => {
    expect(new Set(configs.map(({ file }) => file))).toContain('README.md');
  });

  it.each(configs)('load: number $number of $file', async ({ text }) => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'config.yaml'), text);
    const config = await loadConfig(join(folder, 'config.yaml'), ENVIRONMENT);
    expect(config.instances.length).toBeGreaterThan(0);
  });
});
