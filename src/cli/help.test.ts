import { describe, expect, it } from 'vitest';
import { commandLine } from '../../test/cli/command-line.ts';
import { HELP_SENTENCES } from '../language/pt-br/commands/help-sentences.ts';

const PORTUGUESE = { LANG: 'pt_BR.UTF-8' };

const helpOf = async (args: readonly string[], env: Record<string, string> = {}): Promise<string> =>
  (await commandLine([...args, '--help'], env)).output;

const COMMANDS = [...(await helpOf([])).matchAll(/^ {2}([a-z]+) /gm)].map(([, name = '']) => name);

/** Lines that were broken are whole again. */
const flat = (help: string): string => help.replaceAll(/\s+/g, ' ');

describe('the help in Portuguese', () => {
  it.each(['', ...COMMANDS])('of "%s" has no English text, and all that the English one has', async (command) => {
    const args = command === '' ? [] : [command];
    const [english, portuguese] = [await helpOf(args), await helpOf(args, PORTUGUESE)];
    const texts = Object.keys(HELP_SENTENCES).filter((text) => text.length > 12);
    expect(texts.filter((text) => flat(english).includes(text)).length).toBeGreaterThan(0);
    expect(texts.filter((text) => flat(portuguese).includes(text))).toEqual([]);
    const words = (help: string): readonly string[] => help.match(/(?<![\w-])--?[a-z][a-z-]*/g) ?? [];
    expect(words(portuguese).toSorted()).toEqual(words(english).toSorted());
  });

  it('has a sentence for every text of the English one, and no other', async () => {
    const all = flat(
      (await Promise.all([[], ...COMMANDS.map((name) => [name])].map((args) => helpOf(args)))).join(' '),
    );
    expect(Object.keys(HELP_SENTENCES).filter((text) => !all.includes(text))).toEqual([]);
    // What is left of a help without what has a sentence is usage, flags and values.
    const sorted = Object.keys(HELP_SENTENCES).toSorted((one, other) => other.length - one.length);
    const left = sorted.reduce((text, sentence) => text.replaceAll(sentence, ''), all);
    expect(left.match(/[a-z]{2,} [a-z]{2,} [a-z]{2,}/g) ?? []).toEqual([]);
  });

  it('says what the parser adds, and stays English where nobody asks for Portuguese', async () => {
    const help = await helpOf(['report'], PORTUGUESE);
    expect(help).toMatch(/^Uso: smileapi-watchdog report \[opções\]\n\ndisponibilidade mês a mês\n\nOpções:\n/);
    expect(help).toContain('(padrão: "account")');
    expect(help).not.toContain('false');
    expect(await helpOf(['completion'], PORTUGUESE)).toContain('(valores: "bash", "zsh", "fish")');
    expect(await helpOf(['report'])).toMatch(/^Usage: smileapi-watchdog report \[options\]\n/);
    const { output } = await commandLine(['completion', 'fish'], PORTUGUESE);
    expect(output).toContain("-a report -d 'disponibilidade mês a mês'");
    expect(output).not.toContain('display help');
  });
});
