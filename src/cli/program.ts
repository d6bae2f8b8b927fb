import { Argument, Command, CommanderError, InvalidArgumentError } from 'commander';
import { cleanLines } from '../redaction/clean-text.ts';
import { configJsonSchema } from '../config/json-schema.ts';
import { ConfigError } from '../config/problems.ts';
import { StoreError } from '../store/store.ts';
import { actionsOf } from './action.ts';
import { check } from './check.ts';
import { completion, SHELLS, type Shell } from './completion.ts';
import { configFile } from './config-file.ts';
import { addDaemonCommands } from './daemon/commands.ts';
import type { DaemonOptions } from './daemon/connect.ts';
import { probeNow } from './daemon/operate.ts';
import { demo } from './demo/demo.ts';
import { gateways } from './gateways.ts';
import { translateHelp } from './help.ts';
import { init } from './init/init.ts';
import { notifyTest } from './notify-test.ts';
import { probe } from './probe.ts';
import { restart } from './restart.ts';
import { run } from './run.ts';
import { simulate } from './simulate/simulate.ts';
import { simulator } from './simulator.ts';
import { speechFor } from './speech.ts';
import { CommandError, UsageError, type ExitCode, type Terminal } from './terminal.ts';
import { VERSION } from '../version.ts';

/** Runs one command line (without the program's own name) to its end. Never throws for a user's mistake. */
export async function runCommandLine(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  let exitCode: ExitCode = 0;
  const program = commands(terminal, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync(withoutWrongHelp(args, program), { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    // A config that cannot be read does not say its language, and usage is checked before one is read.
    const isOfCaller = error instanceof ConfigError || error instanceof UsageError;
    const isKnown = error instanceof StoreError || error instanceof CommandError || isListenError(error);
    if (!isOfCaller && !isKnown) throw error;
    const speech = speechFor(terminal);
    const text = error instanceof ConfigError ? speech.problems(error.problems) : speech.error(error.message);
    terminal.writeError(`${cleanLines(text)}\n`);
    return isOfCaller ? 2 : 1;
  }
}

/** Help about a command that there is not is answered as that command would be: with a hint, not with all of the help. */
function withoutWrongHelp(args: readonly string[], { commands: known }: Command): readonly string[] {
  const [help, about] = args;
  const isWrong =
    help === 'help' && about !== undefined && !['help', ...known.map((each) => each.name())].includes(about);
  return isWrong ? [about] : args;
}

function commands(terminal: Terminal, done: (code: ExitCode) => void): Command {
  const { error, help } = speechFor(terminal);
  const program = new Command('smileapi-watchdog')
    .description('Watches WhatsApp instances hosted by SmileAPI and restarts the ones that lost their connection.')
    .version(VERSION, '-V, --version', 'output the version number')
    .exitOverride()
    .configureOutput({
      writeOut: terminal.write,
      writeErr: terminal.writeError,
      outputError: (text, write) => write(error(text)),
    })
    .showHelpAfterError(error('smileapi-watchdog --help lists all commands and options.'));

  const action = actionsOf(terminal, done);
  const usual = configFile(undefined, terminal.env);
  const withConfig = (command: Command): Command =>
    command.option('-c, --config <FILE>', 'config file (also: the variable WATCHDOG_CONFIG)', usual);
  withConfig(program.command('run').description('the daemon: probe, restart what needs it, expose metrics'))
    .option('--dry-run', 'decide and report, call nothing', false)
    .action(action(run));
  program
    .command('init')
    .description('ask for a gateway, probe and list its instances, and write a config for them')
    .option('-c, --config <FILE>', 'the file to write', usual)
    .option('--gateway <NAME>', 'a built-in gateway (see the command gateways)')
    .option('--url <URL>', 'address of the gateway')
    .option('--username <NAME>', 'user name of the account, where the gateway wants one')
    .option('--token-file <FILE>', 'file that holds the token; the config names it')
    .option('--token-variable <NAME>', 'environment variable that holds the token; the config names it')
    .option('--value <NAME=VARIABLE>', 'a further secret of the gateway, in an environment variable', collected, [])
    .option('--id <ID>', 'an instance to watch; without it those that the gateway lists', collected, [])
    .option('--account <NAME>', 'name of the account (default: that of the gateway)')
    .option('--force', 'replace the file if it is there', false)
    .action(action(init));
  withConfig(program.command('check').description('validate the config and print what would be watched')).action(
    action(check),
  );
  withConfig(program.command('probe').description('probe all instances once, or those named'))
    .argument('[NAME...]', 'names of instances')
    .option('--json', 'print JSON', false)
    .option('--now', 'have the running daemon probe those named, which counts for it', false)
    .option('--url <URL>', 'address of the running daemon, with --now')
    .option('--token-file <FILE>', 'file with api.token, with --now')
    .action(async ([...names]: string[], options: ProbeOptions, command: Command) => {
      const { config, ...others } = options;
      // A config that nobody named need not be there.
      const named = command.getOptionValueSource('config') === 'cli' ? { config } : {};
      done(
        options.now ? await probeNow(names, { ...others, ...named }, terminal) : await probe(names, options, terminal),
      );
    });
  withConfig(program.command('restart').description("one restart call now; prints the gateway's JSON answer"))
    .argument('<NAME>', 'name of the instance')
    .option('--json', 'print one JSON object', false)
    .option('--force', 'even if a cooldown, a spent budget or anything else holds it', false)
    .option('--url <URL>', 'address of the running daemon (default: where the config lets it listen)')
    .action(action(restart));
  addDaemonCommands(program, action);
  withConfig(program.command('notify').description('test: send a test message to each receiver, or to those named'))
    .addArgument(new Argument('<ACTION>', 'what to do').choices(['test']))
    .argument('[RECEIVER...]', 'names of receivers')
    .action(action(notifyTest));
  program
    .command('demo')
    .description('a simulated gateway, a fleet that breaks, and the daemon healing it')
    .option('--gateway <NAME>', 'the built-in gateway that is simulated', 'smileapi')
    .option('--port <N>', 'port of the daemon (default: 9847, or any free one)', parsePort)
    .option('--stories', 'show at the end what was to happen to each instance', false)
    .action(action(demo));
  withConfig(program.command('simulate').description('try the config on a scenario; calls no gateway'))
    .requiredOption('--scenario <FILE>', 'what happens and what is expected, one sentence per line')
    .option('--json', 'print one JSON document', false)
    .action(action(simulate));
  program
    .command('schema')
    .description('JSON Schema of the config, for editors')
    .action(() => terminal.write(`${JSON.stringify(configJsonSchema({ withVariables: true }), null, 2)}\n`));
  withConfig(program.command('gateways').description('the gateways of program and config, or the description of one'))
    .argument('[NAME]', 'name of a gateway')
    .action(async (name: string | undefined, { config }: { config: string }, command: Command) => {
      const isNamed = command.getOptionValueSource('config') === 'cli';
      done(await gateways(name, { config, isNamed }, terminal));
    });
  program
    .command('simulator')
    .description('a simulated gateway for trying things out; prints one JSON line with its URL')
    .option('--gateway <NAME>', 'the built-in gateway that is simulated', 'smileapi')
    .option('--port <N>', 'port to listen on; 0: any', parsePort, 0)
    .option('--instances <N>', 'how many instances it has', parseCount, 10)
    .option('--username <NAME>', 'the account it serves', 'demo')
    .option('--token <TOKEN>', 'the token it asks for', 'simulated-token')
    .option('--webhook <URL>', 'where it sends webhooks of messages, with --gateway')
    .action(action(simulator));
  program
    .command('completion')
    .description('a script that has a shell complete commands and options')
    .addArgument(new Argument('<SHELL>', 'which shell').choices(SHELLS))
    .action((shell: Shell) => terminal.write(completion(program, shell, help('display help for command'))));
  translateHelp(program, help);
  return program;
}

type ProbeOptions = DaemonOptions & { readonly config: string; readonly json: boolean; readonly now: boolean };

function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_535) throw new InvalidArgumentError('A port is a number from 0 to 65535.');
  return port;
}

/** Of an option that may be given again and again. */
function collected(text: string, before: readonly string[]): readonly string[] {
  return [...before, text];
}

function parseCount(text: string): number {
  if (!/^\d{1,6}$/.test(text) || Number(text) < 1) throw new InvalidArgumentError('Give a number from 1 to 999999.');
  return Number(text);
}

/** The port is in use or not permitted; the message explains it already. */
function isListenError(error: unknown): error is Error {
  return error instanceof Error && error.cause instanceof Error && 'syscall' in error.cause;
}
