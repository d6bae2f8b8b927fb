import { pino, stdTimeFunctions, type LevelWithSilent, type Logger, type LoggerOptions } from 'pino';
import { prettyFactory, type PrettyOptions } from 'pino-pretty';
import type { DurationMs } from '../../core/time.ts';
import { cleanColoured, cleanText } from '../../redaction/clean-text.ts';
import type { Masks } from '../../redaction/masks.ts';
import type { EventBus } from '../event-bus.ts';
import { lineOf, reachabilityOnly, type OwnRemedies } from './event-line.ts';
import type { EventLine } from './log-line.ts';
import { LogThrottle } from './log-throttle.ts';

/** Takes whole lines, each with its line break. */
export interface LogDestination {
  write(line: string): void;
  /** Resolves when what it took is written, or after `longest`. */
  flush?(longest: DurationMs): Promise<void>;
}

export interface LogOptions {
  readonly level: LevelWithSilent;
  /** `json`: one object per line; `pretty`: for reading, coloured on a terminal. */
  readonly format: 'json' | 'pretty';
  readonly destination: LogDestination;
  /** Whether lines for reading have colours. */
  readonly colorize?: boolean;
  /** Of everything that must never be printed. */
  readonly masks: Masks;
}

/** Fields that the message repeats; they are left out of lines made for reading. */
const SAID_BY_MESSAGE = [
  ...['event', 'name', 'account', 'from', 'to', 'verdict', 'cause', 'detail', 'remedy', 'failures', 'failingSince'],
  ...['trigger', 'hold', 'until', 'why', 'requestedBy', 'attempt', 'attempts', 'outcome', 'httpStatus', 'reason', 'by'],
  ...['seconds', 'latenessSeconds', 'secondsToHeal', 'downSeconds', 'restartGivenUp', 'others'],
];

const PRETTY: PrettyOptions = {
  translateTime: 'SYS:HH:MM:ss.l',
  ignore: SAID_BY_MESSAGE.join(','),
  singleLine: true,
  // Some words come from outside; they must not control the terminal.
  messageFormat: (line, messageKey) => cleanText(String(line[messageKey])),
};

/** The log of the process. Masking secrets is the last step of every line, whatever wrote it. */
export function createLogger(options: LogOptions): Logger {
  const { level, format, destination, masks, colorize = false } = options;
  const pretty = format === 'json' ? null : prettyFactory({ ...PRETTY, colorize });
  const finish = (line: string): string => masks.line(cleanColoured(pretty === null ? line : pretty(line)));
  const settings: LoggerOptions = {
    level,
    base: null,
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    hooks: { streamWrite: finish },
  };
  return pino(settings, destination);
}

/** Writes one line per event, and one for each account of which only reachability is watched. */
export function logEvents(bus: EventBus, logger: Logger, own?: OwnRemedies): void {
  const accountsLogged = new Set<string>();
  const throttle = new LogThrottle();
  bus.subscribe((event) => {
    if (event.type === 'probe_finished') {
      if (event.cause === 'responding' && !accountsLogged.has(event.account)) {
        accountsLogged.add(event.account);
        write(logger, reachabilityOnly(event.account));
      }
      // Building a line costs more than the rest of a probe's decision, and these are rarely wanted.
      if (!logger.isLevelEnabled('debug')) return;
    }
    if (event.type === 'list_finished' && !logger.isLevelEnabled('debug')) return;
    if (event.type === 'state_not_saved' || event.type === 'state_saved_again') {
      const line = throttle.lineOf(event);
      if (line !== null) write(logger, line);
      return;
    }
    write(logger, lineOf(event, own));
  });
}

function write(logger: Logger, { level, fields, msg }: EventLine): void {
  logger[level](fields, msg);
}
