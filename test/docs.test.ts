import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { configReference, withConfigReference } from '../scripts/config-reference.ts';
import { runCommandLine } from '../src/cli/program.ts';
import { loadConfig } from '../src/config/load.ts';
import { HOLDS, OUTCOMES, PHASES, TRIGGERS } from '../src/core/instance/instance.ts';
import { CAUSES, VERDICTS } from '../src/core/verdict.ts';
import { createApp } from '../src/http/app.ts';
import { systemClock } from '../src/time/clock.ts';
import { httpParts } from './http/http-parts.ts';

const root = join(import.meta.dirname, '..');
const read = (file: string): string => readFileSync(join(root, file), 'utf8');

const DOCUMENTS = ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'deploy/README.md'];
const readme = read('README.md');

/** Variables that configs in README take secrets from. */
const ENVIRONMENT = {
  SMILEAPI_TOKEN: 'token',
  SLACK_URL: 'https://hooks.slack.com/services/T000/B000/secret',
  TELEGRAM_URL: 'https://api.telegram.org/bot1:secret/sendMessage',
  N8N_URL: 'https://n8n.example.org/webhook/secret',
  N8N_SECRET: `whsec_${'A'.repeat(32)}`,
};

/** What is set as code: fenced blocks, each with its language, and spans within a line. */
function codeOf(markdown: string): { blocks: { language: string; text: string }[]; spans: string[] } {
  const fence = /^ *```(\w*)\n([\s\S]*?)^ *```$/gm;
  const blocks = [...markdown.matchAll(fence)].map(([, language = '', text = '']) => ({ language, text }));
  const spans = [...markdown.replace(fence, '').matchAll(/`([^`\n]+)`/g)].map(([, text = '']) => text);
  return { blocks, spans };
}

const { blocks, spans } = codeOf(readme);
const codeLines = [...blocks.flatMap(({ text }) => text.split('\n')), ...spans].map((line) => line.trim());

/** What the command line prints for some arguments. */
async function output(...args: string[]): Promise<string> {
  let text = '';
  const write = (part: string): void => {
    text += part;
  };
  const signal = new AbortController().signal;
  const streams = { interactive: false, progress: false, write, writeError: write };
  await runCommandLine(args, { clock: systemClock(), env: {}, stop: signal, onHangup: () => undefined, ...streams });
  return text;
}

const commandsIn = (help: string): string[] =>
  [...(help.split('Commands:\n')[1] ?? '').matchAll(/^ {2}([a-z]+)/gm)].map(([, name = '']) => name);
const optionsIn = (text: string): string[] => text.match(/(?<![\w-])--?[a-z][a-z-]*/g) ?? [];

describe('README', () => {
  it('holds the reference of all config keys as the schema has it', () => {
    expect(readme, 'run: npm run docs').toBe(withConfigReference(readme, configReference()));
  });

  it('names every command and every option, and none that does not exist', async () => {
    const commands = commandsIn(await output('--help')).filter((name) => name !== 'help');
    const helps = await Promise.all(commands.map((name) => output(name, '--help')));
    const options = new Set(['--version', ...helps.flatMap(optionsIn)]);

    const calls = codeLines.filter((line) => line.startsWith('smileapi-watchdog '));
    const called = calls.flatMap((line) => /^smileapi-watchdog ([a-z]+)/.exec(line)?.[1] ?? []);
    expect(new Set(called)).toEqual(new Set(commands));
    const written = [...calls, ...spans.filter((span) => span.startsWith('-'))].flatMap(optionsIn);
    expect(written.filter((option) => !options.has(option))).toEqual([]);
    const told = new Set(['-h', '--help', '-V', '--version', ...written]);
    expect([...options].filter((option) => !told.has(option))).toEqual([]);
  });

  it('names every route, and none that does not exist', () => {
    const routes = createApp(httpParts())
      .routes.filter(({ method }) => method !== 'ALL')
      .map(({ method, path }) => `${method} ${path.replace(/:(\w+)/g, '{$1}')}`);
    const named = codeLines.flatMap((line) => /^((?:GET|POST|PUT|DELETE) \/\S*)$/.exec(line)?.[1] ?? []);
    expect(new Set(named)).toEqual(new Set(routes));
  });

  it('names every metric, and none that does not exist', () => {
    const folder = join(root, 'src/telemetry');
    const sources = readdirSync(folder).filter((file) => !file.endsWith('.test.ts'));
    const metricsIn = (text: string): string[] => text.match(/\bwatchdog_[a-z_]+/g) ?? [];
    const exposed = new Set(sources.flatMap((file) => metricsIn(readFileSync(join(folder, file), 'utf8'))));
    const named = metricsIn(readme).map((name) => name.replace(/_(bucket|sum|count)$/, ''));
    expect(new Set(named)).toEqual(exposed);
  });

  it.each([
    ['phase', PHASES],
    ['verdict', VERDICTS],
    ['cause', VERDICTS.flatMap((verdict) => CAUSES[verdict])],
    ['hold', HOLDS],
    ['trigger', TRIGGERS],
    ['outcome', OUTCOMES],
  ])('explains every %s', (_, words: readonly string[]) => {
    expect(words.filter((word) => !spans.includes(word))).toEqual([]);
  });

  it('shows only whole configs that load', async () => {
    const configs = blocks.filter(({ language, text }) => language === 'yaml' && /^instances:/m.test(text));
    expect(configs.length).toBeGreaterThan(0);
    const folder = mkdtempSync(join(tmpdir(), 'smileapi-watchdog-docs-'));
    onTestFinished(() => {
      rmSync(folder, { recursive: true, force: true });
    });
    for (const { text } of configs) {
      writeFileSync(join(folder, 'config.yaml'), text);
      const config = await loadConfig(join(folder, 'config.yaml'), ENVIRONMENT);
      expect(config.instances.length).toBeGreaterThan(0);
    }
  });

  it('leads to the example of a config', () => {
    expect(readme).toContain('(config.example.yaml)');
  });
});

describe.each(DOCUMENTS)('%s', (file) => {
  const text = read(file);
  const code = codeOf(text);

  it('links only to what is there', () => {
    const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link);
    const missing = links.filter((link) => {
      if (/^https?:/.test(link)) return false;
      const [path = '', anchor] = link.split('#');
      const target = path === '' ? file : path;
      if (!existsSync(join(root, dirname(file), target))) return true;
      return anchor !== undefined && !headings(read(target)).includes(anchor);
    });
    expect(missing).toEqual([]);
  });

  it('names only files that are there', () => {
    const paths = code.spans.filter((span) => /^(src|test|scripts|bench|deploy|\.ci)\/[\w./-]*$/.test(span));
    expect(paths.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });

  it('names only npm scripts that are there', () => {
    const scripts = Object.keys((JSON.parse(read('package.json')) as { scripts: object }).scripts);
    const lines = [...code.blocks.flatMap((block) => block.text.split('\n')), ...code.spans];
    const called = lines.flatMap((line) => /^\s*npm (?:run )?([a-z][a-z:]*)/.exec(line)?.[1] ?? []);
    const ofNpm = ['ci', 'install', 'run'];
    expect(called.filter((name) => !scripts.includes(name) && !ofNpm.includes(name))).toEqual([]);
  });
});

/** Anchors of the headings, as GitHub makes them. */
function headings(markdown: string): string[] {
  return [...markdown.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replace(/[^\p{Letter}\p{Number}\s_-]/gu, '')
      .replace(/\s/g, '-'),
  );
}
