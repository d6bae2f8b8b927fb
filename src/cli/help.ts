import type { Command } from 'commander';

/**
 * Has a program and its commands say their help in a language; to be called once they are all there.
 *
 * @param say a text of the help; what it has no words for stays English
 */
export function translateHelp(program: Command, say: (english: string) => string): void {
  // What the parser adds to a description stands at its end. That an option is not there by default goes without saying.
  const added = (text: string): string =>
    text
      .replace(/ \(default: false\)$/, '')
      .replace(/ \((default|choices): ([^()]*)\)$/, (_, what: string, values: string) => ` (${say(what)}: ${values})`);
  for (const command of [program, ...program.commands]) {
    command.description(say(command.description()));
    for (const each of [...command.options, ...command.registeredArguments]) each.description = say(each.description);
    command.helpOption('-h, --help', say('display help for command')).configureHelp({
      ...{ styleTitle: say, styleOptionText: say, styleSubcommandText: say },
      ...{ styleOptionDescription: added, styleArgumentDescription: added },
    });
  }
  program.helpCommand(`help ${say('[command]')}`, say('display help for command'));
}
