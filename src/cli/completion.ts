import type { Command, Option } from 'commander';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** Options whose value is the name of a file. */
const FILE = /<FILE>/;

/**
 * A script that has a shell complete the commands and options of a program.
 *
 * @param about what the help is
 */
export function completion(program: Command, shell: Shell, about: string): string {
  const name = program.name();
  const help = program.createOption('-h, --help', about);
  const commands = program.commands.map((command) => ({
    name: command.name(),
    about: command.description(),
    options: [...command.options, help],
    choices: command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []),
  }));
  const names = commands.map((command) => command.name);
  const known = [...commands, { name: 'help', about: help.description, options: [], choices: names }];
  return SCRIPTS[shell](name, known);
}

interface Known {
  readonly name: string;
  readonly about: string;
  readonly options: readonly Option[];
  /** Words that an argument may be. */
  readonly choices: readonly string[];
}

const SCRIPTS: Readonly<Record<Shell, (program: string, known: readonly Known[]) => string>> = {
  bash(program, known) {
    const cases = known.map(
      ({ name, options, choices }) =>
        `    ${name}) words="${[...choices, ...options.flatMap(({ long }) => long ?? [])].join(' ')}" ;;`,
    );
    const files = [
      ...new Set(known.flatMap(({ options }) => options.filter(({ flags }) => FILE.test(flags)).flatMap(namesOf))),
    ];
    return `# ${program} completion bash > /etc/bash_completion.d/${program}
_smileapi_watchdog() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD-1]}" words=""
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${known.map(({ name }) => name).join(' ')}" -- "$cur"))
    return
  fi
  case "$prev" in
    ${files.join('|')}) COMPREPLY=($(compgen -f -- "$cur")); return ;;
  esac
  case "\${COMP_WORDS[1]}" in
${cases.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -F _smileapi_watchdog ${program}
`;
  },
  zsh(program, known) {
    const commands = known.map(({ name, about }) => `    ${quoted(`${name}:${about}`)}`);
    const cases = known.map(({ name, options, choices }) => {
      const specs = options.map((option) => {
        const value = /<(\w+)/.exec(option.flags)?.[1];
        const takes = value === undefined ? '' : `:${value}:${FILE.test(option.flags) ? '_files' : ''}`;
        return namesOf(option)
          .map((each) => quoted(`${each}[${option.description.replaceAll(/[[\]:]/g, ' ')}]${takes}`))
          .join(' ');
      });
      const rest = choices.length === 0 ? '' : ` ${quoted(`*:: :(${choices.join(' ')})`)}`;
      return `    ${name}) _arguments ${specs.join(' ')}${rest} ;;`;
    });
    return `#compdef ${program}
# ${program} completion zsh > "\${fpath[1]}/_${program}"
_smileapi_watchdog() {
  local -a commands=(
${commands.join('\n')}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  local command=$words[2]
  shift words; (( CURRENT-- ))
  case $command in
${cases.join('\n')}
  esac
}
# Either autoloaded by its name, or sourced.
if [ "$funcstack[1]" = _${program} ]; then
  _smileapi_watchdog "$@"
else
  compdef _smileapi_watchdog ${program}
fi
`;
  },
  fish(program, known) {
    const lines = known.flatMap(({ name, about, options, choices }) => [
      `complete -c ${program} -n __fish_use_subcommand -f -a ${name} -d ${quoted(about)}`,
      ...choices.map(
        (choice) => `complete -c ${program} -n ${quoted(`__fish_seen_subcommand_from ${name}`)} -f -a ${choice}`,
      ),
      ...options.map((option) => {
        const short = option.short === undefined ? '' : ` -s ${option.short.slice(1)}`;
        const long = option.long === undefined ? '' : ` -l ${option.long.slice(2)}`;
        const value = option.flags.includes('<') ? (FILE.test(option.flags) ? ' -r -F' : ' -x') : ' -f';
        const within = quoted(`__fish_seen_subcommand_from ${name}`);
        return `complete -c ${program} -n ${within}${short}${long}${value} -d ${quoted(option.description)}`;
      }),
    ]);
    return `# ${program} completion fish > ~/.config/fish/completions/${program}.fish\n${lines.join('\n')}\n`;
  },
};

function namesOf({ short, long }: Option): readonly string[] {
  return [short, long].filter((name) => name !== undefined);
}

/** For all three shells, in which a quote within single quotes ends them. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
