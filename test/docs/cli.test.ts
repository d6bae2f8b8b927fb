import { describe, expect, it } from 'vitest';
import { commandLine } from '../cli/command-line.ts';
import { anchorsOf, blocksOf, codeLinesOf, DOCUMENTS, read, spansOf, tableOf } from './markdown.ts';

const page = read('docs/cli.md');

const optionsIn = (text: string): string[] => text.match(/(?<![\w-])--?[a-z][a-z-]*/g) ?? [];
const longOptionsIn = (text: string): string[] => optionsIn(text).filter((option) => option.startsWith('--'));

/** Each command with the long options of its help. */
async function readCommands(): Promise<Map<string, Set<string>>> {
  const help = (await commandLine(['--help'])).output.split('Commands:\n')[1] ?? '';
  const names = [...help.matchAll(/^ {2}([a-z]+)/gm)].map(([, name = '']) => name).filter((name) => name !== 'help');
  const options = names.map(async (name): Promise<[string, Set<string>]> => {
    const { output } = await commandLine([name, '--help']);
    const all = longOptionsIn(output.replace(/\(default.*\)/g, ''));
    return [name, new Set(all.filter((option) => option !== '--help'))];
  });
  return new Map(await Promise.all(options));
}

const known = await readCommands();

describe('docs/cli.md', () => {
  it('lists every command with all of its options, and none that does not exist', () => {
    const usage = blocksOf(page)[0]?.text.split('\n') ?? [];
    const listed = usage.flatMap((line): [string, Set<string>][] => {
      const [, name, rest = ''] = /^smileapi-watchdog ([a-z]+)(.*)$/.exec(line) ?? [];
      if (name === undefined) return [];
      return [[name, new Set(longOptionsIn(rest.replaceAll('[-c FILE]', '--config')))]];
    });
    expect(new Map(listed)).toEqual(known);
  });

  it('has a section for every command', () => {
    const anchors = anchorsOf(page);
    expect([...known.keys()].filter((name) => !anchors.includes(name))).toEqual([]);
  });

  it('explains the exit codes', () => {
    expect(tableOf(page, 'exit code', 'meaning').map(([code]) => code)).toEqual(['0', '1', '2']);
  });
});

describe.each(DOCUMENTS)('%s', (file) => {
  it('calls only commands and options that exist', () => {
    const text = read(file);
    const calls = codeLinesOf(text).flatMap((line) => /^smileapi-watchdog ([a-z]+)(.*)$/.exec(line) ?? []);
    for (let index = 0; index < calls.length; index += 3) {
      const [call, name = '', rest = ''] = calls.slice(index, index + 3);
      expect([...known.keys()], call).toContain(name);
      const unknown = longOptionsIn(rest.replace(/#.*$/, '')).filter((option) => known.get(name)?.has(option) !== true);
      expect(
        unknown.filter((option) => option !== '--config'),
        call,
      ).toEqual([]);
    }
  });
});

describe('options that the docs name by themselves', () => {
  it.each(['README.md', ...DOCUMENTS.filter((file) => file.startsWith('docs/'))])('exist: %s', (file) => {
    const options = new Set(['--help', '--version', ...[...known.values()].flatMap((all) => [...all])]);
    const named = spansOf(read(file)).filter((span) => /^--[a-z-]+$/.test(span));
    expect(named.filter((option) => !options.has(option))).toEqual([]);
  });
});
