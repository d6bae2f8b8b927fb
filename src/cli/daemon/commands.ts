import { InvalidArgumentError, type Command } from 'commander';
import type { actionsOf } from '../action.ts';
import { events } from './events.ts';
import { instances } from './instances.ts';
import { actOn, release, reload } from './operate.ts';
import { report } from './report.ts';
import { status } from './status.ts';

const NAMES = ['<NAME...>', 'names of instances'] as const;

/** The commands that call a running daemon. */
export function addDaemonCommands(program: Command, action: ReturnType<typeof actionsOf>): void {
  const command = (name: string, description: string): Command =>
    program
      .command(name)
      .description(description)
      .option('-c, --config <FILE>', 'config file of the daemon: its address and token')
      .option('--url <URL>', 'address of the running daemon (default: where the config lets it listen)')
      .option('--token-file <FILE>', 'file with the token (default: the variable WATCHDOG_TOKEN, or the config)');
  const filtered = (of: Command): Command =>
    of
      .option('--phase <PHASE>', 'only those in this phase, or paused')
      .option('--account <NAME>', 'only those of this account')
      .option('--label <KEY=VALUE>', 'only those with this label')
      .option('--json', 'print JSON', false);

  filtered(command('status', 'the fleet of a running daemon, the sick ones first'))
    .option('--all', 'all instances, however many', false)
    .action(action(status));
  filtered(command('instances', 'the instances of a running daemon'))
    .option('--watch', 'again every two seconds', false)
    .action(action(instances));
  command('events', 'what happened lately')
    .option('-f, --follow', 'and what happens from now on', false)
    .option('--name <NAME>', 'only events of this instance')
    .option('--account <NAME>', 'only events of this account')
    .option('--limit <N>', 'at most N events', parseLimit, 50)
    .option('--json', 'print one JSON object for each', false)
    .action(action(events));
  command('pause', 'hold automatic restarts of instances; they are still probed')
    .argument(...NAMES)
    .option('--for <DURATION>', 'how long, such as 2h (default: until they are resumed)')
    .option('--reason <TEXT>', 'why')
    .action(action(actOn('pause')));
  command('resume', 'end pauses')
    .argument(...NAMES)
    .action(action(actOn('resume')));
  command('ack', 'silence the messages about the troubles of instances until they end')
    .argument(...NAMES)
    .option('--for <DURATION>', 'how long at most, such as 4h (default: until they end)')
    .option('--reason <TEXT>', 'why')
    .action(action(actOn('ack')));
  command('reset', 'forget attempts, cooldown and spent budget of instances')
    .argument(...NAMES)
    .action(action(actOn('reset')));
  command('release', 'let restarts of an account go on that are held because restarts did harm')
    .argument('<ACCOUNT>', 'name of the account')
    .action(action(release));
  command('report', 'availability month by month')
    .option('--by <GROUPS>', 'account, instance, label:KEY, or all', 'account')
    .option('--account <NAME>', 'only instances of this account')
    .option('--label <KEY=VALUE>', 'only instances with this label')
    .option('--month <YYYY-MM>', 'only this month')
    .option('--json', 'print JSON', false)
    .option('--csv', 'print CSV', false)
    .action(action(report));
  command('reload', 'have the running daemon read its config again')
    .option('--force', 'even if that takes most of the fleet away', false)
    .action(action(reload));
}

function parseLimit(text: string): number {
  if (!/^\d{1,4}$/.test(text) || Number(text) < 1 || Number(text) > 1_000) {
    throw new InvalidArgumentError('Give a number from 1 to 1000.');
  }
  return Number(text);
}
