import { SECOND, type DurationMs } from '../../core/time.ts';
import type { InstanceView } from '../../http/views/schemas.ts';
import { sleep } from '../../time/clock.ts';
import { printableJson, type ExitCode, type Terminal } from '../terminal.ts';
import { connect, reportLack, type DaemonOptions } from './connect.ts';
import { UnreachableError } from './daemon-client.ts';
import { chosenInstances, fleetTable, type FleetFilter } from './fleet-table.ts';

const WATCH_EVERY: DurationMs = 2 * SECOND;
const CLEAR_SCREEN = '\u001b[H\u001b[2J';

type InstancesOptions = DaemonOptions & FleetFilter & { readonly json: boolean; readonly watch: boolean };

/** The instances of a running daemon, all of them or those that are chosen; `watch`: again and again until it is stopped. */
export async function instances(options: InstancesOptions, terminal: Terminal): Promise<ExitCode> {
  const connection = await connect(options, terminal);
  const { client, speech } = connection;
  const { clock, stop } = terminal;
  const show = (all: readonly InstanceView[]): void => {
    const chosen = chosenInstances(all, options, speech);
    const screen = options.watch ? terminal.size() : null;
    if (screen !== null) terminal.write(CLEAR_SCREEN);
    const shown = screen === null ? chosen : chosen.slice(0, Math.max(1, screen.rows - 3));
    if (options.json) terminal.write(`${printableJson(chosen, options.watch ? undefined : 2)}\n`);
    else terminal.write(fleetTable(shown, terminal, speech, clock.wall()));
    const more = chosen.length - shown.length;
    if (more > 0) terminal.write(`${speech.cli.more(speech.count(more))}\n`);
    reportLack(connection, terminal);
  };
  for (let wasThere = false; ; wasThere = true) {
    try {
      show(await client.instances());
    } catch (error) {
      // A daemon that is restarted is back in a moment.
      if (!wasThere || !options.watch || !(error instanceof UnreachableError)) throw error;
      if (!stop.aborted) terminal.writeError(`${speech.error(error.message)}\n`);
    }
    if (!options.watch) return 0;
    await sleep(clock, WATCH_EVERY, stop);
    if (stop.aborted) return 0;
  }
}
