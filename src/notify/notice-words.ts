import type { NotifyTopic } from '../core/notification.ts';
import { SECOND } from '../core/time.ts';
import { amount } from '../telemetry/log/event-words.ts';
import type { Message, Notice } from './notice.ts';
import { MOST_SHOWN } from './receiver.ts';

interface Headings {
  readonly began: string;
  readonly lasts: string;
  readonly ended: string;
}

/** The heading of a message. Healed and recovered end what happens to an instance. */
const HEADINGS: Readonly<Record<NotifyTopic, string | Headings>> = {
  down: { began: 'Down', lasts: 'Still down', ended: 'Up again' },
  exhausted: { began: 'Restarts used up', lasts: 'Still down, restarts used up', ended: 'Up again' },
  needs_human: { began: 'Needs a human', lasts: 'Still needs a human', ended: 'Up again' },
  paused: { began: 'Paused', lasts: 'Still paused', ended: 'No longer paused' },
  storm: { began: 'Storm', lasts: 'Storm goes on', ended: 'Storm over' },
  gateway_outage: { began: 'Gateway outage', lasts: 'Gateway outage goes on', ended: 'Gateway outage over' },
  harmful: { began: 'Restarts do harm', lasts: 'Restarts still held: they did harm', ended: 'Released' },
  blind: { began: 'Blind', lasts: 'Still blind', ended: 'Sees again' },
  refused: { began: 'Account refused', lasts: 'Account still refused', ended: 'Account accepted again' },
  flapping: { began: 'Flapping', lasts: 'Still flapping', ended: 'No longer flapping' },
  own_network: { began: 'Own network down', lasts: 'Own network still down', ended: 'Own network up again' },
  config_reload_failed: {
    began: 'Config not reloaded',
    lasts: 'Config still not reloaded',
    ended: 'Config is good again',
  },
  state_not_saved: { began: 'State not saved', lasts: 'State still not saved', ended: 'State saved again' },
  healed: 'Healed',
  recovered: 'Recovered',
  restart: 'Restart called',
  not_healed: 'Restart did not heal',
  restart_harmed: 'Restart did harm',
  reset: 'Reset',
  config_reloaded: 'Config reloaded',
  decision_failed: 'Bug in the watchdog',
  alert_unmatched: 'Alert without an instance',
};

/** How good or bad it is; it becomes a colour. */
export type Mood = 'bad' | 'worrying' | 'good' | 'neutral';

const BAD: ReadonlySet<NotifyTopic> = new Set<NotifyTopic>([
  'down',
  'exhausted',
  'needs_human',
  'gateway_outage',
  'restart_harmed',
  'harmful',
  'blind',
  'refused',
  'own_network',
  'state_not_saved',
  'decision_failed',
]);

export function moodOf({ topic, stage, level }: Notice): Mood {
  if (stage === 'ended' || topic === 'healed' || topic === 'recovered') return 'good';
  if (BAD.has(topic)) return 'bad';
  return level === 'warn' || level === 'error' ? 'worrying' : 'neutral';
}

/** `Down: support`, or `Down: 50 instances`. */
export function titleOf({ notices: [first], count }: Message): string {
  const heading = headingOf(first);
  if (count > 1) return `${heading}: ${count} ${first.name === null ? 'times' : 'instances'}`;
  const subject = subjectOf(first);
  return subject === null ? heading : `${heading}: ${subject}`;
}

/** The text below the title. */
export function textOf({ notices, count }: Message): string {
  const [first] = notices;
  if (count === 1) return first.text + lastedOf(first);
  const lines = notices.map((notice) => {
    const subject = subjectOf(notice) ?? '';
    const { cause } = notice.fields;
    return typeof cause === 'string' ? `${subject}: ${cause}` : subject;
  });
  if (count > MOST_SHOWN) lines.push(`and ${count - notices.length} more`);
  return lines.join('\n');
}

/** A gateway whose accounts are affected together stands among the fields. */
function subjectOf({ name, account, fields: { gateway } }: Notice): string | null {
  return name ?? account ?? (typeof gateway === 'string' ? gateway : null);
}

function headingOf({ topic, stage }: Notice): string {
  const heading = HEADINGS[topic];
  if (typeof heading === 'string') return heading;
  return heading[stage === 'happened' ? 'began' : stage];
}

/** The sentences of healing and recovery name the time themselves. */
function lastedOf({ topic, stage, at, since }: Notice): string {
  if (since === null || topic === 'healed' || topic === 'recovered') return '';
  const lasted = amount((at - since) / SECOND);
  if (stage === 'lasts') return `\nSo for ${lasted}.`;
  return stage === 'ended' ? `\nIt lasted ${lasted}.` : '';
}
