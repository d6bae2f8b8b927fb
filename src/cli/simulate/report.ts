import { isoTime } from '../../core/schedule/iso-time.ts';
import { SECOND, type EpochMs } from '../../core/time.ts';
import { inSeconds } from '../../simulation/findings.ts';
import { renderTable } from '../terminal.ts';
import type { Checked, Played } from './play.ts';

/** What is known of a simulation besides what happened in it. */
export interface About {
  readonly scenario: string;
  readonly seed: number;
  /** Whether the config has any receiver of notifications. */
  readonly notifies: boolean;
}

/** Lines that a terminal shows at once, about. */
const SCREEN = 30;

const HEAD = ['NAME', 'DOWN FOR', 'RESTARTS', 'HEALED', 'PHASE AT THE END', 'HELD BACK BY'];

/** For people: the summary, what was expected, and everything that happened. */
export function asText(played: Played, about: About): string {
  const { instances, checked, timeline, startedAt } = played;
  const rows = instances.map(({ name, down, restarts, healed, phase, holds }) => [
    ...[name, inSeconds(down), String(restarts), String(healed), phase, [...holds].join(', ')],
  ]);
  const table = renderTable(HEAD, rows);
  const what = timeline.map(({ at, text }) => `${inSeconds(at - startedAt).padStart(9)}  ${text}\n`);
  return [
    table,
    `\n${notifications(played, about)}\n`,
    ...(checked.length === 0 ? [] : ['\n', ...checked.map(expectation)]),
    what.length === 0 ? '\nNothing happened.\n' : `\nWhat happened after ${isoTime(startedAt)}:\n`,
    ...what,
    // Where the beginning has gone out of sight, the end says it again.
    ...(what.length > SCREEN ? ['\n', table] : []),
  ].join('');
}

function notifications({ messages }: Played, { notifies }: About): string {
  if (!notifies) return 'Nobody would be notified: the config has no receiver in notify.';
  const counts = [...messages].map(([topic, count]) => `${topic} ${count}`);
  return counts.length === 0 ? 'Nobody would be notified.' : `Messages that would be sent: ${counts.join(', ')}`;
}

function expectation({ expectation: { line, text }, met, found }: Checked): string {
  return `${met ? 'met    ' : 'NOT MET'}  line ${line}: ${text} (found ${found})\n`;
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
