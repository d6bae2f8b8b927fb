import { SECOND, type DurationMs } from '../../core/time.ts';
import { EventView, list as listOf, view } from '../../http/views/schemas.ts';
import { sleep } from '../../time/clock.ts';
import { eventWords } from './event-words.ts';
import { printableJson, type ExitCode, type Terminal } from '../terminal.ts';
import { connect, type DaemonOptions } from './connect.ts';
import { UnreachableError } from './daemon-client.ts';

/** After the connection was lost. */
const AGAIN: DurationMs = SECOND;
/** As many as the daemon remembers. */
const MOST = 1_000;
/** More than a list can hold. */
const MOST_SEEN = 10_000;

const Events = view({ events: listOf(EventView) });

/** A later version may know more. */
const STYLES: ReadonlyMap<string, 'dim' | 'yellow' | 'red'> = new Map([
  ['debug', 'dim'],
  ['warn', 'yellow'],
  ['error', 'red'],
]);

interface EventsOptions extends DaemonOptions {
  readonly follow: boolean;
  readonly name?: string;
  readonly account?: string;
  readonly limit: number;
  readonly json: boolean;
}

/** What happened lately, and with `follow` what happens from now on, until it is stopped; the daemon may be restarted meanwhile. */
export async function events(options: EventsOptions, terminal: Terminal): Promise<ExitCode> {
  const { client, speech } = await connect(options, terminal);
  const { clock, stop, paint } = terminal;
  const { name, account, limit } = options;
  const show = (event: EventView): void => {
    const time = speech.formats.shortTime(Date.parse(event.at), clock.wall());
    if (options.json) terminal.write(`${printableJson(event)}\n`);
    else terminal.write(`${time}  ${paint[STYLES.get(event.level) ?? 'reset'](eventWords(event, speech))}\n`);
  };
  const list = async (most: number): Promise<readonly EventView[]> => {
    const query = { name, account, limit: most };
    return (await client.read(Events, '/api/v1/events', query)).events;
  };
  if (!options.follow) {
    for (const event of await list(limit)) show(event);
    return 0;
  }
  const unseen = new Unseen();
  const showNew = (event: EventView): void => {
    const isChosen = (name ?? event.name) === event.name && (account ?? event.account) === event.account;
    if (isChosen && unseen.take(event)) show(event);
  };
  let [wasOpen, isLost] = [false, false];
  const showRecent = async (): Promise<void> => {
    const recent = await list(wasOpen ? MOST : limit);
    [wasOpen, isLost] = [true, false];
    recent.forEach(showNew);
  };
  while (!stop.aborted) {
    try {
      // Opened before the list is read, so that nothing is missed between the two.
      await client.follow({ name }, showRecent, showNew);
    } catch (error) {
      if (!wasOpen || !(error instanceof UnreachableError)) throw error;
      if (!isLost) terminal.writeError(`${speech.error(error.message)}\n`);
      isLost = true;
      await sleep(clock, AGAIN, stop);
    }
  }
  return 0;
}

/** Tells events apart that come by two ways, and of several replicas, each of which counts its own. */
class Unseen {
  readonly #seen = new Set<string>();
  /** What happened before the first one that was shown is not wanted. */
  #first: string | null = null;

  /** Whether it is wanted, and comes for the first time. */
  take({ at, type, message }: EventView): boolean {
    this.#first ??= at;
    const key = `${at} ${type} ${message}`;
    if (at < this.#first || this.#seen.has(key)) return false;
    this.#seen.add(key);
    const [oldest] = this.#seen;
    if (this.#seen.size > MOST_SEEN && oldest !== undefined) this.#seen.delete(oldest);
    return true;
  }
}
