import type { WatchdogEvent } from '../../core/event.ts';
import { formatProblems, type Problem } from '../../core/problem.ts';
import type { EventLine } from './log-line.ts';

/** More problems than this are only counted. */
const MOST_PROBLEMS = 20;

/** The log line of what affects the watchdog itself. */
export function watchdogLine(event: WatchdogEvent): EventLine {
  const { type } = event;
  switch (type) {
    case 'own_network_down':
      return {
        level: 'warn',
        fields: { event: type, reason: event.reason },
        msg: `own network down: ${event.reason}. Unanswered probes do not count, and nothing is restarted.`,
      };
    case 'own_network_up':
      return { level: 'info', fields: { event: type }, msg: 'own network up again' };
    case 'state_unusable': {
      const { reason, soughtAgain } = event;
      const next = soughtAgain
        ? 'It is tried again at least once a minute.'
        : 'Start the watchdog again once that is repaired.';
      return {
        level: 'error',
        fields: { event: type, reason, soughtAgain },
        msg: `not durable: ${reason.replace(/\.$/, '')}. All instances are probed and none is restarted, because a restart must be saved before it is made. ${next}`,
      };
    }
    case 'state_found':
      return {
        level: 'info',
        fields: { event: type, instances: event.instances },
        msg: `durable again: the state could be opened, and ${event.instances} instances were restored from it`,
      };
    case 'config_reloaded': {
      const { reason, added, removed, changed, changedAccounts, waitingForRestart } = event;
      const waiting =
        waitingForRestart.length === 0
          ? ''
          : `. New values of ${waitingForRestart.join(', ')} are used only after a restart of the process`;
      return {
        level: waiting === '' ? 'info' : 'warn',
        fields: { event: type, reason, added, removed, changed, changedAccounts, waitingForRestart },
        msg: `config reloaded: ${added} instances added, ${removed} removed, ${changed} changed; ${changedAccounts} accounts changed${waiting}`,
      };
    }
    case 'config_reload_failed': {
      const { reason, problems } = event;
      return {
        level: 'error',
        fields: { event: type, reason, problems: problems.slice(0, MOST_PROBLEMS) },
        msg: `the config was not reloaded, the one before stays in use: ${problemLines(problems)}`,
      };
    }
    case 'alert_unmatched':
      return {
        level: 'warn',
        fields: { event: type, alert: event.alert, instance: event.instance },
        msg: `alert ${event.alert} requests a restart of ${event.instance}, but no instance of that name is watched. Set the label name in its rule to the name of an instance.`,
      };
  }
}

function problemLines(problems: readonly Problem[]): string {
  const more = problems.length - MOST_PROBLEMS;
  return formatProblems(problems.slice(0, MOST_PROBLEMS)) + (more > 0 ? `\nand ${more} more` : '');
}
