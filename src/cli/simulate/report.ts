import { isoTime } from '../../core/schedule/iso-time.ts';
import { SECOND, type EpochMs } from '../../core/time.ts';
import { inSeconds } from '../../simulation/findings.ts';
import { titleOf } from '../../notify/formats/in-words.ts';
import { eventWords } from '../daemon/event-words.ts';
import type { Speech } from '../speech.ts';
import { renderTable } from '../terminal.ts';
import type { Checked, Played } from './play.ts';
import type { Moment } from './recorder.ts';

/** What is known of a simulation besides what happened in it. */
export interface About {
  readonly scenario: string;
  readonly seed: number;
  /** Whether the config has any receiver of notifications. */
  readonly notifies: boolean;
}

/** Lines that a terminal shows at once, about. */
const SCREEN = 30;

/** For people: the summary, what was expected, and everything that happened. */
export function asText(played: Played, about: About, speech: Speech): string {
  const { instances, checked, timeline, startedAt } = played;
  const { cli, words } = speech;
  const { columns, nothingHappened, happened } = cli.simulate;
  const isEnglish = speech.formats.language === 'en';
  const rows = instances.map(({ name, down, restarts, healed, phase, holds }) => [
    ...[name, inSeconds(down), String(restarts), String(healed), cli.phases[phase]],
    [...holds].map((hold) => (isEnglish ? hold : words.holds[hold])).join(', '),
  ]);
  const head = [cli.columns.name, columns.down, columns.restarts, columns.healed, columns.phase, columns.holds];
  const table = renderTable(head, rows);
  const what = timeline.map((moment) => `${inSeconds(moment.at - startedAt).padStart(9)}  ${saidOf(moment, speech)}\n`);
  return [
    table,
    `\n${notifications(played, about, speech)}\n`,
    ...(checked.length === 0 ? [] : ['\n', ...checked.map((each) => expectation(each, speech))]),
    what.length === 0 ? `\n${nothingHappened}\n` : `\n${happened(isoTime(startedAt))}\n`,
    ...what,
    // Where the beginning has gone out of sight, the end says it again.
    ...(what.length > SCREEN ? ['\n', table] : []),
  ].join('');
}

function saidOf({ at, fields, text, message }: Moment, speech: Speech): string {
  if (message !== undefined) {
    const title = titleOf(message, { catalogue: speech, formats: speech.formats });
    return speech.cli.simulate.notified(String(fields['receiver']), title);
  }
  return eventWords({ ...fields, type: String(fields['event']), at: isoTime(at), message: text }, speech);
}

function notifications({ messages }: Played, { notifies }: About, { cli: { simulate } }: Speech): string {
  if (!notifies) return simulate.noReceiver;
  const counts = [...messages].map(([topic, count]) => `${topic} ${count}`);
  return counts.length === 0 ? simulate.nobody : simulate.messages(counts.join(', '));
}

function expectation({ expectation: { line, text }, met, found }: Checked, { cli: { simulate } }: Speech): string {
  const width = Math.max(simulate.met.length, simulate.notMet.length);
  return `${(met ? simulate.met : simulate.notMet).padEnd(width)}  ${simulate.line(String(line), text, found)}\n`;
}

/** For programs: the same as one JSON document. */
export function asJson(played: Played, { scenario, seed }: About): string {
  const { startedAt, lasted, instances, messages, checked, timeline } = played;
  const seconds = (at: EpochMs): number => (at - startedAt) / SECOND;
  const document = {
    ...{ scenario, seed, startedAt: isoTime(startedAt), seconds: lasted / SECOND },
    met: checked.every(({ met }) => met),
    instances: instances.map(({ name, account, down, restarts, healed, recovered, phase, cause, holds }) => ({
      ...{ name, account, downSeconds: down / SECOND, restarts, healed, recovered, phase, cause, holds: [...holds] },
    })),
    notifications: Object.fromEntries(messages),
    expectations: checked.map(({ expectation: { line, text }, met, found }) => ({ line, text, met, found })),
    timeline: timeline.map(({ at, fields, text }) => ({ seconds: seconds(at), ...fields, msg: text })),
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}
