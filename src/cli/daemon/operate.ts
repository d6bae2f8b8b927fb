import { translateRemedy } from '../../language/catalogue.ts';
import { parseDuration } from '../../core/schedule/duration.ts';
import type { InstanceView } from '../../http/views/schemas.ts';
import { namingColumns, type Speech } from '../speech.ts';
import { printableJson, renderTable, UsageError, type ExitCode, type Terminal } from '../terminal.ts';
import { connect, type DaemonOptions } from './connect.ts';

interface ForSome extends DaemonOptions {
  readonly reason?: string;
  readonly for?: string;
}

/** What is said of an instance with which that was done. */
const SAID = {
  pause(name, { pause }, { cli: { operate }, formats }) {
    const until = pause?.until ?? null;
    return until === null ? operate.paused(name) : operate.pausedUntil(name, formats.time(Date.parse(until)));
  },
  resume: (name, _, { cli }) => cli.operate.resumed(name),
  reset: (name, _, { cli }) => cli.operate.reset(name),
  ack(name, { acknowledged }, { cli, formats }) {
    const until = acknowledged?.until ?? null;
    return cli.operate.acknowledged(name, until === null ? null : formats.time(Date.parse(until)));
  },
} satisfies Readonly<Record<string, (name: string, instance: InstanceView, speech: Speech) => string>>;

/** What has the daemon do something with instances, one after the other. */
export function actOn(action: keyof typeof SAID) {
  return async (names: readonly string[], options: ForSome, terminal: Terminal): Promise<ExitCode> => {
    const { client, speech, requestedBy } = await connect(options, terminal);
    const reason = options.reason ?? (action === 'pause' ? speech.cli.operate.noReason : undefined);
    const body = { reason, requestedBy, ...durationOf(options) };
    for (const name of names) {
      terminal.write(`${SAID[action](name, await client.act(name, action, body), speech)}\n`);
    }
    return 0;
  };
}

/** Lets restarts of an account go on that a running daemon holds because restarts did harm. */
export async function release(account: string, options: DaemonOptions, terminal: Terminal): Promise<ExitCode> {
  const { client, speech, requestedBy } = await connect(options, terminal);
  const released = await client.release(account, requestedBy);
  terminal.write(`${speech.cli.operate.released(account, speech.count(released))}\n`);
  return 0;
}

/** Has the running daemon probe instances now. Ends with 1 when one of them is not healthy. */
export async function probeNow(
  names: readonly string[],
  options: DaemonOptions & { readonly json: boolean },
  terminal: Terminal,
): Promise<ExitCode> {
  if (names.length === 0) throw new UsageError('name the instances that the daemon is to probe now');
  const { client, speech } = await connect(options, terminal);
  const probed: InstanceView[] = [];
  const remedies = new Map<string, string>();
  for (const each of names) {
    const { instance, remedy } = await client.probe(each);
    probed.push(instance);
    if (remedy !== null) remedies.set(instance.name, translateRemedy(speech, remedy));
  }
  if (options.json) {
    terminal.write(`${printableJson(probed, 2)}\n`);
  } else {
    const { columns, phases, verdicts } = speech.cli;
    const naming = namingColumns(probed, speech);
    const head = [columns.name, ...naming.map((column) => column.head), columns.verdict, columns.cause, columns.took];
    const rows = probed.map((instance) => {
      const { name, phase, lastProbe } = instance;
      const cells = [name, ...naming.map(({ cell }) => cell(instance))];
      if (lastProbe === null) return [...cells, '', '', '', phases[phase], ''];
      const { verdict, cause, detail, seconds } = lastProbe;
      const about = speech.about(cause, detail, remedies.get(name));
      return [...cells, verdicts[verdict], cause, speech.formats.amount(seconds), phases[phase], about];
    });
    terminal.write(renderTable([...head, columns.phase, columns.detail], rows));
  }
  return probed.every(({ lastProbe }) => lastProbe?.verdict === 'healthy') ? 0 : 1;
}

/** Has the running daemon read its config again. */
export async function reload(
  options: DaemonOptions & { readonly force: boolean },
  terminal: Terminal,
): Promise<ExitCode> {
  const { client, speech } = await connect(options, terminal);
  const outcome = await client.reload(options.force);
  const { operate } = speech.cli;
  if (!outcome.ok) {
    terminal.writeError(`${speech.error(outcome.detail)}\n${speech.problems(outcome.problems)}\n`);
    return 1;
  }
  const { added, removed, changed, waitingForRestart } = outcome;
  const { count } = speech;
  terminal.write(`${operate.reloaded(count(added), count(removed), count(changed))}\n`);
  if (waitingForRestart.length > 0) terminal.write(`${operate.waitingForRestart(waitingForRestart.join(', '))}\n`);
  return 0;
}

function durationOf({ for: text }: ForSome): { readonly for?: string } {
  if (text === undefined) return {};
  const duration = parseDuration(text);
  if (duration === null || duration <= 0) throw new UsageError('--for wants a duration, such as 30m, 2h or 1d12h');
  return { for: text };
}
