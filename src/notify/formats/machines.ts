import type { Severity } from '../../core/notification.ts';
import { isoTime, isoTimeOrNull } from '../../core/schedule/iso-time.ts';
import { MINUTE, SECOND } from '../../core/time.ts';
import { labelNameOf } from '../../telemetry/metrics/exposition.ts';
import type { Message, Notice } from '../notice.ts';
import { severityOf } from '../severity.ts';
import { bounded } from './escape.ts';
import { inWords, type Style } from './in-words.ts';

const LONGEST_TEXT = 10_000;

/** Alertmanager forgets what is not repeated; the watchdog repeats it every five minutes while it lasts. */
export const ALERT_REPEATED_EVERY = 5 * MINUTE;
const ALERT_LASTS = 3 * ALERT_REPEATED_EVERY;
/**
 * An end that Alertmanager's clock has yet to reach is none to it: the alert would last on for {@link ALERT_LASTS}. The clocks of
 * two machines may be apart by this much.
 */
const CLOCKS_APART = 30 * SECOND;

/** CloudEvents 1.0.2, structured mode. */
export function cloudEvent(notice: Notice, link: string | null): unknown {
  const { id, topic, account, name, at } = notice;
  return {
    specversion: '1.0',
    id,
    source: account === null ? '/smileapi-watchdog' : `/smileapi-watchdog/accounts/${account}`,
    type: `smileapi-watchdog.${topic}`,
    time: isoTime(at),
    ...(name !== null && { subject: name }),
    datacontenttype: 'application/json',
    data: dataOf(notice, link),
  };
}

/** The payload of Standard Webhooks 1.0. */
export function standardEvent(notice: Notice, link: string | null): unknown {
  return { type: notice.topic, timestamp: isoTime(notice.at), data: dataOf(notice, link) };
}

function dataOf(notice: Notice, link: string | null): unknown {
  const { topic, stage, incident, since, level, name, account, text, fields, facts } = notice;
  return {
    ...fields,
    ...(name !== null && { name }),
    ...(account !== null && { account }),
    ...(facts !== null && {
      displayName: facts.displayName,
      phoneNumberId: facts.phoneNumberId,
      labels: facts.labels,
      next: facts.next,
    }),
    ...(link !== null && { link }),
    event: topic,
    course: stage,
    severity: severityOf(notice),
    incident,
    since: isoTimeOrNull(since),
    level,
    message: bounded(text, LONGEST_TEXT),
  };
}

/** Of what an incident is about: its topic may change while it lasts, and the labels of an alert must not. */
const KINDS: Readonly<Record<string, { readonly name: string; readonly severity: Severity }>> = {
  instance: { name: 'Instance', severity: 'critical' },
  paused: { name: 'Paused', severity: 'info' },
  storm: { name: 'Storm', severity: 'warning' },
  flapping: { name: 'Flapping', severity: 'warning' },
  config: { name: 'ConfigNotReloaded', severity: 'warning' },
};

/** The body of `POST /api/v2/alerts` of Alertmanager: one alert for each notice, with labels that no other has. */
export function alerts(message: Message, style: Style, timezone: string | null): unknown {
  return message.notices.map((notice) => {
    const { title, lines, link, facts } = inWords({ ...message, notices: [notice], count: 1 }, style, timezone);
    const { incident, topic, stage, at, since, name, account } = notice;
    const kind = incident?.split(':')[0] ?? topic;
    const { name: kindName, severity } = KINDS[kind] ?? {
      name: pascal(kind),
      severity: severityOf({ ...notice, stage: 'began' }),
    };
    const [{ remedy }] = facts;
    const lasts = (incident !== null && stage !== 'ended') || stage === 'happened';
    const startedAt = since ?? at;
    return {
      labels: {
        alertname: `SmileapiWatchdog${kindName}`,
        severity,
        // Of a gateway that several accounts share it stands in the key of the incident.
        ...(account === null &&
          incident?.includes(':') === true && { gateway: incident.slice(incident.indexOf(':') + 1) }),
        ...(account !== null && { account }),
        ...(name !== null && { name }),
        ...labelsOf(notice),
      },
      annotations: {
        topic,
        summary: bounded(title, LONGEST_TEXT),
        description: bounded(lines.join('\n'), LONGEST_TEXT),
        ...(remedy !== null && { remedy }),
      },
      startsAt: isoTime(startedAt),
      endsAt: isoTime(lasts ? at + ALERT_LASTS : Math.max(startedAt, at - CLOCKS_APART)),
      ...(link !== null && { generatorURL: link }),
    };
  });
}

/** As in the metrics. */
function labelsOf({ facts }: Notice): Record<string, string> {
  if (facts === null) return {};
  const { displayName, labels } = facts;
  const entries = Object.entries(labels).map(([key, value]): [string, string] => [labelNameOf(key), value]);
  return { ...(displayName !== null && { display_name: displayName }), ...Object.fromEntries(entries) };
}

function pascal(word: string): string {
  return word.replaceAll(/(?:^|_)(\w)/g, (_, letter: string) => letter.toUpperCase());
}
