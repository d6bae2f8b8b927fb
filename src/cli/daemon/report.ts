import { AvailabilityView, GroupAvailabilityView, type DatedPastView } from '../../http/views/history-schemas.ts';
import { pastCsv } from '../../http/history/history-csv.ts';
import { list, view, type InstanceView } from '../../http/views/schemas.ts';
import { namingColumns, type Speech } from '../speech.ts';
import { CommandError, printableJson, renderTable, UsageError, type ExitCode, type Terminal } from '../terminal.ts';
import { connect, reportLack, type DaemonOptions } from './connect.ts';
import type { DaemonClient } from './daemon-client.ts';
import { instancesOf } from './fleet-table.ts';

export interface ReportOptions extends DaemonOptions {
  /** all, account, label:KEY or instance. */
  readonly by: string;
  /** Only instances of this account. */
  readonly account?: string;
  /** Only instances with this label, as key=value. */
  readonly label?: string;
  /** Only this month, as 2026-11. */
  readonly month?: string;
  readonly json: boolean;
  readonly csv: boolean;
}

const Groups = view({ groups: list(GroupAvailabilityView) });

interface Reported {
  readonly name: string;
  readonly months: readonly DatedPastView[];
  /** Null: it is of a group. */
  readonly instance: InstanceView | null;
  /** That of the months. */
  readonly timezone: string;
}

/**
 * What was, month by month, of a running daemon: for those whose instances these are. Ends with 1 when a part of it is
 * missing.
 */
export async function report(options: ReportOptions, terminal: Terminal): Promise<ExitCode> {
  if (options.month !== undefined && !/^\d{4}-(0[1-9]|1[0-2])$/.test(options.month)) {
    throw new UsageError('--month: write it as 2026-11');
  }
  if (options.json && options.csv) throw new UsageError('--json and --csv exclude each other. Keep one of the two.');
  if (options.label !== undefined && !/^[^=]+=/.test(options.label)) {
    throw new UsageError('--label: write it as key=value');
  }
  const connection = await connect(options, terminal);
  const { client, speech } = connection;
  const all = options.by === 'instance' ? await ofInstances(client, options) : await ofGroups(client, options);
  const timezone = all[0]?.timezone ?? null;
  const reported = all.map(({ name, months, instance }) => ({
    ...{ name, instance },
    months: months.filter(({ from }) => options.month === undefined || from === options.month),
  }));
  if (options.json)
    terminal.write(`${printableJson({ by: options.by, timezone, report: reported.map(forPrograms) }, 2)}\n`);
  else if (options.csv) {
    const rows = reported.map(({ name, months }) => ({ name, dated: months }));
    terminal.write(pastCsv(options.by, rows, speech.formats.language));
  } else if (options.month !== undefined && reported.every(({ months }) => months.length === 0)) {
    terminal.write(`${speech.cli.report.nothingIn(options.month)}\n`);
  } else terminal.write(asTable(reported, speech));
  return reportLack(connection, terminal) ? 1 : 0;
}

async function ofGroups(client: DaemonClient, options: ReportOptions): Promise<readonly Reported[]> {
  const { by, account, label } = options;
  if (!/^(all|account|label:.+)$/.test(by)) {
    throw new UsageError('--by: it must be all, account, instance or label:KEY');
  }
  const { groups } = await client.read(Groups, '/api/v1/availability', { groupBy: by, account, label });
  if (groups.length === 0) refuseNone(options);
  return groups.map(({ group, months, timezone }) => ({ name: group, months, timezone, instance: null }));
}

async function ofInstances(client: DaemonClient, options: ReportOptions): Promise<readonly Reported[]> {
  const reported: Reported[] = [];
  for (const instance of instancesOf(await client.instances(), options)) {
    const { name } = instance;
    const path = `/api/v1/instances/${encodeURIComponent(name)}/availability`;
    const { months, timezone } = await client.read(AvailabilityView, path, {});
    reported.push({ name, months, timezone, instance });
  }
  if (reported.length === 0) refuseNone(options);
  return reported;
}

/** @throws CommandError where that nothing is found is because of what was asked for */
function refuseNone({ account, label }: ReportOptions): void {
  if (account === undefined && label === undefined) return;
  throw new CommandError('no instance matches --account and --label');
}

type Row = Omit<Reported, 'timezone'>;

function forPrograms({ name, months, instance }: Row): object {
  if (instance === null) return { name, months };
  const { displayName, labels } = instance;
  return { name, displayName, labels, months };
}

function asTable(reported: readonly Row[], speech: Speech): string {
  const { formats, cli } = speech;
  const { report: words } = cli;
  const known = reported.flatMap(({ instance }) => instance ?? []);
  const naming = namingColumns(known, speech);
  const span = (seconds: number): string => (seconds === 0 ? '' : formats.amount(seconds));
  const rows = reported.flatMap(({ name, months, instance }) =>
    months.map((month) => [
      name === '' ? '—' : name,
      ...naming.map(({ cell }) => (instance === null ? '' : cell(instance))),
      month.from,
      month.availability === null ? '—' : `${formats.percent(month.availability)} %`,
      span(month.failing),
      span(month.needsHuman),
      span(month.unknown),
      span(month.paused),
      month.restarts === 0 ? '' : formats.number(month.restarts),
      month.timeToHeal === null ? '' : formats.amount(month.timeToHeal),
    ]),
  );
  if (rows.length === 0) return `${words.nothing}\n`;
  const { columns } = words;
  return renderTable(
    [
      ...[columns.name, ...naming.map(({ head }) => head)],
      ...[columns.month, columns.availability, columns.failing, columns.needsHuman],
      ...[columns.unknown, columns.paused, columns.restarts, columns.timeToHeal],
    ],
    rows,
  );
}
