import { SECOND, type DurationMs } from '../../core/time.ts';
import type { EventView } from '../../http/views/schemas.ts';
import { sleep } from '../../time/clock.ts';
import { printableJson, type ExitCode, type Terminal } from '../terminal.ts';
import { connect, type DaemonOptions } from './connect.ts';

const LOOK_EVERY: DurationMs = SECOND;
/** As many as the daemon remembers. */
const MOST = 1_000;

const STYLES: Readonly<Record<EventView['level'], 'dim' | 'reset' | 'yellow' | 'red'>> = {
  debug: 'dim',
  info: 'reset',
  warn: 'yellow',
  error: 'red',
};

interface EventsOptions extends DaemonOptions {
  readonly follow: boolean;
  readonly name?: string;
  readonly account?: string;
  readonly limit: number;
  readonly json: boolean;
}

/** What happened lately, and with `follow` what happens from now on, until it is stopped. */
export async function events(options: EventsOptions, terminal: Terminal): Promise<ExitCode> {
  const { client, speech } = await connect(options, terminal);
  const { clock, stop, paint } = terminal;
  const about = { name: options.name, account: options.account };
  let last = 0;
  const showNewer = async (limit: number): Promise<void> => {
    const query = { ...about, limit, after: last };
    const found = await client.read<{ readonly events: readonly EventView[] }>('/api/v1/events', query);
    for (const event of found.events) {
      last = Math.max(last, event.id);
      if (options.json) terminal.write(`${printableJson(event)}\n`);
      else
        terminal.write(
          `${speech.formats.shortTime(Date.parse(event.at), clock.wall())}  ${paint[STYLES[event.level]](event.message)}\n`,
        );
    }
  };
  await showNewer(options.limit);
  while (options.follow) {
    await sleep(clock, LOOK_EVERY, stop);
    if (stop.aborted) break;
    await showNewer(MOST);
  }
  return 0;
}
